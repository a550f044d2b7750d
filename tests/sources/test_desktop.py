"""Telegram Desktop's export: what of it becomes posts, what is refused, and what damage costs."""

import hashlib
import json
import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sources.conftest import channels, chat, exported, message, numbers, opened, posts
from tutela.model import (
    AttachmentKind,
    Channel,
    ChannelKind,
    Forward,
    Link,
    LinkKind,
    Money,
    Poll,
    PollAnswer,
    Post,
    PostKind,
    Reaction,
    SkipCode,
    When,
)
from tutela.sources import Pseudonymiser

LOCAL = datetime.fromisoformat("2023-05-01T14:00:00")
LEFT_OUT = "(File not included. Change data exporting settings to download.)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "result.json"


def one(path: Path, /, **fields: Any) -> Post:
    """The only post of a chat with one message."""
    [post] = posts(opened(path, chat(message(**fields))))
    return post


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("public_channel", ChannelKind.PUBLIC_CHANNEL),
        ("private_channel", ChannelKind.PRIVATE_CHANNEL),
        ("public_supergroup", ChannelKind.PUBLIC_GROUP),
        ("private_supergroup", ChannelKind.PRIVATE_GROUP),
        ("private_group", ChannelKind.PRIVATE_GROUP),
    ],
)
def test_channels_and_groups_are_read(path: Path, pseudonyms: Pseudonymiser, written: str, kind: ChannelKind) -> None:
    source = opened(path, chat(message(), kind=written))
    assert channels(source) == [Channel(pseudonyms.channel("777"), kind)]
    assert source.account.posts == 1


@pytest.mark.parametrize("kind", ["personal_chat", "bot_chat", "saved_messages", "replies", "verification_codes"])
def test_a_personal_chat_is_refused_as_a_whole(path: Path, kind: str) -> None:
    source = opened(path, chat(message(), message(2), kind=kind))
    assert list(source.read()) == []
    assert source.account.refused == {kind: 1}
    assert source.account.damaged == 0


@pytest.mark.parametrize("kind", [None, "group_of_tomorrow", "Ada Example", 7])
def test_a_chat_of_unknown_type_is_refused_without_repeating_it(path: Path, kind: Any) -> None:
    source = opened(path, chat(message(), kind=kind))
    assert list(source.read()) == []
    assert source.account.refused == {"unknown_type": 1}


def account() -> dict[str, Any]:
    people = {"about": "…", "list": [{"first_name": "Ada", "messages": [message(90)]}]}
    return {
        "about": "an export",
        "personal_information": {"first_name": "Ada", "phone_number": "+000"},
        "contacts": people,
        "frequent_contacts": people,
        "sessions": people,
        "web_sessions": people,
        "chats": {
            "about": "…",
            "list": [
                chat(message(1), kind="personal_chat", number=1),
                chat(message(2), message(3), number=2),
                chat(message(4), kind="saved_messages", number=3),
                chat(message(5), kind="personal_chat", number=4),
                chat(message(6), kind="private_supergroup", number=5),
            ],
        },
        "left_chats": {"about": "…", "list": [chat(message(7), number=6)]},
    }


def test_of_an_account_only_channels_and_groups_are_read_left_ones_too(path: Path, pseudonyms: Pseudonymiser) -> None:
    source = opened(path, account())
    found = posts(source)
    refs = [pseudonyms.channel(number) for number in ("2", "2", "5", "6")]
    assert [(post.id, post.channel) for post in found] == list(zip([2, 3, 6, 7], refs, strict=True))
    assert source.account.refused == {
        "personal_information": 1,
        "contacts": 1,
        "frequent_contacts": 1,
        "sessions": 1,
        "web_sessions": 1,
        "personal_chat": 2,
        "saved_messages": 1,
    }


def test_type_and_number_may_stand_behind_the_messages(path: Path) -> None:
    """As in a file whose keys were sorted by another program: nothing personal slips through."""
    listed = [chat(message(1), kind="personal_chat"), chat(message(2)), chat(message(3), kind="bot_chat")]
    source = opened(path, {"chats": {"list": [dict(reversed(entry.items())) for entry in listed]}})
    assert numbers(posts(source)) == [2]
    assert source.account.refused == {"personal_chat": 1, "bot_chat": 1}


def test_a_chat_without_a_number_counts_as_damaged(path: Path) -> None:
    source = opened(path, chat(message(), number="seven"))
    assert list(source.read()) == []
    assert (source.account.damaged, source.account.places) == (1, ("chat 1: no id",))


