"""The Merkle tree of RFC 6962, section 2.1, grown leaf by leaf; inclusion proofs as in RFC 9162, section 2.1.3."""

import hashlib
from collections.abc import Sequence


def _leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def _node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class MerkleTree:
    """The hash of a growing list of leaves, with memory for one hash for each bit of `size`.

    `_peaks` are the roots of the full subtrees, the largest and leftmost first: one for each bit set in `size`.
    """

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Adds one leaf of any length at the right."""
        node, full = _leaf_hash(leaf), self.size
        while full & 1:
            node = _node_hash(self._peaks.pop(), node)
            full >>= 1
        self._peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The 32-byte Merkle tree hash of the leaves so far; without leaves, SHA-256 of nothing."""
        if not self._peaks:
            return hashlib.sha256().digest()
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = _node_hash(peak, root)
        return root


def _parents(level: Sequence[bytes]) -> list[bytes]:
    paired = len(level) & ~1
    nodes = [_node_hash(level[at], level[at + 1]) for at in range(0, paired, 2)]
    return [*nodes, *level[paired:]]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The 32-byte hashes that lead from leaf `index` (from 0) to the root, lowest first.

    Raises IndexError where there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"no leaf {index} among {len(leaves)}")
    level = [_leaf_hash(leaf) for leaf in leaves]
    proof: list[bytes] = []
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            proof.append(level[sibling])
        level, index = _parents(level), index >> 1
    return proof


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that `leaf` is number `index` of the `size` leaves under `root` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last = _leaf_hash(leaf), size - 1
    for sibling in proof:
        if last == 0:
            return False
        if index & 1 or index == last:
            node = _node_hash(sibling, node)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            node = _node_hash(node, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and node == root
