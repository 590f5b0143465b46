"""Files larger than a Function URL takes: a presigned URL, with which the browser puts one file into a private bucket.

boto3 is the Lambda runtime's own (documented: "Working with .zip file archives for Python Lambda functions"): the app's
zip stays small. It is imported on the first request that needs it.

A URL is for one method, one key, one length and one media type, all of them signed. It leads through the app's own
host, whose behavior /large/* passes path and query on to the bucket, with the bucket's own Host.
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .bodies import JSON, UPLOAD_BODY_LIMIT, Refusal, bounded, media_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    Presign = Callable[["LargeFile"], str]
    """Gives the path and query that take this file, on the app's own host."""

LARGE_FILE_LIMIT = 1024 * 1024 * 1024
"""Largest file in bytes. S3 takes up to 5 GB in one PUT (documented: "Uploading objects")."""

ASKING_LIMIT = 4096
"""Largest body in bytes that asks for a URL."""

EXPIRES_S = 600
"""How long a URL may be used to begin an upload. It ends earlier if the role's credentials do (documented)."""

PREFIX = "large/"
"""First part of every key, which is the behavior's path: CloudFront passes the whole path on."""

DEFAULT_TYPE = "application/octet-stream"
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeFile:
    """A file that somebody wants to send. `key` is new for each: nobody can overwrite another's file."""

    key: str
    size_bytes: int
    media_type: str


async def read_file(request: Request) -> LargeFile:
    """Read {"bytes": …, "type": …} and choose a key; raises Refusal."""
    if media_type(request) != JSON:
        raise Refusal(415, "unsupported_media_type", f'Send {JSON}: {{"bytes": 7340032, "type": "video/mp4"}}.')
    body = b"".join([chunk async for chunk in bounded(request, ASKING_LIMIT)])
    try:
        asked = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise Refusal(400, "bad_json", 'The body is not a JSON object. Send {"bytes": 7340032, "type": "video/mp4"}.')
    return LargeFile(
        key=f"{PREFIX}{uuid.uuid4()}", size_bytes=_size(asked.get("bytes")), media_type=_type(asked.get("type"))
    )


def presigner(bucket: str, region: str) -> Presign:
    """Make what signs for this bucket with the function's own role; asks AWS nothing."""

    @cache
    def client() -> Any:  # noqa: ANN401 (boto3 makes clients at run time)
        import boto3  # noqa: PLC0415 (half a second that nobody else should wait for)
        from botocore.config import Config  # noqa: PLC0415

        # The signed Host is the origin's domain name in the distribution: bucket and Region, in us-east-1 too.
        config = Config(
            signature_version="s3v4", s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"}
        )
        return boto3.Session().client("s3", region_name=region, config=config)

    def presign(file: LargeFile) -> str:
        put = {"Bucket": bucket, "Key": file.key, "ContentLength": file.size_bytes, "ContentType": file.media_type}
        signed = urlsplit(client().generate_presigned_url("put_object", Params=put, ExpiresIn=EXPIRES_S))
        return f"{signed.path}?{signed.query}"

    return presign


def answer(file: LargeFile, path: str) -> dict[str, object]:
    """Say how to send the file."""
    return {
        "method": "PUT",
        "url": path,
        "headers": {"content-type": file.media_type},
        "key": file.key,
        "expires_s": EXPIRES_S,
    }


def turned_off() -> Refusal:
    """Make the refusal of an app that has no bucket."""
    told = f"The file is larger than {UPLOAD_BODY_LIMIT} bytes, and this app takes no larger one: LargeUploads is off."
    return Refusal(413, "large_uploads_off", told, limit_bytes=UPLOAD_BODY_LIMIT)


def _size(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Refusal(400, "bad_size", '"bytes" is the size of the file, a whole number from 1.')
    if value > LARGE_FILE_LIMIT:
        told = f"The file has {value} bytes, the limit is {LARGE_FILE_LIMIT}."
        raise Refusal(413, "file_too_large", told, limit_bytes=LARGE_FILE_LIMIT)
    return value


def _type(value: object) -> str:
    if value is None or value == "":
        return DEFAULT_TYPE
    if not isinstance(value, str) or not MEDIA_TYPE.fullmatch(value):
        raise Refusal(400, "bad_type", '"type" is a media type such as video/mp4, in lower case, without parameters.')
    return value