def test_new_files_give_both_times(path: Path) -> None:
    assert one(path).when == When(datetime(2023, 5, 1, 12, tzinfo=UTC), LOCAL)


@pytest.mark.parametrize("seconds", ["", "1682942400"])
def test_a_date_that_names_its_zone_is_exact(path: Path, seconds: str) -> None:
    post = one(path, date="2023-05-01T14:00:00+02:00", date_unixtime=seconds)
    assert post.when == When(datetime(2023, 5, 1, 12, tzinfo=UTC), None)


def test_old_files_give_local_time_only(path: Path) -> None:
    old = message()
    del old["date_unixtime"]
    [post] = posts(opened(path, chat(old)))
    assert post.when == When(None, LOCAL)


@pytest.mark.parametrize("bad", [None, 5, "", "yesterday", "2023-05-01", [], "99999999999999999999", True, "-"])
def test_a_time_that_is_none_is_unknown(path: Path, bad: Any) -> None:
    assert one(path, date=bad, date_unixtime="x").when == When(None, None)
    if type(bad) is not int:
        assert one(path, date="", date_unixtime=bad).when == When(None, None)


@pytest.mark.parametrize(
    ("edited", "expected"), [("2023-05-01T15:00:00", True), ("1970-01-01T03:00:00", False), ("", False), (None, False)]
)
def test_edits_are_noted_but_not_the_year_zero_of_old_exporters(path: Path, edited: Any, expected: bool) -> None:
    assert one(path, edited=edited).edited is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        (["a ", {"type": "bold", "text": "b"}, " c"], "a b c"),
        ([{"type": "link"}, None, 5, {"text": ["x"]}], ""),
        (None, ""),
        (7, ""),
    ],
)
def test_text_is_put_together_from_its_parts(path: Path, text: Any, expected: str) -> None:
    assert one(path, text=text).text == expected


@pytest.mark.parametrize("kind", list(PostKind))
def test_service_lines_and_unsupported_messages_are_posts(path: Path, kind: PostKind) -> None:
    [post] = posts(opened(path, chat({"id": -5, "type": kind.value})))
    assert (post.id, post.kind, post.when) == (-5, kind, When(None, None))


def test_a_service_line_has_its_action_and_its_actor_but_no_member_names(path: Path, pseudonyms: Pseudonymiser) -> None:
    service = {"type": "service", "actor": "Ada", "actor_id": "user9", "action": "invite_members", "members": ["Bo"]}
    [post] = posts(opened(path, chat({"id": 1} | service)))
    assert (post.action, post.author) == ("invite_members", pseudonyms.person("9"))
    assert "Bo" not in repr(post)


@pytest.mark.parametrize("action", ["Ada Example", "", 5, None, "x" * 65])
def test_an_action_that_is_no_plain_word_is_dropped(path: Path, action: Any) -> None:
    assert one(path, action=action).action is None


@pytest.mark.parametrize(
    ("from_id", "kind", "number"),
    [
        ("user42", "person", "42"),
        ("channel42", "channel", "42"),
        ("chat42", "channel", "42"),
        (42, "person", "42"),
        ((1 << 32) + 42, "person", "42"),
        ((2 << 32) + 42, "channel", "42"),
        ("robot42", "person", "name:Garden club"),
        (None, "person", "name:Garden club"),
    ],
)
def test_authors_in_old_and_new_form(
    path: Path, pseudonyms: Pseudonymiser, from_id: Any, kind: str, number: str
) -> None:
    expected = pseudonyms.person(number) if kind == "person" else pseudonyms.channel(number)
    assert one(path, from_id=from_id).author == expected


def test_a_message_without_sender_has_no_author(path: Path) -> None:
    assert one(path, from_id=None, **{"from": None}).author is None


def test_forwards_name_their_origin_as_far_as_the_file_does(path: Path, pseudonyms: Pseudonymiser) -> None:
    assert one(path).forwarded is None
    assert one(path, forwarded_from=None).forwarded == Forward(None)
    named = one(path, forwarded_from="Rose club").forwarded
    assert named == Forward(pseudonyms.person("name:Rose club"))
    linked = one(path, forwarded_from="Rose club", forwarded_from_id="channel9").forwarded
    assert linked == Forward(pseudonyms.channel("9"))


