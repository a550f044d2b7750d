"""Telethon dumps, old and new, as an array and as lines."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sources.conftest import channels, entry, exported, lines, numbers, opened, posts, readings
from tutela.model import (
    AttachmentKind,
    Channel,
    ChannelKind,
    ChannelReading,
    ChannelState,
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

PHOTO = {"_": "MessageMediaPhoto", "photo": {"_": "Photo", "sizes": []}}
PIXELS = {"_": "PhotoStrippedSize", "type": "i", "bytes": [1, 40, 36, 209]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dump.json"


def one(path: Path, /, **fields: Any) -> Post:
    [post] = posts(opened(path, [entry(**fields)]))
    return post


@pytest.mark.parametrize("form", [exported, lambda entries: lines(*entries)], ids=["array", "lines"])
def test_an_array_and_lines_give_the_same(path: Path, pseudonyms: Pseudonymiser, form: Any) -> None:
    source = opened(path, form([entry(3), entry(2, _="MessageService"), entry(1)]))
    items = list(source.read())
    assert items[0] == Channel(pseudonyms.channel("777"), ChannelKind.UNKNOWN)
    assert [(post.id, post.kind) for post in items[1:] if isinstance(post, Post)] == [
        (3, PostKind.MESSAGE),
        (2, PostKind.SERVICE),
        (1, PostKind.MESSAGE),
    ]


@pytest.mark.parametrize(
    "peer",
    [
        {"_": "PeerChannel", "channel_id": 777},
        {"_": "PeerChat", "chat_id": 777},
        -1000000000777,
        -777,
    ],
)
@pytest.mark.parametrize("key", ["peer_id", "to_id"])
def test_old_and_new_names_of_the_channel(path: Path, pseudonyms: Pseudonymiser, key: str, peer: Any) -> None:
    message = entry()
    del message["peer_id"]
    [post] = posts(opened(path, [message | {key: peer}]))
    assert post.channel == pseudonyms.channel("777")


@pytest.mark.parametrize("peer", [{"_": "PeerUser", "user_id": 9}, 9])
def test_messages_between_people_are_refused_and_counted_by_chat(path: Path, peer: Any) -> None:
    source = opened(path, [entry(1, peer_id=peer), entry(2, peer_id=peer), entry(3, peer_id=10), entry(4)])
    assert numbers(posts(source)) == [4]
    assert source.account.refused == {"personal_chat": 2}


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2023-05-01T12:00:00+00:00", When(datetime(2023, 5, 1, 12, tzinfo=UTC), None)),
        ("2023-05-01 14:00:00+02:00", When(datetime(2023, 5, 1, 12, tzinfo=UTC), None)),
        (1682942400, When(datetime(2023, 5, 1, 12, tzinfo=UTC), None)),
        ("2023-05-01T12:00:00", When(None, datetime.fromisoformat("2023-05-01T12:00:00"))),
        ("0001-01-01T00:00:00+10:00", When(None, None)),
        (10**15, When(None, None)),
        (None, When(None, None)),
        ("soon", When(None, None)),
    ],
)
def test_dates(path: Path, date: Any, expected: When) -> None:
    assert one(path, date=date).when == expected


@pytest.mark.parametrize(
    ("fields", "origin"),
    [
        ({"from_id": {"_": "PeerChannel", "channel_id": 9}}, ("channel", "9")),
        ({"from_id": {"_": "PeerUser", "user_id": 9}}, ("person", "9")),
        ({"from_id": 9}, ("person", "9")),
        ({"channel_id": 9, "from_id": None}, ("channel", "9")),
        ({"from_id": None, "from_name": "Ada"}, ("person", "name:Ada")),
        ({"from_id": None, "from_name": None}, None),
    ],
)
def test_forwards(path: Path, pseudonyms: Pseudonymiser, fields: dict[str, Any], origin: Any) -> None:
    expected = None if origin is None else getattr(pseudonyms, origin[0])(origin[1])
    assert one(path, fwd_from={"_": "MessageFwdHeader"} | fields).forwarded == Forward(expected)


def test_the_same_person_in_both_kinds_of_source(tmp_path: Path, pseudonyms: Pseudonymiser) -> None:
    author = one(tmp_path / "dump.json", from_id={"_": "PeerUser", "user_id": 123}).author
    assert author == pseudonyms.person("user123")


def test_counts_replies_edits_albums_and_buttons(path: Path, pseudonyms: Pseudonymiser) -> None:
    button = {"_": "KeyboardButtonCallback", "text": "👍 41", "data": [1, 2]}
    post = one(
        path,
        views=10,
        forwards=2,
        grouped_id=13,
        reply_to={"_": "MessageReplyHeader", "reply_to_msg_id": 4},
        edit_date="2023-05-02T00:00:00+00:00",
        message="hello",
        reply_markup={"_": "ReplyInlineMarkup", "rows": [{"_": "KeyboardButtonRow", "buttons": [button]}]},
    )
    assert (post.views, post.forwards, post.reply_to, post.edited, post.text) == (10, 2, 4, True, "hello")
    assert post.album == pseudonyms.album(post.channel, 13)
    assert post.buttons == ("👍 41",)
    assert one(path, reply_to_msg_id=4).reply_to == 4
    assert one(path, edit_date="2023-05-02", edit_hide=True).edited is False
    assert one(path, edit_date=None, grouped_id=None).album is None


def test_reactions_are_counts_and_no_people(path: Path) -> None:
    results = [
        {"reaction": {"_": "ReactionEmoji", "emoticon": "🔥"}, "count": 5},
        {"reaction": "👍", "count": 4},
        {"reaction": {"_": "ReactionCustomEmoji", "document_id": 7}, "count": 3},
        {"reaction": {"_": "ReactionPaid"}, "count": 2},
        {"reaction": {"_": "ReactionEmoji", "emoticon": "🔥"}, "count": -1},
    ]
    reactions = {"results": results, "recent_reactions": [{"peer_id": {"user_id": 99}}]}
    expected = (Reaction("🔥", 5), Reaction("👍", 4), Reaction("custom", 3), Reaction("paid", 2))
    assert one(path, reactions=reactions).reactions == expected


@pytest.mark.parametrize("question", ["Water?", {"_": "TextWithEntities", "text": "Water?", "entities": []}])
@pytest.mark.parametrize("options", [["MA==", "MQ=="], [[48], [49]], ["30", "31"]], ids=["base64", "list", "hex"])
def test_polls_in_every_form(path: Path, question: Any, options: list[Any]) -> None:
    poll = {
        "_": "Poll",
        "question": question,
        "closed": True,
        "multiple_choice": False,
        "answers": [{"text": "Yes", "option": options[0]}, {"text": {"text": "No"}, "option": options[1]}],
    }
    results = {"total_voters": 5, "results": [{"option": options[1], "voters": 2}], "recent_voters": [9]}
    post = one(path, media={"_": "MessageMediaPoll", "poll": poll, "results": results})
    assert post.poll == Poll("Water?", (PollAnswer("Yes", None), PollAnswer("No", 2)), 5, True, False)
    assert post.attachments == ()


def document(mime: str, *attributes: dict[str, Any]) -> dict[str, Any]:
    inner = {"_": "Document", "mime_type": mime, "size": 50, "attributes": list(attributes), "thumbs": [PIXELS]}
    return {"_": "MessageMediaDocument", "document": inner}


@pytest.mark.parametrize(
    ("media", "kind", "size"),
    [
        (PHOTO, AttachmentKind.PHOTO, None),
        ({"_": "MessageMediaPhoto", "photo": None, "ttl_seconds": 5}, AttachmentKind.PHOTO, None),
        (document("image/png"), AttachmentKind.IMAGE_DOCUMENT, 50),
        (document("video/mp4", {"_": "DocumentAttributeVideo"}), AttachmentKind.VIDEO, 50),
        (
            document("video/mp4", {"_": "DocumentAttributeVideo", "round_message": True}),
            AttachmentKind.VIDEO_MESSAGE,
            50,
        ),
        (
            document("video/mp4", {"_": "DocumentAttributeVideo"}, {"_": "DocumentAttributeAnimated"}),
            AttachmentKind.ANIMATION,
            50,
        ),
        (document("image/webp", {"_": "DocumentAttributeSticker"}), AttachmentKind.STICKER, 50),
        (document("audio/ogg", {"_": "DocumentAttributeAudio", "voice": True}), AttachmentKind.VOICE_MESSAGE, 50),
        (document("audio/mpeg", {"_": "DocumentAttributeAudio"}), AttachmentKind.AUDIO, 50),
        (document("", {"_": "DocumentAttributeFilename", "file_name": "a.HEIC"}), AttachmentKind.IMAGE_DOCUMENT, 50),
        (document("application/zip"), AttachmentKind.DOCUMENT, 50),
        ({"_": "MessageMediaPaidMedia", "extended_media": [{"media": PHOTO}]}, AttachmentKind.PHOTO, None),
        ({"_": "MessageMediaPaidMedia", "extended_media": [{"video_duration": 3}]}, AttachmentKind.VIDEO, None),
    ],
)
def test_media_are_named_but_their_bytes_are_not_in_a_dump(
    path: Path, media: Any, kind: AttachmentKind, size: int | None
) -> None:
    [attachment] = one(path, media=media).attachments
    assert (attachment.kind, attachment.size, attachment.path) == (kind, size, None)
    assert attachment.absent is not None and attachment.absent.code is SkipCode.NOT_INCLUDED


@pytest.mark.parametrize("media", [None, {"_": "MessageMediaWebPage", "webpage": {"photo": PHOTO["photo"]}}, 5, []])
def test_link_previews_and_nothing_are_no_attachments(path: Path, media: Any) -> None:
    assert one(path, media=media).attachments == ()


def test_the_size_of_a_photo_is_that_of_its_largest_form(path: Path) -> None:
    sizes = [PIXELS, {"_": "PhotoSize", "size": 300}, {"_": "PhotoSizeProgressive", "sizes": [100, 700]}]
    [attachment] = one(path, media={"_": "MessageMediaPhoto", "photo": {"sizes": sizes}}).attachments
    assert attachment.size == 700


@pytest.mark.parametrize("key", ["path", "file"])
def test_a_file_named_beside_the_message_is_found_only_inside_the_folder(tmp_path: Path, key: str) -> None:
    folder = tmp_path / "dump"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"x")
    (tmp_path / "b.jpg").write_bytes(b"x")
    [found] = one(folder / "d.json", media=PHOTO, **{key: "a.jpg"}).attachments
    assert found.path == (folder / "a.jpg").resolve()
    for name, code in (("b.jpg", SkipCode.MISSING), ("../b.jpg", SkipCode.OUTSIDE)):
        [absent] = one(folder / "d.json", media=PHOTO, **{key: name}).attachments
        assert absent.absent is not None and absent.absent.code is code


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("MessageActionChatAddUser", "invite_members"),
        ("MessageActionPinMessage", "pin_message"),
        ("MessageActionPaymentSentMe", "send_payment"),
        ("MessageActionGiveawayLaunch", "giveaway_launch"),
        ("Ada", None),
    ],
)
def test_actions_have_the_names_of_the_desktop_export(path: Path, action: str, expected: str | None) -> None:
    post = one(path, _="MessageService", action={"_": action, "title": "Ada", "users": [9]})
    assert post.action == expected
    assert "Ada" not in repr(post)


def test_front_pages_become_readings(path: Path, pseudonyms: Pseudonymiser) -> None:
    source = opened(
        path,
        [
            {"_": "channelFull", "id": 1, "participants_count": 45000},
            {"_": "ChannelFull", "id": 2, "participants_count": None},
            {"_": "channelForbidden", "id": 3, "title": "Ada"},
            {
                "_": "Channel",
                "id": 4,
                "broadcast": True,
                "username": "ada",
                "restriction_reason": [{"platform": "ios"}],
            },
            {"_": "ChatFull", "id": 5, "participants": {"participants": [{"user_id": 1}, {"user_id": 2}]}},
        ],
    )
    expected = [
        (1, 45000, ChannelState.ACCESSIBLE),
        (2, None, ChannelState.ACCESSIBLE),
        (3, None, ChannelState.FORBIDDEN),
        (4, None, ChannelState.RESTRICTED),
        (5, 2, ChannelState.ACCESSIBLE),
    ]
    assert readings(source) == [
        ChannelReading(pseudonyms.channel(str(number)), None, members, state) for number, members, state in expected
    ]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"broadcast": True, "username": "x"}, ChannelKind.PUBLIC_CHANNEL),
        ({"broadcast": True, "usernames": [{"username": "x"}]}, ChannelKind.PUBLIC_CHANNEL),
        ({"broadcast": True}, ChannelKind.PRIVATE_CHANNEL),
        ({"megagroup": True, "username": "x"}, ChannelKind.PUBLIC_GROUP),
        ({"megagroup": True, "username": None}, ChannelKind.PRIVATE_GROUP),
    ],
)
def test_the_kind_of_a_channel_is_told_again_once_it_is_known(
    path: Path, pseudonyms: Pseudonymiser, fields: dict[str, Any], kind: ChannelKind
) -> None:
    source = opened(path, [entry(1), {"_": "Channel", "id": 777} | fields, entry(2)])
    ref = pseudonyms.channel("777")
    aliases = (pseudonyms.channel("@x"),) if kind.value.startswith("public") else ()
    assert channels(source) == [Channel(ref, ChannelKind.UNKNOWN), Channel(ref, kind, aliases)]


def test_answers_of_the_server_are_taken_apart(path: Path) -> None:
    page = {
        "_": "ChannelMessages",
        "chats": [{"_": "Channel", "id": 777, "broadcast": True}],
        "messages": [entry(1), {"_": "MessageEmpty", "id": 2}, entry(3)],
        "users": [{"_": "User", "id": 9, "first_name": "Ada"}],
    }
    full = {"_": "ChatFull", "full_chat": {"_": "ChannelFull", "id": 777, "participants_count": 8}, "chats": []}
    source = opened(path, lines(page, full))
    assert numbers(posts(source)) == [1, 3]
    assert [reading.members for reading in readings(source)] == [8]
    assert [channel.kind for channel in channels(source)] == [ChannelKind.PRIVATE_CHANNEL]
    assert source.account.damaged == 0


def test_people_in_a_dump_are_refused(path: Path) -> None:
    source = opened(path, [entry(1), {"_": "User", "id": 9, "first_name": "Ada"}])
    assert numbers(posts(source)) == [1]
    assert source.account.refused == {"person": 1}


BROKEN = [
    None,
    5,
    {"_": "Message"},
    {"_": "Message", "id": "x", "peer_id": -5},
    {"_": "Message", "id": 1, "peer_id": None},
    {"_": "Mystery"},
    {"_": "Channel", "id": None},
    {"_": ["Message"]},
]


@pytest.mark.parametrize("bad", BROKEN)
@pytest.mark.parametrize("form", [exported, lambda entries: lines(*entries)], ids=["array", "lines"])
def test_a_malformed_entry_costs_that_entry(path: Path, form: Any, bad: Any) -> None:
    source = opened(path, form([entry(1), bad, entry(3)]))
    assert numbers(posts(source)) == [1, 3]
    assert (source.account.damaged, source.account.places) == (1, ("entry 2",))


@pytest.mark.parametrize("bad", ["{", '{"_": "Message"} x', '{"a": 1e999}', "nonsense", "[" * 5000, '{"_": "Mess'])
def test_a_line_that_is_no_json_costs_that_line(path: Path, bad: str) -> None:
    source = opened(path, lines(entry(1), bad, entry(3)))
    assert numbers(posts(source)) == [1, 3]
    assert source.account.damaged == 1


def test_an_entry_of_an_array_that_is_no_json_costs_that_entry(path: Path) -> None:
    text = exported([entry(n) for n in range(1, 5)])
    source = opened(path, text.replace('"id": 2,', '"id": oops,'))
    assert numbers(posts(source)) == [1, 3, 4]
    assert source.account.damaged == 1


def test_a_cut_array_keeps_what_was_whole(path: Path) -> None:
    text = exported([entry(n) for n in range(1, 5)])
    source = opened(path, text[: text.index('"id": 4') + 9])
    assert numbers(posts(source)) == [1, 2, 3]
    assert source.account.damaged == 1


def test_deep_nesting_is_passed_over(path: Path) -> None:
    deep = '{"a":' * 5000 + "1" + "}" * 5000
    text = lines(entry(1)) + '{"_": "Message", "id": 2, "peer_id": -777, "media": ' + deep + "}\n"
    assert numbers(posts(opened(path, text))) == [1, 2]


def test_a_channel_is_known_by_all_its_handles(path: Path, pseudonyms: Pseudonymiser) -> None:
    front = {
        "_": "Channel",
        "id": 777,
        "username": "Rose",
        "usernames": [{"username": "Rose"}, {"username": "Thorn"}, {}],
    }
    source = opened(path, [entry(1), front, front, entry(2)])
    both = (pseudonyms.channel("@rose"), pseudonyms.channel("@thorn"))
    assert [channel.aliases for channel in channels(source)] == [(), both]


def test_links_in_texts_behind_words_and_on_buttons(path: Path, pseudonyms: Pseudonymiser) -> None:
    entities = [{"_": "MessageEntityTextUrl", "offset": 0, "length": 3, "url": "https://t.me/RoseClub"}]
    inside = {"_": "KeyboardButton", "text": "y", "type": {"_": "ButtonTypeUrl", "url": "https://t.me/IvyHouse"}}
    buttons = [{"_": "KeyboardButtonUrl", "text": "x", "url": "t.me/c/55/1"}, inside]
    post = one(path, message="see @tulips", entities=entities, reply_markup={"rows": [{"buttons": buttons}]})
    assert set(post.links) == {
        Link(LinkKind.MENTION, pseudonyms.channel("@tulips")),
        Link(LinkKind.LINK, pseudonyms.channel("@roseclub")),
        Link(LinkKind.LINK, pseudonyms.channel("55")),
        Link(LinkKind.LINK, pseudonyms.channel("@ivyhouse")),
    }
    assert post.buttons == ("x", "y")


def test_those_who_reacted_are_pseudonyms_and_come_once(path: Path, pseudonyms: Pseudonymiser) -> None:
    recent = [{"peer_id": {"_": "PeerUser", "user_id": 9}}, {"peer_id": 9}, {"peer_id": -5}, {"peer_id": None}]
    post = one(path, reactions={"results": [], "recent_reactions": recent})
    assert post.reactors == (pseudonyms.person("9"), pseudonyms.channel("5"))


@pytest.mark.parametrize("form", [exported, lambda entries: lines(*entries)], ids=["array", "lines"])
@pytest.mark.parametrize(
    ("action", "joined"),
    [
        ({"_": "MessageActionChatAddUser", "users": [7, 8, 7, "x"]}, ["7", "8"]),
        ({"_": "MessageActionChatAddUser", "users": None}, []),
        ({"_": "MessageActionChatJoinedByLink", "inviter_id": 8}, ["9"]),
        ({"_": "MessageActionChatJoinedByRequest"}, ["9"]),
        ({"_": "MessageActionChatDeleteUser", "user_id": 9}, []),
    ],
)
def test_who_came_in(path: Path, pseudonyms: Pseudonymiser, form: Any, action: Any, joined: list[str]) -> None:
    service = entry(from_id={"_": "PeerUser", "user_id": 9}) | {"_": "MessageService", "action": action}
    [post] = posts(opened(path, form([service, entry(2)])))[:1]
    assert post.joined == tuple(pseudonyms.person(name) for name in joined)


@pytest.mark.parametrize(
    ("action", "paid"),
    [
        ({"_": "MessageActionPaymentSent", "currency": "RUB", "total_amount": 9900}, Money(Decimal(99), "RUB")),
        ({"_": "MessageActionPaymentSentMe", "currency": "XTR", "total_amount": 9}, Money(Decimal(9), "XTR")),
        ({"_": "MessageActionPaymentRefunded", "currency": "RUB", "total_amount": 9900}, Money(Decimal(-99), "RUB")),
        (
            {"_": "MessageActionGiftStars", "currency": "EUR", "amount": 199, "stars": 100},
            Money(Decimal("1.99"), "EUR"),
        ),
        ({"_": "MessageActionGiftStars", "stars": 100}, Money(Decimal(100), "XTR")),
        ({"_": "MessageActionGiftPremium", "currency": "USD", "amount": 2999}, Money(Decimal("29.99"), "USD")),
        ({"_": "MessageActionGiftCode", "slug": "x"}, None),
        ({"_": "MessageActionPaymentSent", "currency": "LEE", "total_amount": 9900}, None),
        ({"_": "MessageActionPaymentRefunded", "currency": "LEE", "total_amount": 9900}, None),
        ({"_": "MessageActionGiftPremium", "currency": "LEE", "amount": 2999}, None),
        ({"_": "MessageActionStarGift", "gift": {"_": "StarGift", "stars": 15}}, Money(Decimal(15), "XTR")),
        ({"_": "MessageActionPrizeStars", "stars": 15}, None),
        ({"_": "MessageActionPinMessage"}, None),
    ],
)
def test_payments_that_service_lines_report(path: Path, action: Any, paid: Money | None) -> None:
    [post] = posts(opened(path, [entry() | {"_": "MessageService", "action": action}]))
    assert (post.paid, post.asked) == (paid, None)


@pytest.mark.parametrize(
    ("media", "asked"),
    [
        ({"_": "MessageMediaInvoice", "currency": "USD", "total_amount": 499}, Money(Decimal("4.99"), "USD")),
        ({"_": "MessageMediaPaidMedia", "stars_amount": 50, "extended_media": []}, Money(Decimal(50), "XTR")),
        ({"_": "MessageMediaInvoice", "currency": "LEE", "total_amount": 499}, None),
        (PHOTO, None),
    ],
)
def test_prices_of_invoices_and_paid_media(path: Path, media: Any, asked: Money | None) -> None:
    post = one(path, media=media)
    assert (post.asked, post.paid) == (asked, None)
