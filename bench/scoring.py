"""How well offers are read: precision and recall of each field against labelled texts (`tests/texts/labelled`)."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from tutela.model import Offer
from tutela.texts.offers import offers

FIELDS = ("found", "amount", "currency", "bound", "quantity", "unit", "days")
Row = Mapping[str, Any]
Label = dict[str, Any]
LABELLED = Path(__file__).parents[1] / "tests" / "texts" / "labelled"


def rows(name: str) -> list[Row]:
    """The labelled texts of a file."""
    return [json.loads(line) for line in (LABELLED / f"{name}.ndjson").read_text("utf-8").splitlines() if line.strip()]


def labelled(row: Row) -> list[Label]:
    """The labels of a text with their span; equal evidence is looked for behind the evidence before it."""
    found, behind = [], 0
    for label in row["offers"]:
        start = row["text"].find(label["evidence"], behind)
        start = start if start >= 0 else row["text"].find(label["evidence"])
        behind = start + 1
        quantity = None if label["quantity"] is None else Decimal(label["quantity"])
        span = (start, start + len(label["evidence"]))
        found.append({**label, "amount": Decimal(label["amount"]), "quantity": quantity, "span": span})
    return found


def matched(row: Row, found: Iterable[Offer]) -> tuple[list[Label | None], list[Label]]:
    """For each offer the label that it is, if any; and the labels that were missed.

    A label and an offer match if amount and currency agree and the spans overlap; so a wrong amount counts twice, as
    missed and as false.
    """
    labels = labelled(row)
    own = []
    for offer in found:
        label = next((label for label in labels if _is(offer, label)), None)
        if label is not None:
            labels.remove(label)
        own.append(label)
    return own, labels


def score(texts: Iterable[Row]) -> dict[str, tuple[float, float]]:
    """For each field (precision, recall): right among those read, right among those labelled, nulls left out."""
    right, read, labelled_ = (dict.fromkeys(FIELDS, 0) for _ in range(3))
    for row in texts:
        found = offers(row["text"])
        own, missed = matched(row, found)
        pairs = [(label, _told(offer)) for label, offer in zip(own, found, strict=True)]
        for field in FIELDS:
            known = field == "found"
            right[field] += sum(
                label is not None and (known or (label[field] is not None and same(field, label[field], value[field])))
                for label, value in pairs
            )
            read[field] += sum(known or value[field] is not None for _, value in pairs)
            labelled_[field] += sum(known or each[field] is not None for each in [*filter(None, own), *missed])
    return {field: (right[field] / max(read[field], 1), right[field] / max(labelled_[field], 1)) for field in FIELDS}


def same(field: str, label: Any, value: Any) -> bool:
    """Whether a field was read as it is labelled."""
    if field == "days" and label is not None and value is not None:
        return bool(abs(label - value) < 1e-6)
    return bool(label == value)


def _is(offer: Offer, label: Label) -> bool:
    meets = label["span"][0] < offer.end and offer.start < label["span"][1]
    return meets and (label["amount"], label["currency"]) == (offer.price.amount, offer.price.currency)


def _told(offer: Offer) -> dict[str, Any]:
    return {
        "amount": offer.price.amount,
        "currency": offer.price.currency,
        "bound": offer.bound.value,
        "quantity": offer.quantity,
        "unit": offer.unit.value if offer.unit else None,
        "days": offer.days,
    }
