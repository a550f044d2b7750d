"""Search by Hamming distance, slow and obvious."""


def distance(left: bytes, right: bytes) -> int:
    return sum((a ^ b).bit_count() for a, b in zip(left, right, strict=True))


def search(codes: dict[int, bytes], query: bytes, limit: int) -> list[tuple[int, int]]:
    """(id, distance) of every code within the limit, nearest first, then by id."""
    found = [(number, distance(code, query)) for number, code in codes.items()]
    return sorted(((n, far) for n, far in found if far <= limit), key=lambda hit: (hit[1], hit[0]))
