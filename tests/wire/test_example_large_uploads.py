"""POST /upload/large of the example app: a presigned URL for one file, and the refusals."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from app.large_uploads import LARGE_FILE_LIMIT, LargeFile, presigner
from app.main import create_app
from app.settings import Settings, SettingsError
from hypothesis import given
from hypothesis import strategies as st

from tests.support.edge.live_server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKET = "uploads-example"
REGIONS = ["us-east-1", "eu-central-1"]
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # noqa: S105 (the documentation's example)
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "ASIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_SESSION_TOKEN": "token/with+signs==",
    "AWS_EC2_METADATA_DISABLED": "true",
}
FILE = {"bytes": 7_340_032, "type": "video/mp4"}


@pytest.fixture(scope="module", autouse=True)
def role() -> Iterator[None]:
    """Give the credentials of a role, in the variables that Lambda sets."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        patch.delenv("AWS_PROFILE", raising=False)
        yield


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """Serve the app with a bucket."""
    with (
        serve(create_app(Settings(), presign=presigner(BUCKET, "us-east-1"))) as address,
        httpx.Client(base_url=address, timeout=20, trust_env=False) as one,
    ):
        yield one


def signature(url: str, *, host: str, headers: dict[str, str]) -> str:
    """Sign a PUT of this URL by SigV4 as it is documented for query strings, with the standard library alone."""
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    del query["X-Amz-Signature"]
    signed = {"host": host, **headers}
    canonical = "\n".join(
        [
            "PUT",
            quote(parts.path),
            "&".join(f"{quote(name, safe='')}={quote(query[name], safe='')}" for name in sorted(query)),
            *(f"{name}:{signed[name]}" for name in sorted(signed)),
            "",
            ";".join(sorted(signed)),
            "UNSIGNED-PAYLOAD",
        ]
    )
    _, *scope = query["X-Amz-Credential"].split("/")
    key = f"AWS4{SECRET}".encode()
    for part in scope:
        key = hmac.digest(key, part.encode(), "sha256")
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join([query["X-Amz-Algorithm"], query["X-Amz-Date"], "/".join(scope), digest])
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def query(url: str) -> dict[str, str]:
    """Give the parameters of a URL."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query, keep_blank_values=True).items()}


def test_answer_says_how_to_send_the_file(client: httpx.Client) -> None:
    """One PUT, on the host that was asked, below /large/, with the file's type, within ten minutes."""
    answer = client.post("/upload/large", json=FILE)

    told = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert (told["method"], told["headers"], told["expires_s"]) == ("PUT", {"content-type": "video/mp4"}, 600)
    assert told["url"].startswith(f"/{told['key']}?")
    assert told["key"].startswith("large/")
    assert query(told["url"])["X-Amz-Expires"] == "600"


def test_keys_are_never_the_same(client: httpx.Client) -> None:
    """Nobody can overwrite another's file."""
    keys = {client.post("/upload/large", json=FILE).json()["key"] for _ in range(5)}
    assert len(keys) == 5


@pytest.mark.parametrize("region", REGIONS)
def test_signature_is_for_the_buckets_own_host(region: str) -> None:
    """CloudFront sends the origin's domain name as Host, which is the bucket's regional one; in us-east-1 too."""
    file = LargeFile(key="large/1", size_bytes=7_340_032, media_type="video/mp4")

    url = presigner(BUCKET, region)(file)

    headers = {"content-length": "7340032", "content-type": "video/mp4"}
    host = f"{BUCKET}.s3.{region}.amazonaws.com"
    assert query(url)["X-Amz-Signature"] == signature(url, host=host, headers=headers)
    assert query(url)["X-Amz-Signature"] != signature(url, host="d111111abcdef8.cloudfront.net", headers=headers)
    assert query(url)["X-Amz-Security-Token"] == "token/with+signs=="


