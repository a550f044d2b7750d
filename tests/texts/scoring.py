"""How well offers are read: precision and recall of each field against labelled texts."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from tutela.model import Offer
from tutela.texts.offers import offers

FIELDS = ("found", "amount", "currency", "bound", "quantity", "unit", "days")
Row = Mapping[str, Any]
LABELLED = Path(__file__).parent / "labelled"


def rows(half: str) -> list[Row]:
    return [json.loads(line) for line in (LABELLED / f"{half}.ndjson").read_text("utf-8").splitlines() if line.strip()]


def told(offer: Offer) -> dict[str, Any]:
    return {
        "amount": offer.price.amount,
        "currency": offer.price.currency,
        "bound": offer.bound.value,
        "quantity": offer.quantity,
        "unit": offer.unit.value if offer.unit else None,
        "days": offer.days,
    }


def labelled(row: Row) -> list[dict[str, Any]]:
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


def same(field: str, label: Any, value: Any) -> bool:
    if field == "days" and label is not None and value is not None:
        return bool(abs(label - value) < 1e-6)
    return bool(label == value)


def pairs(row: Row) -> tuple[list[tuple[dict[str, Any], dict[str, Any]]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Matched (label, read), labels that were missed, and what was read falsely.

    A label and an offer match if amount and currency agree and the spans overlap; so a wrong amount counts twice, as
    missed and as false.
    """
    labels = labelled(row)
    matched, false = [], []
    for offer in offers(row["text"]):
        value = told(offer)
        for label in labels:
            meets = label["span"][0] < offer.end and offer.start < label["span"][1]
            if meets and (label["amount"], label["currency"]) == (value["amount"], value["currency"]):
                labels.remove(label)
                matched.append((label, value))
                break
        else:
            false.append(value)
    return matched, labels, false


def score(texts: Iterable[Row]) -> dict[str, tuple[float, float]]:
    """For each field (precision, recall): right among those read, right among those labelled, nulls left out."""
    right, read, labelled_ = (dict.fromkeys(FIELDS, 0) for _ in range(3))
    for row in texts:
        matched, missed, false = pairs(row)
        for field in FIELDS:
            known = field == "found"
            right[field] += sum(known or (a[field] is not None and same(field, a[field], b[field])) for a, b in matched)
            read[field] += sum(known or value[field] is not None for value in [b for _, b in matched] + false)
            labelled_[field] += sum(known or label[field] is not None for label in [a for a, _ in matched] + missed)
    return {field: (right[field] / max(read[field], 1), right[field] / max(labelled_[field], 1)) for field in FIELDS}
