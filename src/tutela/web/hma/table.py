"""HMA's routes, as data."""

from functools import partial
from typing import Annotated, Any

from msgspec import Meta

from tutela.web.hma import curation, matching
from tutela.web.routing import EVERYBODY, INTAKE, MATCH, OPERATOR, Endpoint, Query, Style, Threads

_CODE = "facd8bcb2a49bcebdec1985298d5fe84bcd006c187c598c720c3c087b3fdb318"
_Compared = dict[str, Annotated[list[str], Meta(max_length=2)]]
_BOOL: dict[str, object] = {"type": "boolean"}

_URL = Query("url", "Where the picture lies: a host that the operator has listed")
_CONTENT = Query("content_type", "What lies at `url`: `photo`")
_TYPES = Query("types", "Which signals: `pdq`")
_SIGNAL = Query("signal", "64 hex digits")
_SIGNAL_TYPE = Query("signal_type", "`pdq`")
_BANKS = Query("banks", "Only these banks, with commas between")
_SEED = Query("seed", "For the share of lookups that see a bank: the same seed, the same answer")
_BYPASS = Query("bypass_coinflip", "Look into every bank", _BOOL)
_DISTANCE = Query("include_distance", "Tell the distance (empty for all but operators)", _BOOL)

_hma: Any = partial(Endpoint, style=Style.HMA)

ENDPOINTS: tuple[Endpoint, ...] = (
    _hma(
        "GET", "/h/hash", matching.hash_media, "hma.hash_url", "Hash the picture at an address", MATCH,
        gives=dict[str, str], query=(_URL, _CONTENT, _TYPES), errors=(400, 502),
    ),
    _hma(
        "POST", "/h/hash", matching.hash_media, "hma.hash", "Hash a picture", MATCH,
        gives=dict[str, str], form=True, query=(_TYPES,), errors=(400, 413),
    ),
    _hma(
        "GET", "/m/lookup", matching.lookup, "hma.lookup", "Look a signal up", MATCH,
        gives=dict[str, Any], threads=Threads.LOOKUPS, errors=(400, 502),
        query=(_SIGNAL, _SIGNAL_TYPE, _URL, _CONTENT, _TYPES, _BANKS, _SEED, _BYPASS),
    ),
    _hma(
        "POST", "/m/lookup", matching.lookup_file, "hma.lookup_file", "Look a picture up", MATCH,
        gives=dict[str, Any], form=True, query=(_TYPES, _BANKS, _SEED, _BYPASS), errors=(400, 413),
    ),
    _hma(
        "GET", "/m/raw_lookup", matching.raw_lookup, "hma.raw_lookup", "Look a signal up, by number", MATCH,
        gives=dict[str, Any], threads=Threads.LOOKUPS, query=(_SIGNAL, _SIGNAL_TYPE, _BANKS, _DISTANCE), errors=(400,),
    ),
    _hma(
        "POST", "/m/compare", matching.compare, "hma.compare", "How far two signals lie apart", OPERATOR,
        takes=_Compared, gives=dict[str, Any], threads=Threads.NONE, errors=(400,),
        example={"pdq": [_CODE, _CODE]},
    ),
    _hma(
        "GET", "/m/index/status", matching.index_status, "hma.index_status", "How large the index is", OPERATOR,
        gives=dict[str, Any], query=(_SIGNAL_TYPE,), errors=(400,),
    ),
    _hma("GET", "/status", matching.alive, "hma.status", "Whether it stands", EVERYBODY, threads=Threads.NONE),
    _hma("GET", "/c/banks", curation.banks, "hma.banks", "Every bank", OPERATOR, gives=list[dict[str, Any]]),
    _hma(
        "POST", "/c/banks", curation.create, "hma.bank_create", "Make a bank", OPERATOR,
        takes=curation.NewBank, gives=dict[str, Any], status=201, errors=(400,), example={"name": "EXAMPLE_BANK"},
    ),
    _hma(
        "GET", "/c/bank/{bank}", curation.show, "hma.bank", "One bank", OPERATOR,
        gives=dict[str, Any], errors=(404,),
    ),
    _hma(
        "PUT", "/c/bank/{bank}", curation.change, "hma.bank_change", "Change a bank", OPERATOR,
        takes=curation.BankChange, gives=dict[str, Any], errors=(400, 404), example={"enabled": True},
    ),
    _hma(
        "DELETE", "/c/bank/{bank}", curation.delete, "hma.bank_delete", "Delete an empty bank", OPERATOR,
        gives=dict[str, str], errors=(409,),
    ),
    _hma(
        "POST", "/c/bank/{bank}/content", curation.add_content, "hma.content_add", "Add a picture", INTAKE,
        gives=dict[str, Any], form=True, query=(_URL, _CONTENT, _TYPES), errors=(400, 404, 413, 502),
    ),
    _hma(
        "POST", "/c/bank/{bank}/signal", curation.add_signal, "hma.signal_add", "Add a signal", INTAKE,
        takes=dict[str, str], gives=dict[str, Any], errors=(400, 404), example={"pdq": _CODE},
    ),
    _hma(
        "GET", "/c/bank/{bank}/content/{content}", curation.show_content, "hma.content", "One content", OPERATOR,
        gives=dict[str, Any], errors=(404,),
    ),
    _hma(
        "DELETE", "/c/bank/{bank}/content/{content}", curation.delete_content, "hma.content_delete",
        "Take a content out", OPERATOR, gives=dict[str, int], errors=(404,),
    ),
    _hma(
        "GET", "/c/exchanges", curation.exchanges, "hma.exchanges", "Every exchange", OPERATOR, gives=list[str],
    ),
)  # fmt: skip
