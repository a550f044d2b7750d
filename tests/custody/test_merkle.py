"""The tree is that of RFC 6962; proofs are those of RFC 9162."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracles.merkle import audit_path, tree_hash
from tutela.custody import MerkleTree, inclusion_proof, verify_inclusion

# The reference data of Certificate Transparency: eight leaves, and the root after each number of them.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
some_leaves = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


def grown(leaves: list[bytes]) -> MerkleTree:
    tree = MerkleTree()
    for leaf in leaves:
        tree.append(leaf)
    return tree


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    assert grown(LEAVES[:size]).root().hex() == ROOTS[size]
    assert tree_hash(LEAVES[:size]).hex() == ROOTS[size]


@given(some_leaves)
def test_the_growing_tree_agrees_with_the_definition_after_every_leaf(leaves: list[bytes]) -> None:
    tree = MerkleTree()
    for size, leaf in enumerate(leaves, start=1):
        tree.append(leaf)
        assert (tree.size, tree.root()) == (size, tree_hash(leaves[:size]))


def test_a_node_cannot_pass_for_a_leaf() -> None:
    """Without the prefixes, one leaf made of two hashes would have the root of two leaves."""
    left, right = (grown([leaf]).root() for leaf in LEAVES[:2])
    assert grown([left + right]).root() != grown(LEAVES[:2]).root()


@given(some_leaves, st.data())
def test_proofs_are_those_of_the_definition_and_hold(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = inclusion_proof(leaves, index)
    assert proof == audit_path(index, leaves)
    assert verify_inclusion(leaves[index], index, len(leaves), proof, tree_hash(leaves))


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=40, unique=True), st.data())
def test_a_proof_shows_nothing_else(leaves: list[bytes], data: st.DataObject) -> None:
    """Another leaf, place, root, or a proof that is shortened, lengthened or changed in one bit, is refused."""
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof, size, root = inclusion_proof(leaves, index), len(leaves), tree_hash(leaves)
    other = data.draw(st.integers(-2, size + 2).filter(lambda place: place != index))
    assert not verify_inclusion(leaves[index], other, size, proof, root)
    assert not verify_inclusion(leaves[index] + b"\x00", index, size, proof, root)
    assert not verify_inclusion(leaves[index], index, size, [*proof, root], root)
    assert not verify_inclusion(leaves[index], index, size, proof, tree_hash([*leaves, b""]))
    if proof:
        level = data.draw(st.integers(0, len(proof) - 1))
        bit = data.draw(st.integers(0, 255))
        flipped = (int.from_bytes(proof[level]) ^ 1 << bit).to_bytes(32)
        assert not verify_inclusion(leaves[index], index, size, [*proof[:level], flipped, *proof[level + 1 :]], root)
        assert not verify_inclusion(leaves[index], index, size, [*proof[:level], *proof[level + 1 :]], root)


@pytest.mark.parametrize("index", [-1, 8])
def test_there_is_no_proof_for_a_leaf_that_is_not_there(index: int) -> None:
    with pytest.raises(IndexError):
        inclusion_proof(LEAVES, index)
    assert not verify_inclusion(LEAVES[0], index, 8, [], bytes(32))
