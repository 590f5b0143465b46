"""Explain why an event is not an origin-request event. Called only after handling failed.

Source: CloudFront Developer Guide, "Lambda@Edge event structure" (documented).
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_Path = tuple[str | int, ...]

_REQUEST: _Path = ("Records", 0, "cf", "request")
_CONFIG: _Path = ("Records", 0, "cf", "config")
_ORIGIN: _Path = (*_REQUEST, "origin")
_CUSTOM: _Path = (*_ORIGIN, "custom")
_EXPECTED: dict[_Path, type | tuple[type, ...]] = {
    (): dict,
    ("Records",): list,
    ("Records", 0): dict,
    ("Records", 0, "cf"): dict,
    _CONFIG: dict,
    (*_CONFIG, "eventType"): str,
    _REQUEST: dict,
    (*_REQUEST, "method"): str,
    (*_REQUEST, "headers"): dict,
    _ORIGIN: dict,
}
_EXPECTED_WITH_BODY: dict[_Path, type | tuple[type, ...]] = {
    **_EXPECTED,
    (*_REQUEST, "body"): dict,
    (*_REQUEST, "body", "action"): str,
    (*_REQUEST, "body", "data"): (str, memoryview, bytes, bytearray),  # a view: runtime_marshaller.py
    (*_REQUEST, "body", "encoding"): str,
    (*_REQUEST, "body", "inputTruncated"): bool,
}


def fault_of(event: object) -> str | None:
    """Return one line on the first thing that is missing or of another type; None where the event has the right shape.

    It names places and types, never a value nor a viewer's header: the line ends up in a log.
    """
    return next(_faults(event), None)


def _faults(event: object) -> "Iterator[str]":
    for path, expected in _EXPECTED.items():
        yield from _faults_at(event, path, expected)
    if _has(event, _REQUEST, "body"):
        for path, expected in _EXPECTED_WITH_BODY.items():
            yield from _faults_at(event, path, expected)
    yield from _faults_of_headers(event, (*_REQUEST, "headers"))
    if _has(event, _ORIGIN, "custom"):
        yield from _faults_at(event, _CUSTOM, dict)
        if _has(event, _CUSTOM, "customHeaders"):
            yield from _faults_of_headers(event, (*_CUSTOM, "customHeaders"))


def _has(event: object, path: _Path, name: str) -> bool:
    return name in _look_up(event, path)  # type: ignore[operator]  # it is a dict, or a fault came before


def _faults_at(event: object, path: _Path, expected: type | tuple[type, ...]) -> "Iterator[str]":
    try:
        found = _look_up(event, path)
    except LookupError:
        yield f"{_name(path)} is missing"
    else:
        if not isinstance(found, expected):
            wanted = expected[0] if isinstance(expected, tuple) else expected
            yield f"{_name(path)} is {type(found).__name__}, not {wanted.__name__}"


def _faults_of_headers(event: object, path: _Path) -> "Iterator[str]":
    yield from _faults_at(event, path, dict)
    headers = _look_up(event, path)
    if not all(_is_header(values) for values in headers.values()):  # type: ignore[attr-defined]  # as above
        yield f'{_name(path)} holds what is not a list of {{"key": ..., "value": ...}}'


def _is_header(values: object) -> bool:
    return (
        isinstance(values, list)
        and bool(values)
        and all(isinstance(value, dict) and isinstance(value.get("value"), str) for value in values)
    )


def _look_up(event: object, path: _Path) -> object:
    found = event
    for step in path:
        found = found[step]  # type: ignore[index]  # each step before it was looked at first
    return found


def _name(path: _Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".") or "the event"