def test_replies_polls_reactions_and_buttons(path: Path) -> None:
    answers = [{"text": "Yes", "voters": 3, "chosen": False}, {"text": [{"text": "No"}], "voters": None}]
    post = one(
        path,
        reply_to_message_id=-7,
        poll={"question": ["Water ", {"text": "today?"}], "closed": True, "total_voters": 3, "answers": answers},
        reactions=[
            {"type": "emoji", "count": 12, "emoji": "🔥", "recent": [{"from": "Ada", "from_id": "user9"}]},
            {"type": "custom_emoji", "count": 2, "document_id": "stickers/a.webp"},
            {"type": "paid", "count": 1},
            {"type": "emoji", "count": None, "emoji": "👍"},
        ],
        inline_bot_buttons=[[{"type": "callback", "text": "👍 41", "data": "x"}, {}], None, [{"text": "Buy"}]],
    )
    assert post.reply_to == -7
    assert post.poll == Poll("Water today?", (PollAnswer("Yes", 3), PollAnswer("No", None)), 3, True, None)
    assert post.reactions == (Reaction("🔥", 12), Reaction("custom", 2), Reaction("paid", 1))
    assert post.buttons == ("👍 41", "", "Buy")
    assert "Ada" not in repr(post)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"photo": LEFT_OUT}, AttachmentKind.PHOTO),
        ({"file": LEFT_OUT, "media_type": "sticker"}, AttachmentKind.STICKER),
        ({"file": LEFT_OUT, "media_type": "video_message"}, AttachmentKind.VIDEO_MESSAGE),
        ({"file": LEFT_OUT, "media_type": "voice_message", "mime_type": "audio/ogg"}, AttachmentKind.VOICE_MESSAGE),
        ({"file": LEFT_OUT, "media_type": "animation", "mime_type": "video/mp4"}, AttachmentKind.ANIMATION),
        ({"file": LEFT_OUT, "media_type": "video_file"}, AttachmentKind.VIDEO),
        ({"file": LEFT_OUT, "media_type": "audio_file"}, AttachmentKind.AUDIO),
        ({"file": LEFT_OUT, "mime_type": "image/png"}, AttachmentKind.IMAGE_DOCUMENT),
        ({"file": LEFT_OUT, "mime_type": "video/mp4"}, AttachmentKind.VIDEO),
        (
            {"file": LEFT_OUT, "mime_type": "application/octet-stream", "file_name": "A.JPG"},
            AttachmentKind.IMAGE_DOCUMENT,
        ),
        ({"file": "files/a.webp"}, AttachmentKind.IMAGE_DOCUMENT),
        ({"file": "files/a.pdf", "mime_type": "application/pdf"}, AttachmentKind.DOCUMENT),
        ({"file": "files/a", "media_type": 7, "mime_type": None}, AttachmentKind.DOCUMENT),
    ],
)
def test_what_kind_of_attachment_a_file_is(path: Path, fields: dict[str, Any], kind: AttachmentKind) -> None:
    [attachment] = one(path, **fields).attachments
    assert attachment.kind is kind


@pytest.mark.parametrize(
    "sentence",
    [
        LEFT_OUT,
        "(File unavailable, please try again later)",
        "(File exceeds maximum size. Change data exporting settings to download.)",
        "(Photo not included. Change data exporting settings to download.)",
        "a.mp4 (File not included. Change data exporting settings to download.)",
        "",
    ],
)
def test_a_sentence_in_the_place_of_a_path_means_not_included(path: Path, sentence: str) -> None:
    [attachment] = one(path, photo=sentence, photo_file_size=99).attachments
    assert attachment.path is None and attachment.absent is not None
    assert (attachment.absent.code, attachment.size) == (SkipCode.NOT_INCLUDED, 99)


def test_a_file_that_is_there_has_its_path(path: Path) -> None:
    (path.parent / "photos").mkdir()
    (path.parent / "photos" / "a (1).jpg").write_bytes(b"not really")
    [attachment] = one(path, photo="photos/a (1).jpg").attachments
    assert attachment.absent is None
    assert attachment.path == (path.parent / "photos" / "a (1).jpg").resolve()


@pytest.mark.parametrize("name", ["photos/none.jpg", "photos", "a\0b.jpg", "\ud800.jpg", "x" * 9000, "result.json/a"])
def test_a_file_that_is_not_there_is_missing(path: Path, name: str) -> None:
    (path.parent / "photos").mkdir()
    path.write_text(json.dumps(chat(message(photo=name))))
    [attachment] = one(path, photo="photos/none.jpg" if "\ud800" in name else name).attachments
    assert attachment.absent is not None and attachment.absent.code is SkipCode.MISSING


