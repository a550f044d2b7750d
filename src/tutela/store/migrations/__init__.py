"""Alembic's migrations, one file for each revision."""
