"""Posts that come as blocks, packed or not, come to what they come to one by one."""

from hypothesis import given
from hypothesis import strategies as st

from measures.conftest import measured, observed, patient, post
from measures.test_streams import CHANNELS, Stream, streams
from tutela.measures import Block, Observations, Observer, evidence, pack, pictures, unpack
from tutela.model import IMAGE_KINDS


def by_blocks(stream: Stream, length: int) -> Observations:
    observer = Observer()
    for channel in CHANNELS:
        observer.channel(channel)
    for start in range(0, len(stream), length):
        part = stream[start : start + length]
        block = unpack(pack(observer.digest([each for each, _ in part])), Block)
        fresh = observer.fresh(block)
        images = [
            (row, kind, image)
            for row, (each, seen) in enumerate(part)
            for kind, image in zip([a.kind for a in each.attachments if a.kind in IMAGE_KINDS], seen, strict=True)
            if fresh[row] and block.messages[row]
        ]
        observer.add(block, fresh, pictures(images))
    return observer.finish()


@patient
@given(streams(), st.integers(1, 9))
def test_blocks_come_to_what_posts_one_by_one_come_to(stream: Stream, length: int) -> None:
    one, other = observed(stream, channels=CHANNELS), by_blocks([*stream, *stream], length)
    assert measured(one) == measured(other)
    assert [list(table.rows) for table in evidence(one).values()] == [
        list(table.rows) for table in evidence(other).values()
    ]
    for name in ("channel", "number", "at", "zoned", "kind", "forwarded", "author", "refs"):
        assert getattr(one.posts, name).tolist() == getattr(other.posts, name).tolist()


NUMBERS = st.integers(-3, 600) | st.integers(-(2**62), 2**62) | st.sampled_from([2**63 - 1, -(2**63) + 1, 255, 256])


@patient
@given(st.lists(st.lists(NUMBERS, min_size=1, max_size=12), max_size=4))
def test_a_number_is_fresh_the_first_time_and_never_again(blocks: list[list[int]]) -> None:
    observer, seen = Observer(), set[int]()
    for numbers in blocks:
        expected = []
        for number in numbers:
            expected.append(number not in seen)
            seen.add(number)
        assert observer.fresh(observer.digest([post(number) for number in numbers])).tolist() == expected
