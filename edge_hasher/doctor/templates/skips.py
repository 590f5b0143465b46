"""What the user wants left out: comments in the code, a resource's metadata, and a baseline of known findings.

A comment names codes and says why: `# edge-hasher: skip EH401 the Host is rewritten`. On a line of its own it holds for
the next line that is not a comment; for a resource, on its first line. JSON has no comments: there it is the resource's
Metadata, `{"edge-hasher": {"skip": ["EH401 the Host is rewritten"]}}`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from edge_hasher.doctor.templates.reading.source import ReadError, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from edge_hasher.doctor.templates.findings import Finding
    from edge_hasher.doctor.templates.reading.source import Document

# The last is the comment of Terraform's JSON: a property of the name //.
_COMMENT = re.compile(
    r"""(?:#|//)\s*edge-hasher:\s*skip\b(?P<rest>.*)|"//"\s*:\s*"edge-hasher:\s*skip\b(?P<json>[^"]*)"""
)
_SKIP = re.compile(r"(?P<codes>EH\d{3}(?:[\s,]+EH\d{3})*)[\s,:]*(?P<reason>.*)")
_ONLY_COMMENT = re.compile(r"""\s*(?:#|//|"//"\s*:)""")


def _in_metadata(metadata: object) -> dict[str, str]:
    """Return the codes, with reasons, that a resource's metadata leaves out."""
    own = metadata.get("edge-hasher") if isinstance(metadata, dict) else None
    written = own.get("skip") if isinstance(own, dict) else None
    texts = [each for each in (written if isinstance(written, list) else [written]) if isinstance(each, str)]
    return {code: reason for text in texts for code, reason in _codes(text)}


def skipped(finding: Finding) -> str | None:
    """Return why a finding is left out, by a comment on its line or on its resource's, or by metadata."""
    code, resource = finding.check.code, finding.spot.resource
    in_metadata = _in_metadata(resource.metadata)
    if code in in_metadata:
        return in_metadata[code]
    places = ((finding.spot.place.document, finding.span.line), (resource.place.document, resource.place.span().line))
    for document, line in places:
        found = dict(_above(document, line))
        if code in found:
            return found[code]
    return None


def without_reason(documents: Mapping[Path, Document]) -> Iterator[str]:
    """Say which comments leave something out and do not say why, or name no code: they do not count."""
    for file, document in documents.items():
        for number, line in enumerate(document.lines, 1):
            comment = _COMMENT.search(line)
            if comment is not None and not dict(_codes(_rest(comment))):
                yield f"{file}:{number}: this comment leaves nothing out: write `edge-hasher: skip EH000 reason`"


def known_findings(file: Path) -> frozenset[str]:
    """Return the fingerprints of a baseline: what `check --format json` printed; raises ReadError for anything else."""
    try:
        data = json.loads(read_text(file))
    except (ValueError, RecursionError) as error:
        raise ReadError(f"it is not JSON: {error}") from error
    findings = data.get("findings") if isinstance(data, dict) else None
    if not isinstance(findings, list):
        raise ReadError("it is not what `edge-hasher check --format json` prints: it has no findings")
    return frozenset(str(each.get("fingerprint")) for each in findings if isinstance(each, dict))


def _above(document: Document, line: int) -> Iterator[tuple[str, str]]:
    """Return what a line's own comment leaves out, and the comments directly above it."""
    lines = document.lines
    yield from _comment(lines[line - 1] if line <= len(lines) else "")
    number = line - 2
    while 0 <= number < len(lines) and _ONLY_COMMENT.match(lines[number]):
        yield from _comment(lines[number])
        number -= 1


def _comment(line: str) -> Iterator[tuple[str, str]]:
    # A plan is one line of megabytes, and this is asked for each finding in it.
    found = _COMMENT.search(line) if "edge-hasher" in line else None
    if found is not None:
        yield from _codes(_rest(found))


def _rest(comment: re.Match[str]) -> str:
    return str(comment["json"] if comment["rest"] is None else comment["rest"])


def _codes(text: str) -> Iterator[tuple[str, str]]:
    match = _SKIP.fullmatch(text.strip())
    if match is not None and match["reason"].strip():
        for code in re.findall(r"EH\d{3}", match["codes"]):
            yield code, match["reason"].strip()
