"""Runs migrations inside the transaction that the store has begun."""

from alembic import context

from tutela.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
