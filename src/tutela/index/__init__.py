"""Search over arrays of 256-bit codes; knows nothing of cases."""

from tutela.index.hamming import HammingIndex

__all__ = ["HammingIndex"]