@pytest.mark.parametrize(
    "name",
    ["../secret.jpg", "photos/../../secret.jpg", "{outside}/secret.jpg", "link.jpg", "way/secret.jpg", "C:\\a.jpg"],
)
def test_a_path_out_of_the_export_is_never_followed(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "export"
    inside.mkdir()
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    (inside / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    (inside / "way").symlink_to(tmp_path)
    [attachment] = one(inside / "result.json", photo=name.format(outside=tmp_path)).attachments
    assert attachment.path is None and attachment.absent is not None
    assert attachment.absent.code is SkipCode.OUTSIDE
    assert "secret" not in attachment.absent.reason


def test_outside_is_said_before_anything_is_looked_up(tmp_path: Path) -> None:
    """Otherwise an export could ask which files exist on the machine."""
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "loop").symlink_to("loop")
    [attachment] = one(tmp_path / "export" / "result.json", photo="../none.jpg").attachments
    assert attachment.absent is not None and attachment.absent.code is SkipCode.OUTSIDE
    [attachment] = one(tmp_path / "export" / "result.json", photo="loop").attachments
    assert attachment.absent is not None and attachment.absent.code is SkipCode.MISSING


def test_a_pipe_is_no_file(path: Path) -> None:
    os.mkfifo(path.parent / "pipe.jpg")
    [attachment] = one(path, photo="pipe.jpg").attachments
    assert attachment.absent is not None and attachment.absent.code is SkipCode.MISSING


def test_links_in_texts_behind_words_and_on_buttons(path: Path, pseudonyms: Pseudonymiser) -> None:
    post = one(
        path,
        text=[
            "see ",
            {"type": "mention", "text": "@RoseClub"},
            " or ",
            {"type": "text_link", "text": "here", "href": "https://t.me/c/1234567890/5"},
            ": ",
            {"type": "link", "text": "t.me/tulips"},
            "\n",
            {"type": "mention_name", "text": "Ada", "user_id": 9},
        ],
        inline_bot_buttons=[
            [{"type": "url", "text": "Come", "data": "https://t.me/+AAAAAEx4mple"}],
            [{"type": "callback", "text": "No", "data": "https://t.me/never"}],
        ],
    )
    assert set(post.links) == {
        Link(LinkKind.MENTION, pseudonyms.channel("@roseclub")),
        Link(LinkKind.LINK, pseudonyms.channel("1234567890")),
        Link(LinkKind.LINK, pseudonyms.channel("@tulips")),
        Link(LinkKind.LINK, pseudonyms.channel("invite:AAAAAEx4mple")),
    }
    assert one(path, text="no link / none: at all").links == ()


def test_a_link_by_number_leads_to_the_channel_itself(path: Path) -> None:
    post = one(path, text="https://t.me/c/777/5")
    assert post.links == (Link(LinkKind.LINK, post.channel),)


def test_those_who_reacted_are_pseudonyms_and_come_once(path: Path, pseudonyms: Pseudonymiser) -> None:
    recent = [
        {"from": "Ada", "from_id": "user9", "date": "2023-05-01T14:00:00"},
        {"from": "Bo", "from_id": None},
        {"from": "Club", "from_id": "channel5"},
        {"from": None},
        None,
    ]
    twice = [
        {"type": "emoji", "emoji": "🔥", "count": 4, "recent": recent},
        {"type": "paid", "count": 1, "recent": recent},
    ]
    expected = (pseudonyms.person("9"), pseudonyms.person("name:Bo"), pseudonyms.channel("5"))
    assert one(path, reactions=twice).reactors == expected
    assert one(path, reactions=[{"type": "emoji", "emoji": "🔥", "count": 4}]).reactors == ()


@pytest.mark.parametrize(
    ("fields", "joined"),
    [
        ({"action": "invite_members", "members": ["Bo", "Cy", None, "Bo"]}, ["name:Bo", "name:Cy"]),
        ({"action": "invite_members", "members": ["Ada"]}, ["9"]),
        ({"action": "invite_members"}, []),
        ({"action": "join_group_by_link", "inviter": "Bo"}, ["9"]),
        ({"action": "join_group_by_request"}, ["9"]),
        ({"action": "remove_members", "members": ["Bo"]}, []),
        ({"members": ["Bo"]}, []),
    ],
)
def test_who_came_in(path: Path, pseudonyms: Pseudonymiser, fields: dict[str, Any], joined: list[str]) -> None:
    service = {"id": 1, "type": "service", "actor": "Ada", "actor_id": "user9"}
    [post] = posts(opened(path, chat(service | fields)))
    assert post.joined == tuple(pseudonyms.person(name) for name in joined)


@pytest.mark.parametrize(
    ("fields", "paid"),
    [
        ({"action": "send_payment", "amount": 1250, "currency": "EUR"}, Money(Decimal("12.50"), "EUR")),
        ({"action": "send_payment", "amount": 500, "currency": "JPY"}, Money(Decimal(500), "JPY")),
        ({"action": "send_payment", "amount": 1500, "currency": "KWD"}, Money(Decimal("1.5"), "KWD")),
        ({"action": "send_payment", "amount": 25, "currency": "XTR"}, Money(Decimal(25), "XTR")),
        ({"action": "refunded_payment", "amount": 25, "currency": "XTR"}, Money(Decimal(-25), "XTR")),
        ({"action": "send_stars_gift", "cost": "€ 9,99", "stars": 500}, Money(Decimal(500), "XTR")),
        ({"action": "send_star_gift", "stars": 15}, Money(Decimal(15), "XTR")),
        ({"action": "send_payment", "amount": 0, "currency": "EUR"}, None),
        ({"action": "send_payment", "amount": -5, "currency": "EUR"}, None),
        ({"action": "send_payment", "amount": "12", "currency": "EUR"}, None),
        ({"action": "send_payment", "amount": 12}, None),
        ({"action": "send_payment", "amount": 12, "currency": "Ada"}, None),
        ({"action": "send_payment", "amount": 12, "currency": "LEE"}, None),
        ({"action": "refunded_payment", "amount": 12, "currency": "LEE"}, None),
        ({"action": "stars_prize", "stars": 12}, None),
        ({"amount": 12, "currency": "EUR"}, None),
    ],
)
def test_payments_that_service_lines_report(path: Path, fields: dict[str, Any], paid: Money | None) -> None:
    [post] = posts(opened(path, chat({"id": 1, "type": "service"} | fields)))
    assert (post.paid, post.asked) == (paid, None)


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        (
            {"invoice_information": json.dumps({"title": "x", "amount": 499, "currency": "USD"}, indent=1)},
            Money(Decimal("4.99"), "USD"),
        ),
        ({"invoice_information": {"amount": 499, "currency": "USD"}}, Money(Decimal("4.99"), "USD")),
        ({"invoice_information": {"amount": 499, "currency": "LEE"}}, None),
        ({"invoice_information": "no JSON"}, None),
        ({"invoice_information": "[" * 5000}, None),
        ({"invoice_information": 5}, None),
        ({"paid_stars_amount": 50}, Money(Decimal(50), "XTR")),
        ({"paid_stars_amount": 0}, None),
        ({}, None),
    ],
)
def test_prices_of_invoices_and_paid_media(path: Path, fields: dict[str, Any], asked: Money | None) -> None:
    post = one(path, **fields)
    assert (post.asked, post.paid) == (asked, None)


