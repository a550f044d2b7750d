"""Reads a page strictly: whatever a browser would have to mend is an error here."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input", "wbr", "rect", "line", "path", "circle"}
UNCLOSED_BY_SLASH = VOID - {"rect", "line", "path", "circle"}


@dataclass
class Node:
    """One element with its attributes, elements and all text below it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list["Node | str"] = field(default_factory=list)

    def all(self, *tags: str) -> Iterator["Node"]:
        """The elements below that have one of these names, or all, in the order of the page."""
        for node in self.inside:
            if isinstance(node, Node):
                if not tags or node.tag in tags:
                    yield node
                yield from node.all(*tags)

    def one(self, *tags: str) -> "Node":
        """The only one of them."""
        (node,) = self.all(*tags)
        return node

    @property
    def text(self) -> str:
        """All text below, white space run together."""
        return " ".join(self._text().split())

    def _text(self) -> str:
        return "".join(part if isinstance(part, str) else part._text() for part in self.inside)

    def by_id(self, ident: str) -> "Node":
        """The one element with that id."""
        (node,) = (node for node in self.all() if node.attributes.get("id") == ident)
        return node

    def with_class(self, name: str) -> list["Node"]:
        """The elements of that class."""
        return [node for node in self.all() if name in node.attributes.get("class", "").split()]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Node("document")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"an attribute of <{tag}> stands twice"
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(node)
        if tag not in UNCLOSED_BY_SLASH:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID, f"<{tag}/> does not close itself"
        self.handle_starttag(tag, attrs)
        if tag not in UNCLOSED_BY_SLASH:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> where </{self.open[-1].tag}> should be"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def read(page: str) -> Node:
    """The page as a tree. Raises AssertionError where tags do not nest or ids stand twice."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].tag}> is never closed"
    ids = [node.attributes["id"] for node in reader.open[0].all() if "id" in node.attributes]
    assert len(set(ids)) == len(ids), "an id stands twice"
    return reader.open[0]
