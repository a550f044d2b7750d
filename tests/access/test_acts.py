"""Who may call the service, and what lookups see, changes on record: in the transaction, without names or secrets."""

import json
from typing import Any

import pytest
import sqlalchemy as sa

from tutela.access import Keys, Role
from tutela.bank import Bank, GroupId, GroupRefused, NameTaken
from tutela.store import tables


def acts(bank: Bank) -> list[tuple[str, dict[str, Any]]]:
    row = tables.acts
    with bank.store.read() as connection:
        rows = connection.execute(sa.select(row.c.act, row.c.facts).order_by(row.c.number)).all()
    return [(act, json.loads(facts)) for act, facts in rows]


def test_what_is_done_to_groups_is_on_record(bank: Bank) -> None:
    group = bank.groups.create("MINE", 0.5, by="key1")
    bank.groups.change("MINE", new_name="OURS", by="key2")
    bank.groups.change("OURS", enabled=0)
    bank.groups.change("OURS", new_name="THEIRS", enabled=1, by="key2")
    bank.groups.change("THEIRS", new_name="THEIRS", enabled=1, by="key2")
    bank.groups.delete("THEIRS", by="key3")
    assert acts(bank) == [
        ("group.created", {"group": group.id, "enabled": 0.5, "by": "key1"}),
        ("group.renamed", {"group": group.id, "by": "key2"}),
        ("group.enabled", {"group": group.id, "from": 0.5, "to": 0.0}),
        ("group.renamed", {"group": group.id, "by": "key2"}),
        ("group.enabled", {"group": group.id, "from": 0.0, "to": 1.0, "by": "key2"}),
        ("group.deleted", {"group": group.id, "by": "key3"}),
    ]


def test_what_was_refused_is_not_on_record(bank: Bank) -> None:
    bank.groups.create("MINE")
    before = acts(bank)
    with pytest.raises(NameTaken):
        bank.groups.create("MINE")
    with pytest.raises(NameTaken):
        bank.groups.change("MINE", new_name="PROTECTED")
    with pytest.raises(GroupRefused):
        bank.groups.delete("PROTECTED")
    assert acts(bank) == before


def test_what_is_done_to_keys_is_on_record_without_label_or_secret(bank: Bank) -> None:
    keys = Keys(bank.store)
    one = keys.create("Somebody's Name", Role.MATCH, groups=[GroupId("mine"), GroupId("other")])
    two = keys.create("two", Role.OPERATOR)
    for _ in range(2):
        keys.revoke(one.key.id)
    assert acts(bank) == [
        ("access_key.created", {"key": one.key.id, "role": "match", "groups": 2}),
        ("access_key.created", {"key": two.key.id, "role": "operator", "groups": "all"}),
        ("access_key.revoked", {"key": one.key.id}),
    ]
    written = json.dumps(acts(bank))
    assert "Somebody" not in written
    assert one.token[13:] not in written


def test_an_act_and_what_it_tells_of_happen_together_or_not_at_all(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = Keys(bank.store)
    made = keys.create("one", Role.MATCH)
    before = acts(bank)

    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("tutela.access.keys.record", breaks)
    monkeypatch.setattr("tutela.bank.groups.record", breaks)
    with pytest.raises(RuntimeError):
        keys.revoke(made.key.id)
    with pytest.raises(RuntimeError):
        keys.create("two", Role.MATCH)
    with pytest.raises(RuntimeError):
        bank.groups.create("MINE")
    with pytest.raises(RuntimeError):
        bank.groups.change("PROTECTED", enabled=0)
    assert keys.all() == [made.key]
    assert [(group.name, group.enabled) for group in bank.groups.all()] == [("PROTECTED", 1.0)]
    assert acts(bank) == before
