"""Medoid clusters word for word: every pair compared, one code at a time, without a thought for time."""


def distance(left: bytes, right: bytes) -> int:
    """Bits in which two codes differ."""
    return (int.from_bytes(left) ^ int.from_bytes(right)).bit_count()


def clusters(codes: list[bytes], threshold: int) -> list[int]:
    """For each code the index of its medoid: the first of the codes that are equal to it."""
    numbers = [int.from_bytes(code) for code in codes]
    near = {i: {j for j in set(numbers) if (i ^ j).bit_count() <= threshold} for i in set(numbers)}
    mass = {i: sum(j in near[i] for j in numbers) for i in near}
    medoid: dict[int, int] = {}
    for i in sorted(near, key=lambda i: (-mass[i], i)):
        if i not in medoid:
            medoid |= {j: i for j in near[i] if j not in medoid}
    return [numbers.index(medoid[i]) for i in numbers]
