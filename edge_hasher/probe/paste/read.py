"""Read a paste: the one way in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_hasher.probe.paste.clean import TEXT_LIMIT_CHARS, clean, decode
from edge_hasher.probe.paste.documents import RAW_HTTP, read_documents, read_embedded
from edge_hasher.probe.paste.exchange import PasteError
from edge_hasher.probe.paste.lines import read_lines
from edge_hasher.probe.paste.local_log import failed_of, read_local_log
from edge_hasher.probe.paste.logs import read_logs

if TYPE_CHECKING:
    from edge_hasher.probe.paste.exchange import Exchange

INPUT_LIMIT_BYTES = 64 << 20
"""How much is read of a file or of standard input."""

EXCHANGES_LIMIT = 50


def read_paste(data: bytes | str) -> tuple[Exchange, ...]:
    """Return the exchanges of a paste in their order, at most `EXCHANGES_LIMIT`. Raises PasteError if it is empty.

    Interim answers (100 Continue) and a proxy's own are left out. Without any status or header there is one exchange,
    which holds the text.
    """
    text = data if isinstance(data, str) else decode(data)
    if not text.strip("\ufeff\x00 \t\r\n"):
        raise PasteError(
            "nothing was pasted: pipe an answer in, such as curl -i https://HOST/PATH | edge-hasher explain"
        )
    found = _read_local_log(text) if '"edge-hasher/local/' in text else []
    found = found or read_documents(text.lstrip("\ufeff").replace("\x00", ""))
    if not found:
        text = clean(text[:TEXT_LIMIT_CHARS])
        found = _read_local_log(text) or read_documents(text) or read_logs(text)
        found = found or read_embedded(text) or read_lines(text)
    found = failed_of(found) or found
    final = [each for each in found if not _is_interim(each, found)]
    return tuple((final or found)[:EXCHANGES_LIMIT])


def _read_local_log(text: str) -> list[Exchange]:
    """Return the requests of the local edge's log, unless an answer stands beside it, which tells more."""
    return [] if RAW_HTTP.search(text) else read_local_log(text)


def _is_interim(exchange: Exchange, every: list[Exchange]) -> bool:
    if 100 <= exchange.status < 200:  # noqa: PLR2004 - HTTP's interim answers
        return True
    is_last = exchange is every[-1]
    empty = not exchange.headers and not any(line.strip() for line in exchange.lines)
    return not is_last and empty and (exchange.status == 200 or not exchange.status)  # noqa: PLR2004 - a proxy's answer