def test_thumbnails_and_what_is_about_people_never_show(path: Path) -> None:
    (path.parent / "thumb.jpg").write_bytes(b"pixels")
    post = one(
        path,
        file=LEFT_OUT,
        thumbnail="thumb.jpg",
        via_bot="@ada_bot",
        author="Ada",
        saved_from="Ada",
        contact_information={"first_name": "Ada", "phone_number": "+000"},
        text_entities=[{"type": "mention_name", "text": "Ada", "user_id": 9}],
    )
    assert len(post.attachments) == 1
    assert "Ada" not in repr(post) and "ada" not in repr(post) and "thumb" not in repr(post)


@pytest.mark.parametrize(
    "bad", [None, 5, "text", [], {}, {"id": None, "type": "message"}, {"id": True, "type": "message"}]
)
def test_a_malformed_message_costs_that_message(path: Path, bad: Any) -> None:
    source = opened(path, chat(message(1), bad, message(3)))
    assert numbers(posts(source)) == [1, 3]
    assert (source.account.damaged, source.account.places) == (1, ("chat 1, message 2",))


@pytest.mark.parametrize(
    "bad", [{"id": 2**63, "type": "message"}, {"id": 2, "type": "msg"}, {"id": 2**70, "type": "message"}]
)
def test_a_number_or_type_out_of_range_costs_that_message(path: Path, bad: Any) -> None:
    source = opened(path, chat(message(1), bad, message(3)))
    assert numbers(posts(source)) == [1, 3]
    assert source.account.damaged == 1


