"""One exchange in the forms in which tools, browsers and people show it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Form = Callable[["Shown"], str]

HOST = "app.example.com"
LINE, TAB = "\n", "\t"
CYAN, PLAIN = "\x1b[36m", "\x1b[39;49;00m"
URL = f"https://{HOST}/api/x"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What is shown: a request and its answer."""

    method: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str
    sent: tuple[tuple[str, str], ...] = ()
    sent_body: str = ""

    @property
    def reason(self) -> str:
        """The reason phrase."""
        return HTTPStatus(self.status).phrase

    @property
    def lower(self) -> tuple[tuple[str, str], ...]:
        """The answer's headers as HTTP/2 has them."""
        return tuple((name.lower(), value) for name, value in self.headers)


def lines(pairs: tuple[tuple[str, str], ...], before: str = "", between: str = ": ", after: str = "") -> str:
    """Headers, one a line, with text around name and value."""
    return "".join(f"{before}{name}{between}{value}{after}\n" for name, value in pairs)


def _indented(text: str, by: str) -> str:
    return "".join(f"{by}{line}\n" for line in text.splitlines())


def curl_include(it: Shown) -> str:
    """`curl -i`."""
    return f"HTTP/2 {it.status} \n{lines(it.lower)}\n{it.body}\n"


def curl_verbose(it: Shown) -> str:
    """`curl -v`."""
    request = f"> {it.method} /api/x HTTP/2\n> Host: {HOST}\n{lines(it.sent, '> ')}>\n"
    answer = f"< HTTP/2 {it.status} \n{lines(it.lower, '< ')}<\n{it.body}\n"
    return f"* Trying 192.0.2.1:443...\n{request}{answer}* Connection #0 to host {HOST} left intact\n"


def httpie(it: Shown) -> str:
    """`http -v`."""
    request = (
        f"{it.method} /api/x HTTP/1.1\n{lines(it.sent)}Host: {HOST}\nUser-Agent: HTTPie/3.2\n\n{it.sent_body}\n\n\n"
    )
    return f"{request}HTTP/1.1 {it.status} {it.reason}\n{lines(it.headers)}\n{it.body}\n"


def chrome(it: Shown) -> str:
    """Chrome's panel of headers: names and values on lines of their own, the request's behind the answer's."""
    general = f"Request URL\n{URL}\nRequest Method\n{it.method}\nStatus Code\n{it.status} {it.reason}\n"
    pseudo = f":authority\n{HOST}\n:method\n{it.method}\n:path\n/api/x\n"
    sent = tuple((name.lower(), value) for name, value in it.sent)
    return f"{general}{lines(it.lower, between=LINE)}{pseudo}{lines(sent, between=LINE)}\n{it.body}"


def chrome_with_colons(it: Shown) -> str:
    """The same of an older Chrome, with its section titles."""
    general = f"General\nRequest URL: {URL}\nRequest Method: {it.method}\nStatus Code: {it.status} {it.reason}\n"
    return f"{general}Response Headers\n{lines(it.lower)}Request Headers\n{lines(it.sent)}\n\n{it.body}"


