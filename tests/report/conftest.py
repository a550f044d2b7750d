"""The browser that pages of the report are looked at with."""

from browsers import chromium

__all__ = ["chromium"]
