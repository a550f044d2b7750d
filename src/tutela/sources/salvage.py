"""What can be kept of a value that is not as it should be: each field and element of the right type, nothing else."""

from collections.abc import Iterator
from functools import cache
from typing import Any, TypeVar, get_args, get_origin

import msgspec

Kind = TypeVar("Kind", bound=msgspec.Struct)
_FITS_NOT = (msgspec.ValidationError, OverflowError, RecursionError)


def salvage(value: object, kind: type[Kind]) -> Kind | None:
    """A JSON value as `kind`, a struct whose fields all have defaults; None where it is no object."""
    found = _salvaged(value, kind)
    return found if isinstance(found, kind) else None


def _salvaged(value: object, kind: Any) -> Any:
    """`msgspec.UNSET` where nothing can be kept."""
    try:
        return msgspec.convert(value, kind)
    except _FITS_NOT:
        pass
    for member in _members(kind):
        if isinstance(value, list) and get_origin(member) is list:
            return _elements(value, get_args(member)[0])
        if isinstance(value, dict) and isinstance(member, type) and issubclass(member, msgspec.Struct):
            return member(**dict(_fields(value, member)))
    return msgspec.UNSET


def _elements(values: list[object], kind: Any) -> list[Any]:
    found = (_salvaged(value, kind) for value in values)
    return [element for element in found if element is not msgspec.UNSET]


def _fields(values: dict[str, object], kind: type[msgspec.Struct]) -> Iterator[tuple[str, Any]]:
    for field in _described(kind):
        if field.encode_name in values:
            found = _salvaged(values[field.encode_name], field.type)
            if found is not msgspec.UNSET:
                yield field.name, found


@cache
def _described(kind: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(kind)


@cache
def _members(kind: Any) -> tuple[Any, ...]:
    return (kind,) if isinstance(kind, type) or get_origin(kind) is list else get_args(kind)
