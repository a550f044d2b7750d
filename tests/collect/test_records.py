"""What is kept of Telegram's objects."""

import json
from datetime import timedelta

import pytest
from telethon.tl import types

from collect.telegram_server import PIXELS, SECRET_NUMBER, SECRET_WORDS, START, Chat, medium, photo, shapes_of_pixels
from tutela.collect.records import front_record, is_edited, message_record


def chat_of_all_kinds() -> Chat:
    chat = Chat(42, "market", group=True, members=10)
    for number in range(1, 9):
        chat.post(number)
    chat.join(9, 555)
    chat.retitle(10)
    peer = types.PeerChannel(42)
    chat.messages[11] = types.MessageService(11, peer, START, action=types.MessageActionChatEditPhoto(photo()))
    sent = [types.RequestedPeerUser(5, "Amalia", "Testperson", "amalia_private", photo())]
    chat.messages[12] = types.MessageService(12, peer, START, action=types.MessageActionRequestedPeerSentMe(1, sent))
    paid = types.MessageActionPaymentSentMe(
        "EUR",
        900,
        PIXELS,
        types.PaymentCharge("Amalia", "x"),
        info=types.PaymentRequestedInfo("Amalia", "+4915555501234"),
    )
    chat.messages[13] = types.MessageService(13, peer, START, action=paid)
    return chat


ALL = chat_of_all_kinds().messages


@pytest.mark.parametrize("number", ALL)
def test_no_pixel_no_name_and_no_key_is_kept(number: int) -> None:
    raw = ALL[number].to_dict()
    kept = json.dumps(message_record(raw), ensure_ascii=False)
    for shape in shapes_of_pixels():
        assert shape.decode("latin-1") not in kept
    for secret in [
        *SECRET_WORDS,
        str(SECRET_NUMBER),
        "access_hash",
        "file_reference",
        "Stripped",
        "Cached",
        "PathSize",
    ]:
        assert secret not in kept


def test_the_forms_that_are_looked_for_are_those_that_dumps_have() -> None:
    """Else the test before would prove nothing."""
    everything = "".join(each.to_json() for each in ALL.values())
    assert any(shape.decode("latin-1") in everything for shape in shapes_of_pixels())
    assert all(word in everything for word in ["Amalia", "Testperson", "Signed Name", str(SECRET_NUMBER)])


def test_what_the_reader_uses_is_kept_in_the_form_that_dumps_have() -> None:
    message = ALL[1]
    message.reply_to = types.MessageReplyHeader(reply_to_msg_id=3, quote_text="Amalia")
    message.entities = [types.MessageEntityTextUrl(0, 3, "https://t.me/other")]
    message.grouped_id = 99
    kept = message_record(message.to_dict())
    assert next(iter(kept)) == "_"
    assert kept == {
        "_": "Message",
        "id": 1,
        "peer_id": {"_": "PeerChannel", "channel_id": 42},
        "from_id": {"_": "PeerUser", "user_id": 1001},
        "date": "2026-03-01T12:01:00+00:00",
        "message": "message 1",
        "media": {
            "_": "MessageMediaPhoto",
            "photo": {
                "_": "Photo",
                "id": 11,
                "date": "2026-03-01T12:00:00+00:00",
                "sizes": [
                    {"_": "PhotoSize", "type": "m", "size": 12345},
                    {"_": "PhotoSizeProgressive", "type": "y", "sizes": [1000, 99000]},
                ],
            },
        },
        "fwd_from": {"_": "MessageFwdHeader", "date": "2026-03-01T12:00:00+00:00"},
        "reply_to": {"_": "MessageReplyHeader", "reply_to_msg_id": 3},
        "reply_markup": {
            "_": "ReplyInlineMarkup",
            "rows": [
                {
                    "_": "KeyboardInlineButtonRow",
                    "buttons": [
                        {"_": "KeyboardInlineButton", "text": "👍 41", "type": {"_": "InlineButtonTypeCallback"}}
                    ],
                }
            ],
        },
        "reactions": {
            "_": "MessageReactions",
            "results": [{"_": "ReactionCount", "reaction": {"_": "ReactionEmoji", "emoticon": "👍"}, "count": 3}],
            "recent_reactions": [
                {
                    "_": "MessagePeerReaction",
                    "peer_id": {"_": "PeerUser", "user_id": 77},
                    "date": "2026-03-01T12:00:00+00:00",
                    "reaction": {"_": "ReactionEmoji", "emoticon": "👍"},
                }
            ],
        },
        "views": 1,
        "entities": [{"_": "MessageEntityTextUrl", "offset": 0, "length": 3, "url": "https://t.me/other"}],
        "grouped_id": 99,
    }


def test_polls_keep_their_votes_and_documents_the_kind_of_their_name() -> None:
    votes = message_record(ALL[3].to_dict())["media"]
    assert [answer["option"] for answer in votes["poll"]["answers"]] == ["MA==", "MQ=="]
    assert votes["results"]["results"] == [{"_": "PollAnswerVoters", "option": "MA==", "voters": 7}]
    file = message_record(ALL[2].to_dict())["media"]["document"]
    assert file["attributes"][0]["file_name"] == ".jpg"
    assert "thumbs" not in file


def test_of_a_channel_number_kind_and_handles_are_kept() -> None:
    assert front_record(Chat(42, "market").object().to_dict()) == {
        "_": "Channel",
        "id": 42,
        "broadcast": True,
        "megagroup": False,
        "username": "market",
        "usernames": [{"_": "Username", "username": "market", "active": True}],
    }


def test_an_edit_is_another_text_medium_or_button_and_never_a_counter() -> None:
    chat = Chat(42, "market")
    chat.post(1)
    before = message_record(chat.messages[1].to_dict())
    message = chat.messages[1]
    message.views, message.reactions, message.forwards = 900, None, 8
    message.edit_date, message.edit_hide = START + timedelta(days=1), True
    assert not is_edited(before, message_record(message.to_dict()))
    message.message = "another price"
    assert is_edited(before, message_record(message.to_dict()))
    message.message = "message 1"
    message.media = medium(2)
    assert is_edited(before, message_record(message.to_dict()))
    chat.post(3)
    poll = message_record(chat.messages[3].to_dict())
    chat.messages[3].media.results.total_voters = 90
    assert not is_edited(poll, message_record(chat.messages[3].to_dict()))


@pytest.mark.parametrize("key", ["message", "text", "photo", "url", "type", "size"])
def test_bytes_are_kept_nowhere_but_in_the_answers_of_a_poll(key: str) -> None:
    """Whatever a later version of Telegram puts into a field that is kept."""
    raw = {"_": "Message", "id": 1, "media": {"_": "Later", key: PIXELS, "sizes": [PIXELS]}, key: bytearray(PIXELS)}
    assert message_record(raw) == {"_": "Message", "id": 1, "media": {"_": "Later"}}