@given(
    size=st.integers(1, LARGE_FILE_LIMIT), kind=st.from_regex(r"[a-z0-9][a-z0-9+.-]{0,20}/[a-z0-9]+", fullmatch=True)
)
def test_length_and_type_are_signed(size: int, kind: str) -> None:
    """A file of another length or another type has another signature, so S3 refuses it."""
    url = PRESIGN(LargeFile(key="large/1", size_bytes=size, media_type=kind))

    found = query(url)["X-Amz-Signature"]
    host = f"{BUCKET}.s3.us-east-1.amazonaws.com"
    assert query(url)["X-Amz-SignedHeaders"] == "content-length;content-type;host"
    assert found == signature(url, host=host, headers={"content-length": str(size), "content-type": kind})
    assert found != signature(url, host=host, headers={"content-length": str(size + 1), "content-type": kind})
    assert found != signature(url, host=host, headers={"content-length": str(size), "content-type": f"{kind}x"})


PRESIGN = presigner(BUCKET, "us-east-1")


@pytest.mark.parametrize("missing", [{}, {"type": ""}, {"type": None}])
def test_a_file_without_a_type_is_bytes(client: httpx.Client, missing: dict[str, object]) -> None:
    """Browsers know no type of many files."""
    told = client.post("/upload/large", json={"bytes": 7_340_032, **missing}).json()
    assert told["headers"] == {"content-type": "application/octet-stream"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"bytes": LARGE_FILE_LIMIT + 1}, 413, "file_too_large"),
        ({"bytes": 0}, 400, "bad_size"),
        ({"bytes": -1}, 400, "bad_size"),
        ({"bytes": True}, 400, "bad_size"),
        ({"bytes": "7340032"}, 400, "bad_size"),
        ({"bytes": 7e6}, 400, "bad_size"),
        ({}, 400, "bad_size"),
        ([], 400, "bad_json"),
        ({"bytes": 1, "type": "video/mp4\r\nx-amz-acl: public-read"}, 400, "bad_type"),
        ({"bytes": 1, "type": "video"}, 400, "bad_type"),
        ({"bytes": 1, "type": 1}, 400, "bad_type"),
        ({"bytes": 1, "type": "a/" + "b" * 100}, 400, "bad_type"),
        ({"bytes": 1, "padding": "x" * 5000}, 413, "body_too_large"),
    ],
)
def test_bad_input_is_refused(client: httpx.Client, body: object, status: int, code: str) -> None:
    """Nothing is signed for what is not right, and the answer says what is wrong."""
    answer = client.post("/upload/large", json=body)
    assert (answer.status_code, answer.json()["error"]) == (status, code)


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "bad_json"),
        (b"\xff", "application/json", 400, "bad_json"),
        (b"bytes=1", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
    ],
)
def test_what_is_not_json_is_refused(client: httpx.Client, content: bytes, kind: str, status: int, code: str) -> None:
    """A form of another site cannot ask, nor can what does not parse."""
    answer = client.post("/upload/large", content=content, headers={"content-type": kind})
    assert (answer.status_code, answer.json()["error"]) == (status, code)


def test_other_methods_are_told_to_post(client: httpx.Client) -> None:
    """405, with Allow."""
    answer = client.put("/upload/large", json=FILE)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_without_a_bucket_nothing_is_signed() -> None:
    """The default: one clear refusal, with the limit of what the app does take."""
    with serve(create_app(Settings())) as address:
        answer = httpx.post(f"{address}/upload/large", json=FILE, trust_env=False)

    told = answer.json()
    assert (answer.status_code, told["error"], told["limit_bytes"]) == (413, "large_uploads_off", 6_291_456)
    assert "LargeUploads is off" in told["message"]


def test_bucket_comes_from_the_environment() -> None:
    """With the Region that Lambda names; without a bucket the Region is nobody's business."""
    found = Settings.from_environment({"AGENT_UPLOAD_BUCKET": BUCKET, "AWS_REGION": "eu-central-1"})
    assert (found.upload_bucket, found.region) == (BUCKET, "eu-central-1")
    assert Settings.from_environment({"AGENT_UPLOAD_BUCKET": "", "AWS_REGION": "eu-central-1"}) == Settings()
    with pytest.raises(SettingsError, match=r"^AGENT_UPLOAD_BUCKET is 'uploads-example', so AWS_REGION must name"):
        Settings.from_environment({"AGENT_UPLOAD_BUCKET": BUCKET})