def har(it: Shown) -> str:
    """A HAR file."""

    def pairs(headers: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
        return [{"name": name, "value": value} for name, value in headers]

    request: dict[str, object] = {"method": it.method, "url": URL, "headers": pairs(it.sent)}
    if it.sent_body:
        request["postData"] = {"mimeType": "application/json", "text": it.sent_body}
    response = {
        "status": it.status,
        "statusText": it.reason,
        "headers": pairs(it.headers),
        "content": {"mimeType": "x/y", "text": it.body},
    }
    return json.dumps({"log": {"version": "1.2", "entries": [{"request": request, "response": response}]}}, indent=2)


def half_a_har(it: Shown) -> str:
    """A HAR file whose end is missing."""
    return har(it)[:-12]


def fetch_object(it: Shown) -> str:
    """A fetch answer that was logged as JSON."""
    return json.dumps(
        {"url": URL, "method": it.method, "status": it.status, "headers": dict(it.lower), "body": it.body}
    )


def axios(it: Shown) -> str:
    """An axios error as JSON."""
    config = {"method": it.method.lower(), "url": URL, "headers": dict(it.sent), "data": it.sent_body}
    response = {"status": it.status, "headers": dict(it.lower), "data": it.body}
    return json.dumps({"message": "Request failed", "name": "AxiosError", "config": config, "response": response})


def postman(it: Shown) -> str:
    """Postman's console."""
    answer = f"Response Headers\n{lines(it.headers)}Response Body\n{it.body}"
    return f"{it.method} {URL}\n{it.status} {it.reason}\nRequest Headers\n{lines(it.sent)}{answer}"


def quoted_verbose(it: Shown) -> str:
    """`curl -v` in an answered mail."""
    return _indented(curl_verbose(it), "> ")


WITH_REQUEST: tuple[Form, ...] = (
    curl_verbose, httpie, chrome, chrome_with_colons, har, half_a_har, axios, postman, quoted_verbose,
)  # fmt: skip


def python_requests(it: Shown) -> str:
    """Python's requests in a shell."""
    return f"<Response [{it.status}]>\n{dict(it.headers)!r}\n{it.body!r}"


def powershell(it: Shown) -> str:
    """PowerShell's Invoke-WebRequest."""
    raw = _indented(f"HTTP/1.1 {it.status} {it.reason}\n{lines(it.headers)}\n{it.body}", " " * 20).strip()
    return f"StatusCode        : {it.status}\nContent           : {it.body}\nRawContent        : {raw}\n"


def powershell_table(it: Shown) -> str:
    """PowerShell's table of headers."""
    headers = lines(it.headers, between="    {", after="}")
    return f"StatusCode : {it.status}\n\nKey    Value\n---    -----\n{headers}\n{it.body}"


def tabs(it: Shown) -> str:
    """Columns with tabs between."""
    return f"Status\t{it.status}\n{lines(it.headers, between=TAB)}Body\t{it.body}"


def table(it: Shown) -> str:
    """A table in Markdown."""
    return f"| Status | {it.status} |\n| --- | --- |\n{lines(it.headers, '| ', ' | ', ' |')}\n{it.body}"


def indented(it: Shown) -> str:
    """`curl -i`, indented."""
    return _indented(curl_include(it), "      ")


def quoted(it: Shown) -> str:
    """`curl -i` in a mail."""
    return f"Hi,\n{_indented(curl_include(it), '> ')}"


def colored(it: Shown) -> str:
    """A terminal's colors."""
    status = f"\x1b[34mHTTP\x1b[39;49;00m/\x1b[34m1.1\x1b[39;49;00m \x1b[34m{it.status}\x1b[39;49;00m {it.reason}\n"
    return f"{status}{lines(it.headers, CYAN, f'{PLAIN}: ', PLAIN)}\n{it.body}"


def smart_quotes(it: Shown) -> str:
    """What a word processor makes of it."""
    return curl_include(it).replace('"', "\u201d").replace("'", "\u2019")


def json_in_json(it: Shown) -> str:
    """A log line that holds the answer as a string."""
    inner = json.dumps({"status": it.status, "headers": dict(it.headers), "body": it.body})
    return json.dumps({"level": "error", "message": inner})


def fenced(it: Shown) -> str:
    """An issue in Markdown."""
    return f"It fails:\n\n```\n{curl_include(it)}```\n\nAny idea?"


def node_object(it: Shown) -> str:
    """What Node prints of an object."""
    body = it.body.replace("\n", "\\n")
    headers = lines(it.lower, "    '", "': '", "',")
    return f"{{\n  status: {it.status},\n  headers: {{\n{headers}  }},\n  data: '{body}'\n}}"


WITHOUT_REQUEST: tuple[Form, ...] = (
    curl_include, fetch_object, python_requests, powershell, powershell_table, tabs, table, indented, quoted, colored,
    smart_quotes, json_in_json, fenced, node_object,
)  # fmt: skip
