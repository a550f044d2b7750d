"""Search by Hamming distance over arrays; knows nothing of cases."""

from tutela.index.errors import IndexFileError
from tutela.index.hamming import HammingIndex

__all__ = ["HammingIndex", "IndexFileError"]
