"""The header rules of a function result: shape, names, values, and what is not the function's to touch."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from edge_hasher.function import header_rules
from edge_hasher.local.cloudfront import custom_headers, syntax
from edge_hasher.local.cloudfront.invalid import InvalidResult, Text, is_object, short, typed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge_hasher.local.cloudfront.model import HeaderPairs


def read_headers(headers: object, where: str = "headers", given: object = None) -> dict[str, HeaderPairs]:
    """Return headers by lower-case name; raises InvalidResult for a wrong shape, name or value.

    An entry without `key` gets the name with initial capitals (documented). A header with an empty array
    counts as absent (inferred). `where` names the object in reasons. What equals its namesake in `given`, the event's
    own headers, is known to be right.
    """
    if not is_object(headers):
        raise InvalidResult(Text.HEADER_NOT_ARRAY, f"{where} is {typed(headers)}; it must be an object of arrays")
    found: dict[str, HeaderPairs] = {}
    known = given if is_object(given) else {}
    for name, entries in headers.items():
        if isinstance(entries, list) and entries == known.get(name) and name not in found:
            found[name] = tuple([(e["key"], e["value"]) if "key" in e else _pair(name, e, where) for e in entries])
            continue
        lower = name.lower()
        if not syntax.is_token(name):
            raise InvalidResult(Text.HEADER_SYNTAX, f"{where} has the name {short(name)}, which is not a header name")
        if lower in found:  # what CloudFront makes of it is unknown
            raise InvalidResult(Text.HEADER_SYNTAX, f"{where} has {lower} twice, in different case")
        if not isinstance(entries, list):
            raise InvalidResult(Text.HEADER_NOT_ARRAY, f"{where}.{name} is {typed(entries)}; it must be an array")
        found[lower] = tuple(_pair(name, entry, where) for entry in entries)
    return found if all(found.values()) else {name: pairs for name, pairs in found.items() if pairs}


def request_headers(returned: object, given: object) -> HeaderPairs:
    """Return a returned request's headers, checked against those of the event; raises InvalidResult."""
    after = read_headers(returned, given=given)
    known = given if is_object(given) else {}
    entries = returned if is_object(returned) else {}
    touched = [
        name
        for name in header_rules.READ_ONLY & (known.keys() | after.keys())
        if name not in entries or entries[name] != known.get(name)
    ]
    if touched:
        _refuse_changed(sorted(touched), read_headers({name: known[name] for name in touched if name in known}), after)
    refuse_disallowed([name for name in after if name not in known])
    return flat(after)


def _refuse_changed(names: list[str], before: dict[str, HeaderPairs], after: dict[str, HeaderPairs]) -> None:
    for name in names:
        was, now = ([value for _, value in headers.get(name, ())] for headers in (before, after))
        if was != now:
            verb = "added" if not was else "deleted" if not now else "changed"
            raise InvalidResult(
                Text.READ_ONLY_HEADER,
                f"{name} is read-only here and the function {verb} it: it was {short(was)}, and is {short(now)}",
            )


def response_headers(headers: object) -> HeaderPairs:
    """Return a generated response's headers; neither read-only nor disallowed ones may be among them."""
    after = read_headers(headers)
    for name in sorted(header_rules.READ_ONLY & after.keys()):
        raise InvalidResult(Text.READ_ONLY_HEADER, f"{name} is read-only and the function added it to its response")
    refuse_disallowed(after)
    return flat(after)


def origin_headers(returned: object, given: object) -> HeaderPairs:
    """Return an origin's custom headers; operators' and functions' restrictions both apply (documented).

    Only what differs from `given` is judged: the distribution took the rest.
    """
    after = read_headers(returned, "customHeaders")
    if returned == given:  # but perhaps in another order
        return flat(after)
    before = read_headers(given, "customHeaders")
    for name, pairs in after.items():
        if pairs == before.get(name):
            continue
        if name in header_rules.READ_ONLY or header_rules.is_disallowed(name):
            raise InvalidResult(Text.ORIGIN_HEADER, f"customHeaders has {name}, which a function may not set")
        for key, value in pairs:
            if trouble := custom_headers.problem(key, value):
                raise InvalidResult(Text.ORIGIN_HEADER, f"customHeaders: {trouble}")
    if after != before and (trouble := custom_headers.joint_problem(flat(after))):
        raise InvalidResult(Text.ORIGIN_HEADER, f"customHeaders: {trouble}")
    return flat(after)


def refuse_disallowed(names: Iterable[str]) -> None:
    """Raise InvalidResult for a header that is hidden from functions and that they may not add."""
    for name in names:
        if header_rules.is_disallowed(name):
            raise InvalidResult(Text.DISALLOWED_HEADER, f"{name} is disallowed in functions and the function added it")


def refuse_doubles(headers: HeaderPairs, custom: HeaderPairs) -> None:
    """Raise InvalidResult for a name in both `headers` and the origin's custom headers (documented)."""
    if not custom:
        return
    both = {name.lower() for name, _ in headers} & {name.lower() for name, _ in custom}
    for name in sorted(both):  # CloudFront's sentence for it is unknown; the origin's is the nearest
        raise InvalidResult(Text.ORIGIN_HEADER, f"{name} is both in headers and in the origin's customHeaders")


def flat(headers: dict[str, HeaderPairs]) -> HeaderPairs:
    """Return the headers as one sequence of pairs, in the order of the object."""
    return tuple(chain.from_iterable(headers.values()))


def _pair(name: str, entry: object, where: str) -> tuple[str, str]:
    if not is_object(entry):
        raise InvalidResult(Text.HEADER_VALUE, f"{where}.{name} has {typed(entry)}; each entry is an object with value")
    value, key = entry.get("value"), entry.get("key")
    if not isinstance(value, str):  # CloudFront's log speaks of arrays of strings too; the documentation does not
        raise InvalidResult(
            Text.HEADER_VALUE, f"{where}.{name} has a value that is {typed(value)}; it must be a string"
        )
    if syntax.has_control(value) or syntax.has_surrogate(value):
        raise InvalidResult(Text.HEADER_SYNTAX, f"{where}.{name} has a value with a control character")
    if key is None:
        return "-".join(part.capitalize() for part in name.split("-")), value
    if not isinstance(key, str) or key.lower() != name.lower():  # inferred
        raise InvalidResult(Text.HEADER_SYNTAX, f"{where}.{name} has an entry whose key is not this name")
    return key, value
