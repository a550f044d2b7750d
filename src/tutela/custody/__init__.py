"""The record of what was done: an append-only Merkle log, signed, with an offline verifier (`docs/custody.md`)."""

from tutela.custody.commitments import Opening, verify_opening
from tutela.custody.errors import CustodyError
from tutela.custody.lines import Checkpoint, Event, JsonValue, parse_line
from tutela.custody.log import LOG_NAME, CustodyLog
from tutela.custody.manifest import Problem, add_manifest, commit_manifest
from tutela.custody.merkle import MerkleTree, inclusion_proof, verify_inclusion
from tutela.custody.signing import Signer, verify_checkpoint
from tutela.custody.verification import Verification, verify

__all__ = [
    "LOG_NAME",
    "Checkpoint",
    "CustodyError",
    "CustodyLog",
    "Event",
    "JsonValue",
    "MerkleTree",
    "Opening",
    "Problem",
    "Signer",
    "Verification",
    "add_manifest",
    "commit_manifest",
    "inclusion_proof",
    "parse_line",
    "verify",
    "verify_checkpoint",
    "verify_inclusion",
    "verify_opening",
]
