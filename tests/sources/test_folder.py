"""A folder of media: each file a post, in a fixed order, and nothing beside the files that are really in it."""

import os
from pathlib import Path

import pytest

from sources.conftest import posts
from tutela.model import AttachmentKind, Channel, ChannelKind, PostKind, When
from tutela.sources import Pseudonymiser, open_source


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    for name in ("b.jpg", "a/2.PNG", "a/1.mp4", "c.mp3", "noextension", "d.xyz"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x" * 3)
    return folder


def names(folder: Path, pseudonyms: Pseudonymiser) -> list[str]:
    found = posts(open_source(folder, pseudonyms))
    return [str(post.attachments[0].path.relative_to(folder)) for post in found if post.attachments[0].path]


def test_each_file_is_a_post_in_the_order_of_the_names(folder: Path, pseudonyms: Pseudonymiser) -> None:
    source = open_source(folder, pseudonyms)
    channel, *found = source.read()
    assert isinstance(channel, Channel) and channel.kind is ChannelKind.FOLDER
    assert names(folder, pseudonyms) == ["a/1.mp4", "a/2.PNG", "b.jpg", "c.mp3", "d.xyz", "noextension"]
    assert [(p.id, p.kind, p.when, p.channel) for p in posts(source)] == [
        (number, PostKind.MESSAGE, When(None, None), channel.ref) for number in range(1, 7)
    ]
    assert len(found) == source.account.posts == 6
    assert source.account.sha256 is None


def test_what_is_not_known_by_its_name_is_a_document(folder: Path, pseudonyms: Pseudonymiser) -> None:
    kinds = [post.attachments[0].kind for post in posts(open_source(folder, pseudonyms))]
    image, document = AttachmentKind.IMAGE_DOCUMENT, AttachmentKind.DOCUMENT
    assert kinds == [AttachmentKind.VIDEO, image, image, AttachmentKind.AUDIO, document, document]
    assert {post.attachments[0].size for post in posts(open_source(folder, pseudonyms))} == {3}


@pytest.mark.parametrize("name", ["notes.txt", "readme.MD", "data.json", "channels.csv", "page.html", "paper.pdf"])
def test_text_is_no_media(folder: Path, pseudonyms: Pseudonymiser, name: str) -> None:
    before = names(folder, pseudonyms)
    (folder / name).write_text("{}")
    assert names(folder, pseudonyms) == before


def test_hidden_files_links_and_pipes_are_passed_over(folder: Path, pseudonyms: Pseudonymiser) -> None:
    before = names(folder, pseudonyms)
    (folder / ".hidden.jpg").write_bytes(b"x")
    (folder / ".git").mkdir()
    (folder / ".git" / "x.jpg").write_bytes(b"x")
    (folder / "link.jpg").symlink_to(folder / "b.jpg")
    (folder / "round").symlink_to(folder)
    os.mkfifo(folder / "pipe.jpg")
    assert names(folder, pseudonyms) == before


def test_a_folder_that_vanishes_meanwhile_counts_as_damage(folder: Path, pseudonyms: Pseudonymiser) -> None:
    source = open_source(folder, pseudonyms)
    reading = source.read()
    next(reading)
    first = next(reading)
    (folder / "a" / "1.mp4").unlink()
    folder.rename(folder.parent / "away")
    assert first is not None
    assert posts(source) == []
    assert source.account.damaged == 1


def test_the_channel_is_the_same_by_every_way_to_the_folder(folder: Path, pseudonyms: Pseudonymiser) -> None:
    (folder.parent / "link").symlink_to(folder)
    ways = [folder, folder / "a" / "..", folder.parent / "link"]
    assert len({next(open_source(way, pseudonyms).read()) for way in ways}) == 1
