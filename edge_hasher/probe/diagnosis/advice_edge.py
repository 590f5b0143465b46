"""Advice on requests that stop before the Function URL, and on answers that fit no pattern."""

from __future__ import annotations

from edge_hasher.probe.diagnosis.advice import DOCTOR, Advice

_OPERATOR_LOG = "the log group /aws/lambda/us-east-1.<function>, in the Region nearest to you"

ADVICE = (
    Advice(
        code="not-cloudfront",
        outcome="unclear",
        title="No answer shows a sign of CloudFront.",
        meaning="The name points elsewhere, another CDN or a proxy stands in front, or its headers are removed.",
        fix="edge-hasher probe https://YOUR-DISTRIBUTION.cloudfront.net --path {path}",
    ),
    Advice(
        code="redirected",
        outcome="unclear",
        title="CloudFront redirects http to https, so nothing else was asked.",
        meaning="Clients that follow the redirect of a POST may lose the body.",
        fix="edge-hasher probe https://{host}{path}",
    ),
    Advice(
        code="waf-blocks",
        title="WAF blocks the request before anything else sees it.",
        meaning="A rule matched, or the name is not one of the distribution's. Neither the function nor the "
        "application was asked.",
        fix="Look at the web ACL's sampled requests for the cf-id above, and let the rule count before it blocks.",
    ),
    Advice(
        code="waf-challenge",
        title="WAF wants a CAPTCHA or a challenge solved, which only a browser can do.",
        meaning="Webhooks, SDKs and curl cannot pass; a browser's fetch cannot either without WAF's script.",
        fix="Leave this path out of the rule (scope-down statement), or send the token of a solved challenge.",
    ),
    Advice(
        code="country-blocked",
        title="The distribution blocks the country you ask from.",
        meaning="Everyone in this country gets 403; others may not.",
        fix="aws cloudfront get-distribution-config --id ID --query DistributionConfig.Restrictions",
    ),
    Advice(
        code="signed-url-wanted",
        title="The behavior wants signed URLs or cookies (trusted key groups).",
        meaning="Nobody gets through without a URL or cookie that you signed. This is not OAC's signature.",
        fix="Give the probe a signed address, or --header 'Cookie: CloudFront-Policy=…'.",
    ),
    Advice(
        code="method-not-allowed",
        title="The behavior of this path does not allow {method}.",
        meaning="CloudFront itself answers 403. Often another behavior than intended serves the path.",
        fix=DOCTOR + "  # then set AllowedMethods to all seven on that behavior",
    ),
    Advice(
        code="function-fails",
        title="The function at the edge fails: it throws, runs out of time, or cannot start.",
        meaning="Every request of this behavior gets 503.",
        fix=f"Read {_OPERATOR_LOG}; then {DOCTOR}",
    ),
    Advice(
        code="function-throttled",
        title="The function at the edge is throttled.",
        meaning="Requests get 503 while too many run at once in this Region (1,000 by default).",
        fix="Ask for more concurrent executions in Service Quotas, in the Region nearest to these viewers.",
    ),
    Advice(
        code="function-result-invalid",
        title="CloudFront refuses what the function at the edge returns.",
        meaning="Requests get 502. The function changes a read-only header, adds a disallowed one, or returns an "
        "invalid response. Edge Hasher does none of these: look at other functions, or at the one that calls it.",
        fix="aws logs tail /aws/cloudfront/LambdaEdge/DISTRIBUTION_ID --since 10m --region us-east-1",
    ),
    Advice(
        code="wrong-trigger",
        title="Edge Hasher is attached to viewer-request; it belongs on origin-request.",
        meaning="Every request gets 500.",
        fix="edge-hasher attach {host} --path PATTERN  # then remove the viewer-request association",
    ),
    Advice(
        code="bad-settings",
        title="The settings in the origin's Edge-Hasher header are wrong.",
        meaning="Every request gets 500; the answer's text above names the setting.",
        fix="Correct the custom header Edge-Hasher of the origin.",
    ),
    Advice(
        code="include-body-off",
        title="Edge Hasher is attached without IncludeBody and cannot see the body.",
        meaning="Every {method} without a digest of the client's own gets 500.",
        fix="edge-hasher attach {host} --path PATTERN  # of the behavior that serves {path}; it sets IncludeBody",
    ),
    Advice(
        code="body-not-delivered",
        title="CloudFront does not pass the body of {method} to the function.",
        meaning="{method} with a body works only where the client sends the digest itself.",
        fix="Send the body with POST or PUT, or send its SHA-256 in x-amz-content-sha256.",
    ),
    Advice(
        code="bad-encoding",
        title="The body that reaches Edge Hasher is not valid base64.",
        meaning="Every {method} gets 500. Nothing in the request causes this: something changes the event.",
        fix="Call Edge Hasher's decide() before anything that touches request['body']; report it with the cf-id.",
    ),
    Advice(
        code="max-body-tiny",
        title="The setting max-body is smaller than the few bytes that the probe sends.",
        meaning="Every larger {method} gets 413.",
        fix="Raise max-body in the custom header Edge-Hasher of the origin (1 to 6291456 bytes).",
    ),
    Advice(
        code="s3-origin",
        title="S3 serves this path, not a Function URL.",
        meaning="The behavior that matches the path has another origin than intended; S3 does not take {method} here.",
        fix=DOCTOR,
    ),
    Advice(
        code="api-gateway-origin",
        title="API Gateway serves this path, not a Function URL.",
        meaning="OAC does not sign for API Gateway; its 403 means a wrong path, a forwarded Host, or its own "
        "authorizer.",
        fix=DOCTOR,
    ),
    Advice(
        code="origin-fails",
        title="CloudFront gets no answer from the origin.",
        meaning="The viewer gets 502 or 504: a wrong origin name, no HTTPS, or a first byte later than the read "
        "timeout.",
        fix=DOCTOR,
    ),
    Advice(
        code="answered-at-the-edge",
        outcome="unclear",
        title="Another function at the edge answers, before Edge Hasher or the application.",
        meaning="Perhaps a login or a redirect. The application was not asked.",
        fix="Send what it asks for: edge-hasher probe {host} --path {path} --header 'Authorization: …'",
    ),
    Advice(
        code="error-page-hides",
        outcome="unclear",
        title="A custom error response hides what happened.",
        meaning="CloudFront replaces an error with a page, perhaps with status 200, on every behavior: an API's "
        "clients get HTML instead of the reason.",
        fix="aws cloudfront get-distribution-config --id ID --query DistributionConfig.CustomErrorResponses",
    ),
    Advice(
        code="cloudfront-refuses",
        title="CloudFront itself refuses the request.",
        meaning="The sentence above is CloudFront's. Often the name is not among the distribution's alternate names, "
        "or the request is malformed.",
        fix="edge-hasher probe https://YOUR-DISTRIBUTION.cloudfront.net --path {path}",
    ),
    Advice(
        code="cannot-tell",
        outcome="unclear",
        title="The answers fit no known pattern.",
        meaning="See what each request got, above.",
        fix=DOCTOR,
    ),
)
