"""Advice on digest, signature and permission."""

from __future__ import annotations

from edge_hasher.probe.diagnosis.advice import DOCTOR, Advice

ADVICE = (
    Advice(
        code="healthy",
        outcome="ok",
        title="Edge Hasher works: {method} reaches the application, and a wrong digest is refused at the edge.",
        meaning="Any client can send {method} here, with or without x-amz-content-sha256.",
        fix="Nothing to do.",
    ),
    Advice(
        code="app-refuses",
        outcome="ok",
        title="The application itself refuses {method}; signature and permissions are right.",
        meaning="The 401 or 403 is the application's own: a login, a CSRF token, a role of its own.",
        fix="Send what the application asks for: edge-hasher probe {host} --path {path} --header 'Authorization: …'",
    ),
    Advice(
        code="app-fails",
        title="{method} reaches the application, and the application fails.",
        meaning="The viewer gets a 5xx from the function behind the Function URL; the edge is not to blame.",
        fix="aws logs tail /aws/lambda/FUNCTION --since 10m",
    ),
    Advice(
        code="digest-trusted",
        outcome="ok",
        title="{method} works, and a wrong digest is passed on unchecked: the Function URL refuses it.",
        meaning="A function at the edge hashes what comes without a digest: Edge Hasher with viewer-digest=trust, or "
        "another one. A client with a wrong digest gets an opaque 403.",
        fix="For a clear answer to such clients, leave viewer-digest out of the origin's Edge-Hasher header.",
    ),
    Advice(
        code="digest-replaced",
        outcome="ok",
        title="{method} works, and a function at the edge replaces the client's digest.",
        meaning="Edge Hasher with viewer-digest=replace, or another function. A body that changed on its way to "
        "CloudFront is signed as it arrived.",
        fix="To have a client's digest checked, leave viewer-digest out of the origin's Edge-Hasher header.",
    ),
    Advice(
        code="function-not-attached",
        title="{method} without a digest gets 403, with one it works: no function at the edge sets it.",
        meaning="Browsers, forms and webhooks get 403 for every {method}; GET works, and the application logs nothing.",
        fix="edge-hasher attach {host} --path PATTERN  # of the behavior that serves {path}",
    ),
    Advice(
        code="function-not-attached-hidden",
        sure=False,
        title="{method} without a digest gets an error page, with one it works: no function sets it, and a custom "
        "error response hides the 403.",
        meaning="Clients of {method} get a page that the application did not send.",
        fix="edge-hasher attach {host} --path PATTERN  # of the behavior that serves {path}",
    ),
    Advice(
        code="wrong-digest-signed",
        sure=False,
        title="{method} gets 403 even with the right digest: CloudFront signs another one, or none.",
        meaning="Another function at the edge writes a wrong digest (of text instead of bytes, of a truncated body), "
        "or the behavior's policies keep x-amz-content-sha256 from the origin.",
        fix=DOCTOR,
    ),
    Advice(
        code="every-signature-wrong",
        sure=False,
        title="The Function URL refuses every signature, GET's too.",
        meaning="Something changes the request between signature and Function URL, or a digest is written on GET: "
        "another function, a path with characters that are encoded twice, a second proxy.",
        fix="edge-hasher probe {host} --path /",
    ),
    Advice(
        code="permission-missing",
        title="CloudFront's signature is right, but a permission is missing.",
        meaning="Every method gets 403 AccessDeniedException. The function's policy needs two statements for this "
        "distribution, InvokeFunctionUrl and InvokeFunction, on the Function URL's own qualifier.",
        fix=DOCTOR + "  # prints the two aws lambda add-permission lines",
    ),
    Advice(
        code="oac-does-not-sign",
        title="OAC does not sign: the Function URL gets what the viewer sent.",
        meaning="Every method gets 403 AccessDeniedException. The origin has no OAC, or one whose behavior is 'never'.",
        fix=DOCTOR + "  # then set the OAC: origin type lambda, sigv4, signing behavior always",
    ),
    Advice(
        code="host-forwarded",
        sure=False,
        title="The Function URL refuses every request, whatever its signature: the viewer's Host is forwarded.",
        meaning="A Function URL answers to its own name only. The same answer comes where a permission is missing or "
        "OAC does not sign; from outside these look alike.",
        fix="Set the origin request policy AllViewerExceptHostHeader (b689b0a8-53d0-40ab-baf2-68738e2966ac); then "
        + DOCTOR,
    ),
    Advice(
        code="authorization-not-overridden",
        title="A viewer's Authorization header reaches the Function URL instead of CloudFront's signature.",
        meaning="Requests that carry Authorization (a bearer token, a login) get 403: OAC's behavior is "
        "'no-override', or it does not sign.",
        fix=DOCTOR + "  # then set OAC's signing behavior to always",
    ),
    Advice(
        code="function-url-itself",
        title="This is the Function URL itself, not the distribution.",
        meaning="A private Function URL refuses everyone but CloudFront; that is how it should be.",
        fix="edge-hasher probe https://YOUR-DISTRIBUTION.cloudfront.net --path {path}",
    ),
    Advice(
        code="lambda-throttled",
        title="Lambda throttles the application's function.",
        meaning="Viewers get 429 while all of its concurrency is in use.",
        fix="aws lambda get-function-concurrency --function-name FUNCTION",
    ),
    Advice(
        code="not-lambda",
        outcome="unclear",
        title="Everything gets through, and no answer shows a sign of Lambda.",
        meaning="Another kind of origin serves the path, where nothing has to be hashed; or a response headers policy "
        "removes x-amzn-requestid.",
        fix=DOCTOR,
    ),
    Advice(
        code="nothing-verified",
        sure=False,
        title="{method} gets through with a wrong digest, and so does GET: nothing verifies a signature.",
        meaning="The Function URL is probably public (AuthType NONE): anyone who knows its address can bypass "
        "CloudFront. The same shows with Edge Hasher under viewer-digest=replace and bodyless=hash, or a cached GET.",
        fix=DOCTOR,
    ),
)
