"""Who leads to whom: pairs, hubs, communities, and handles that may be anybody's."""

import numpy as np
import pytest
from msgspec.structs import replace

from measures.conftest import cells, chat, measured, notes, observed, post
from tutela.measures import Observations, evidence
from tutela.measures.network import pagerank
from tutela.model import Channel, ChannelKind, Forward, Link, LinkKind, Post, Pseudonym


def leads(number: int, source: str, target: str, kind: str = "forward") -> Post:
    made = post(number, channel=source)
    if kind == "forward":
        return replace(made, forwarded=Forward(Pseudonym(target)))
    return replace(made, links=(Link(LinkKind(kind), Pseudonym(target)),))


def seen(*posts: Post, channels: list[Channel] | None = None) -> Observations:
    return observed([(each, ()) for each in posts], channels=channels or [])


def test_a_pair_counts_once_and_its_messages_are_counted_beside_it() -> None:
    found = measured(seen(*(leads(n, "ch-a", "ch-b") for n in range(3)), post(9, channel="ch-b")))["promotion_edges"]
    assert (found.value, found.low, found.high) == (1, 1, 1)
    assert cells(found, "edge") == {"ch-a ch-b": 3}
    assert cells(found, "kind") == {"forward": 1}
    assert notes(found, "hub") == {"ch-a": "0 in, 1 out", "ch-b": "1 in, 0 out"}


def test_a_handle_of_a_channel_that_was_not_observed_counts_in_the_upper_bound_only() -> None:
    posts = (leads(1, "ch-a", "ch-x", "mention"), leads(2, "ch-a", "ch-b", "link"))
    found = measured(seen(*posts))["promotion_edges"]
    assert (found.value, found.low, found.high) == (1, 1, 2)


def test_a_handle_leads_to_the_channel_that_has_it() -> None:
    named = Channel(Pseudonym("ch-b"), ChannelKind.PUBLIC_CHANNEL, (Pseudonym("ch-handle"),))
    found = measured(seen(leads(1, "ch-a", "ch-handle", "mention"), channels=[named]))["promotion_edges"]
    assert (found.value, found.high) == (1, 1)
    assert cells(found, "edge") == {"ch-a ch-b": 1}


def test_what_leads_to_itself_or_to_a_person_is_no_connection() -> None:
    found = measured(seen(leads(1, "ch-a", "ch-a"), leads(2, "ch-a", "pe-1")))["promotion_edges"]
    assert (found.value, found.high, found.parts) == (0, 0, ())


def test_a_channel_without_connections_is_no_hub() -> None:
    found = measured(seen(leads(1, "ch-a", "ch-x"), post(2, channel="ch-alone")))["promotion_edges"]
    assert list(cells(found, "hub")) == ["ch-a"]
    assert notes(found, "kind") == {"forward": "seen 1 time"}
    assert found.note == "1 of them leads to a channel that was not observed."


def test_the_hub_has_the_highest_score_and_scores_add_up() -> None:
    posts = [leads(n, source, "ch-hub") for n, source in enumerate(("ch-a", "ch-b", "ch-c"))]
    found = measured(seen(*posts, post(1, channel="ch-hub")))["promotion_edges"]
    scores = {key: float(value or 0) for key, value in cells(found, "hub").items()}
    assert max(scores, key=scores.__getitem__) == "ch-hub"
    assert sum(scores.values()) == pytest.approx(1)


def test_page_rank_is_the_known_one_of_a_small_graph() -> None:
    """The solution of the linear system, by hand."""
    pairs = {(0, 1): 1, (1, 2): 1, (2, 0): 1, (0, 2): 1}
    move = np.array([[0, 0.5, 0.5], [0, 0, 1], [1, 0, 0]])
    exact = np.linalg.solve(np.eye(3) - 0.85 * move.T, np.full(3, 0.05))
    assert pagerank(pairs, 3) == pytest.approx(exact, abs=1e-6)


def two_groups(between: int = 0) -> list[Post]:
    """Two groups of four channels, each connected throughout."""
    groups = [[f"ch-{group}{n}" for n in range(4)] for group in "ab"]
    inside = [(s, t) for group in groups for s in group for t in group if s != t]
    across = [(groups[0][0], groups[1][0])] * between
    return [leads(n, source, target) for n, (source, target) in enumerate(inside * 3 + across)]


def test_two_groups_are_two_communities_though_a_message_joins_them() -> None:
    found = measured(seen(*two_groups(between=2)))["communities"]
    assert found.value == 2
    assert found.low <= 2 <= found.high
    assert set(cells(found, "channel").values()) == {1, 2}
    of = cells(found, "channel")
    assert of["ch-a0"] == of["ch-a3"] != of["ch-b0"] == of["ch-b3"]


def test_channels_that_lead_to_the_same_place_belong_together() -> None:
    posts = [leads(n, source, "ch-far") for n, source in enumerate(("ch-a", "ch-b", "ch-c"))]
    assert measured(seen(*posts))["communities"].value == 1
    alone = [leads(n, source, f"ch-far{n}") for n, source in enumerate(("ch-a", "ch-b", "ch-c"))]
    assert measured(seen(*alone))["communities"].value == 0


def test_the_same_messages_in_another_order_give_the_same_network() -> None:
    posts = two_groups(between=2)
    channels = [chat(ref) for ref in sorted({each.channel for each in posts})]
    once, again = seen(*posts, channels=channels), seen(*reversed(posts), channels=channels)
    for name in ("promotion_edges", "communities"):
        assert measured(once)[name] == measured(again)[name]


def test_the_evidence_names_every_message_that_connects() -> None:
    rows = list(evidence(seen(*two_groups(), leads(999, "ch-a0", "ch-far", "link")))["promotion_edges"].rows)
    assert len(rows) == 2 * 12 * 3 + 1
    assert rows[-1][0] == "ch-a0"
    assert rows[-1][2:] == ("link", "ch-far", "no")
