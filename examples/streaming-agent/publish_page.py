# ruff: noqa: INP001 (a Lambda function's code is a program, not a package)
"""CloudFormation custom resources: the page's files in a bucket, and buckets emptied before they are deleted."""

from __future__ import annotations

import json
import mimetypes
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE = Path(__file__).parent / "page"
# Browsers ask each time whether a file changed, so nobody has old scripts with a new page.
CACHE_CONTROL = "no-cache"
# CloudFormation waits for an answer, which it gets at this pace at most.
ANSWER_TIMEOUT_S = 10


def handler(event: dict[str, Any], _context: object) -> None:
    """Do what CloudFormation asks, and answer in any case: without an answer it waits until the time is up."""
    try:
        _do(event["RequestType"], event["ResourceProperties"])
    except Exception as error:
        _answer(event, "FAILED", f"{type(error).__name__}: {error}")
        raise
    _answer(event, "SUCCESS", "")


def _do(request: str, properties: dict[str, str]) -> None:
    # What a bucket of uploads holds came from visitors: it is only emptied, before it goes.
    if request == "Delete" or properties.get("Holds") != "uploads":
        publish(request, properties["Bucket"])


def publish(request: str, bucket: str) -> None:
    """Make the bucket hold the page's files and no others; none at all on Delete."""
    s3: Any = boto3.client("s3")
    files = {} if request == "Delete" else {path.relative_to(PAGE).as_posix(): path for path in _files()}
    for key, path in files.items():
        s3.put_object(
            Bucket=bucket, Key=key, Body=path.read_bytes(), ContentType=_media_type(path), CacheControl=CACHE_CONTROL
        )
    # After the upload, so the page is complete at any time.
    for key in _keys(s3, bucket):
        if key not in files:
            s3.delete_object(Bucket=bucket, Key=key)


def _files() -> Iterable[Path]:
    return sorted(path for path in PAGE.rglob("*") if path.is_file())


def _keys(s3: Any, bucket: str) -> list[str]:  # noqa: ANN401 (boto3 makes clients at run time)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [held["Key"] for page in pages for held in page.get("Contents", [])]


def _media_type(path: Path) -> str:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _answer(event: dict[str, Any], status: str, reason: str) -> None:
    """Tell CloudFormation; shape documented in "Custom resource response objects"."""
    answer = {
        "Status": status,
        "Reason": reason,
        "PhysicalResourceId": event.get("PhysicalResourceId") or f"files-of-{event['ResourceProperties']['Bucket']}",
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    request = urllib.request.Request(  # noqa: S310 (CloudFormation's own address, from its event)
        event["ResponseURL"], data=json.dumps(answer).encode(), method="PUT", headers={"content-type": ""}
    )
    with urllib.request.urlopen(request, timeout=ANSWER_TIMEOUT_S):  # noqa: S310 (the same)
        pass
