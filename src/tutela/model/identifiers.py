"""Names that look alike as strings and must never be mixed up."""

from typing import NewType

CaseRef = NewType("CaseRef", str)
"""What a person quotes, for instance ``TU-7K3M-9QWX``; it opens nothing without the PIN."""

Pin = NewType("Pin", str)
"""Ten digits, shown once. Only an Argon2id hash of it is kept."""

ProtectionId = NewType("ProtectionId", str)
"""One protection, 26 lower-case base-32 characters."""

Pseudonym = NewType("Pseudonym", str)
"""Stands for a channel, a post or a person: keyed HMAC-SHA-256, shortened; means nothing without the key."""
