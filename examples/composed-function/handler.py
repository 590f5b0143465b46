"""One origin-request function for two jobs: it checks the viewer's JWT, then lets Edge Hasher hash the body.

CloudFront takes one origin-request function per behavior, so a team with a check of its own calls `decide` from it.
"""

import json
from pathlib import Path
from typing import Any

import jwt

from edge_hasher.function import decide, runtime_marshaller

ISSUER = "https://login.example.com/"
AUDIENCE = "https://chat.example.com"
# The issuer's public keys, as its /.well-known/jwks.json has them. They are in the zip: fetching them would cost every
# cold start a round trip. New keys are a new version, so publish it before the issuer signs with them.
KEYS = {key.key_id: key for key in jwt.PyJWKSet.from_json((Path(__file__).parent / "jwks.json").read_text()).keys}

runtime_marshaller.install()  # large bodies are hashed from the event's own bytes

Json = dict[str, Any]


def lambda_handler(event: Json, context: object) -> object:  # noqa: ARG001 - Lambda passes two
    """Return the request with its body's digest, or the answer that refuses it."""
    request = event["Records"][0]["cf"]["request"]
    # A browser asks for permission without a token.
    if request["method"] != "OPTIONS":
        try:
            check_token(request["headers"])
        except jwt.InvalidTokenError as error:
            return unauthorized(str(error))
    return decide(request).answer


def check_token(headers: Json) -> None:
    """Raise InvalidTokenError unless the one Authorization header holds a token of the issuer for this site."""
    values = [header["value"] for header in headers.get("authorization", [])]
    scheme, _, token = values[0].partition(" ") if len(values) == 1 else ("", "", "")
    if scheme.lower() != "bearer":
        raise jwt.InvalidTokenError("send one token: Authorization: Bearer …")
    key = KEYS.get(jwt.get_unverified_header(token).get("kid"))
    if key is None:
        raise jwt.InvalidTokenError("the token is signed with a key that is not known here")
    # The algorithm is ours to name, never the token's.
    jwt.decode(
        token,
        key,
        algorithms=["RS256"],
        issuer=ISSUER,
        audience=AUDIENCE,
        options={"require": ["exp", "iss", "aud"]},
    )


def unauthorized(why: str) -> Json:
    """Make the 401; it repeats nothing of the token."""
    problem = {"type": "about:blank", "title": "Unauthorized", "status": 401, "detail": why}
    return {
        "status": "401",
        "headers": {
            "content-type": [{"value": "application/problem+json"}],
            "www-authenticate": [{"value": "Bearer"}],
            "cache-control": [{"value": "no-store"}],
        },
        "body": json.dumps(problem),
    }