@pytest.mark.parametrize("broken", ['He said "hi" twice', "a\nb", 'a"', '"]]'])
def test_a_message_that_is_no_json_costs_that_message(path: Path, broken: str) -> None:
    text = exported(chat(*(message(n) for n in range(1, 6)))).replace('"text": ""', '"text": "BROKEN"')
    parts = text.split("BROKEN")
    source = opened(path, "".join([*(f"{part}{broken if n == 2 else ''}" for n, part in enumerate(parts))]))
    assert numbers(posts(source)) == [1, 2, 4, 5]
    assert source.account.damaged == 1


@pytest.mark.parametrize("number", ["1e999", str(2**70), str(-(10**400))])
def test_a_number_out_of_range_that_nobody_reads_costs_nothing(path: Path, number: str) -> None:
    text = exported(chat(*(message(n, width=5) for n in range(1, 6)))).replace('"width": 5', f'"width": {number}')
    source = opened(path, text)
    assert numbers(posts(source)) == [1, 2, 3, 4, 5]
    assert source.account.damaged == 0


def test_messages_behind_a_break_never_count_for_another_chat(path: Path) -> None:
    """The break hides where the channel ends and the personal chat begins: reading stops there."""
    text = exported({"chats": {"list": [chat(message(1), message(2)), chat(message(3), kind="personal_chat")]}})
    head, tail = text.rsplit('"id": 2,', 1)
    source = opened(path, f'{head}"id": 2, oops{tail}')
    assert numbers(posts(source)) == [1]
    assert source.account.damaged == 1


def test_a_break_in_one_chat_leaves_the_next_ones_readable(path: Path, pseudonyms: Pseudonymiser) -> None:
    first = chat(message(1), message(2), message(3), kind="personal_chat", number=1)
    text = exported(
        {"chats": {"list": [first, chat(message(4), number=2)]}, "left_chats": {"list": [chat(message(5))]}}
    )
    source = opened(path, text.replace('"text": ""', '"text": oops', 1))
    found = posts(source)
    assert [(post.id, post.channel) for post in found] == [(4, pseudonyms.channel("2")), (5, pseudonyms.channel("777"))]
    assert source.account.refused == {"personal_chat": 1}


def test_a_cut_file_keeps_every_message_before_the_cut(path: Path) -> None:
    """Wherever the cut falls, one damage is counted and no message that was whole is lost."""
    text = exported(chat(*(message(n, text="é\\") for n in range(1, 8))))
    ends = [place for place in range(len(text)) if text.startswith("\n  }", place)]
    for cut in range(text.index('"messages"') + 13, len(text) - 1, 7):
        path.write_bytes(text[:cut].encode()[: -1 if cut % 2 else None])
        source = opened(path, text[:cut])
        found = len(posts(source))
        assert found == sum(end + 4 <= cut for end in ends)
        assert source.account.damaged == 1


def test_repairs_are_counted_and_the_hash_is_that_of_the_original(path: Path) -> None:
    text = exported(
        chat(message(1, text="one\\x0C"), message(2, text=[{"type": "custom_emoji", "document_id": "EMOJI"}]))
    )
    broken = text.replace("\\\\x0C", "\\x0C").replace('"EMOJI"', "stickers/a (1).webp")
    source = opened(path, broken)
    assert [post.text for post in posts(source)] == ["one\x0c", ""]
    assert (source.account.repairs, source.account.damaged) == (2, 0)
    assert source.account.sha256 == hashlib.sha256(broken.encode()).hexdigest()


def test_the_hash_is_that_of_the_whole_file_where_reading_ends_early(path: Path) -> None:
    source = opened(path, exported(chat(message(1))) + "}" + " " * 1_000_000)
    assert numbers(posts(source)) == [1]
    assert source.account.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_stands_behind_the_export_counts_as_damage(path: Path) -> None:
    source = opened(path, exported(chat(message())) + "}")
    assert numbers(posts(source)) == [1]
    assert source.account.damaged == 1
