"""A distribution in front of a private Function URL on MiniStack, all as it should be: doctor finds nothing.

A fault is made in it with boto3. What MiniStack cannot represent is edited into its answers by the watch.
"""

import copy
import io
import json
import time
import zipfile
from itertools import count

from edge_hasher.doctor.checks import CHECKS
from edge_hasher.doctor.reading.reader import Question, read
from edge_hasher.doctor.runner import Report, run
from tests.support.aws.doctor_watch import Edit, Json, Watch, WatchedAws
from tests.support.aws.ministack_server import ACCOUNT_ID, EDGE_REGION, MiniStack

AGENT_REGION = "eu-west-1"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
OWN_HANDLER = "edge_hasher.function.handler.lambda_handler"
URL_SID, INVOKE_SID = "cloudfront-url", "cloudfront-invoke"
EVERY_METHOD = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
EDGE_SERVICES = ("lambda.amazonaws.com", "edgelambda.amazonaws.com")
ROLE_ARN = f"arn:aws:iam::{ACCOUNT_ID}:role/edge"


class World:
    """The whole set-up, by name, and how to look at it."""

    def __init__(self, aws: MiniStack) -> None:
        self.aws = aws
        self.cloudfront = aws.client("cloudfront")
        self.iam = aws.client("iam")
        self.edge = aws.client("lambda", EDGE_REGION)
        self.far = aws.client("lambda", AGENT_REGION)
        self.agents = self.far
        self.agent_name = "agent"
        self.watch = Watch()
        self._names = count(1)
        self._build()
        self.config = self._read_config()

    def restore(self) -> None:
        """Undo what a fault did; building anew would wait for functions to become active."""
        self.watch = Watch()
        self.oac(SigningBehavior="always")
        self.edit(self._put_back)
        self.iam.update_assume_role_policy(RoleName="edge", PolicyDocument=trust(*EDGE_SERVICES))
        self.agents.update_function_url_config(
            FunctionName=self.agent_name, AuthType="AWS_IAM", InvokeMode="RESPONSE_STREAM"
        )
        self.agents.update_function_configuration(FunctionName=self.agent_name, Timeout=30)
        self.agents.delete_function_concurrency(FunctionName=self.agent_name)
        for other in self.cloudfront.list_origin_access_controls()["OriginAccessControlList"]["Items"]:
            if other["Id"] != self.oac_id:
                etag = self.cloudfront.get_origin_access_control(Id=other["Id"])["ETag"]
                self.cloudfront.delete_origin_access_control(Id=other["Id"], IfMatch=etag)
        # MiniStack keeps one policy for all qualifiers of a function, where AWS keeps one for each.
        for statement in self._statements():
            of = {"Qualifier": "live"} if statement["Resource"].endswith(":live") else {}
            self.agents.remove_permission(FunctionName=self.agent_name, StatementId=statement["Sid"], **of)
        self._allow_both()

    def _put_back(self, config: Json) -> None:
        config.clear()
        config.update(copy.deepcopy(self.config))

    def look(self, path: str | None = None, function: str | None = None, distribution: str | None = None) -> Report:
        """Ask doctor."""
        question = Question(distribution=distribution or self.id, path=path, function=function)
        return run(read(WatchedAws(self.aws, self.watch), question, lambda _: None), CHECKS)

    def edit(self, change: Edit) -> None:
        """Change the distribution's configuration in place."""
        answer = self.cloudfront.get_distribution_config(Id=self.id)
        _complete(answer["DistributionConfig"])
        change(answer["DistributionConfig"])
        self.cloudfront.update_distribution(
            Id=self.id, IfMatch=answer["ETag"], DistributionConfig=answer["DistributionConfig"]
        )

    def edit_chat(self, **settings: Json) -> None:
        """Change settings of the behavior /chat*."""
        self.edit(lambda config: chat(config).update(settings))

    def associate(self, arn: str | None, event: str = "origin-request", *, body: bool = True) -> None:
        """Put one function on /chat*, or none."""
        self.edit_chat(LambdaFunctionAssociations=associations(arn, event, body=body))

    def republish(self, **configuration: Json) -> None:
        """Publish a version of a function like Edge Hasher, but for this, and put it on /chat*."""
        name = f"edge-hasher-{next(self._names)}"
        self.associate(self.function(name, Handler=OWN_HANDLER, **configuration))

    def allow(self, sid: str, action: str, *, distribution: str | None = None, **more: Json) -> None:
        """Let CloudFront call the agent, for this distribution unless another is named."""
        self.agents.add_permission(
            FunctionName=self.agent_name,
            StatementId=sid,
            Action=action,
            Principal="cloudfront.amazonaws.com",
            SourceArn=distribution or self.arn,
            **more,
        )

    def disallow(self, action: str) -> None:
        """Take a permission away."""
        for statement in self._statements():
            if statement["Action"] == action:
                self.agents.remove_permission(FunctionName=self.agent_name, StatementId=statement["Sid"])

    def oac(self, **changes: str) -> None:
        """Change the Lambda OAC."""
        answer = self.cloudfront.get_origin_access_control(Id=self.oac_id)
        config = answer["OriginAccessControl"]["OriginAccessControlConfig"] | changes
        self.cloudfront.update_origin_access_control(
            Id=self.oac_id, IfMatch=answer["ETag"], OriginAccessControlConfig=config
        )

    def new_oac(self, kind: str) -> str:
        """Make another OAC."""
        config = {
            "Name": f"for-{kind}-{next(self._names)}",
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": kind,
        }
        answer = self.cloudfront.create_origin_access_control(OriginAccessControlConfig=config)
        return str(answer["OriginAccessControl"]["Id"])

    def cache_policy(self, *, compresses: bool = False, headers: tuple[str, ...] = (), default_ttl_s: int = 0) -> str:
        """Make a cache policy."""
        listed = {"HeaderBehavior": "whitelist", "Headers": listing(headers)} if headers else {"HeaderBehavior": "none"}
        answer = self.cloudfront.create_cache_policy(
            CachePolicyConfig={
                "Name": f"our-own-{next(self._names)}",
                "MinTTL": 0,
                "DefaultTTL": default_ttl_s,
                "MaxTTL": 600,
                "ParametersInCacheKeyAndForwardedToOrigin": {
                    "EnableAcceptEncodingGzip": compresses,
                    "EnableAcceptEncodingBrotli": compresses,
                    "HeadersConfig": listed,
                    "CookiesConfig": {"CookieBehavior": "none"},
                    "QueryStringsConfig": {"QueryStringBehavior": "none"},
                },
            }
        )
        return str(answer["CachePolicy"]["Id"])

    def request_policy(self, mode: str, *headers: str) -> str:
        """Make an origin request policy."""
        answer = self.cloudfront.create_origin_request_policy(
            OriginRequestPolicyConfig={
                "Name": f"our-own-{next(self._names)}",
                "HeadersConfig": {"HeaderBehavior": mode, "Headers": listing(headers)},
                "CookiesConfig": {"CookieBehavior": "none"},
                "QueryStringsConfig": {"QueryStringBehavior": "all"},
            }
        )
        return str(answer["OriginRequestPolicy"]["Id"])

    def function(self, name: str, *, client: Json = None, **more: Json) -> str:
        """Make a function with one version, and give the version's ARN."""
        client = client or self.edge
        options = {"Runtime": "python3.13", "Handler": "app.handler", **more}
        client.create_function(FunctionName=name, Role=ROLE_ARN, Code={"ZipFile": ZIP}, **options)
        # Not with Publish=True: MiniStack would forget the version in the version's ARN.
        arn = str(client.publish_version(FunctionName=name)["FunctionArn"])
        self._await(client, arn)
        return arn

    def _await(self, client: Json, arn: str) -> None:
        """Wait until a version is active, which takes MiniStack some hundredths of a second."""
        deadline = time.monotonic() + 10
        while client.get_function_configuration(FunctionName=arn)["State"] != "Active":
            assert time.monotonic() < deadline, f"{arn} does not become active"
            time.sleep(0.02)

    def _statements(self) -> Json:
        return json.loads(self.agents.get_policy(FunctionName=self.agent_name)["Policy"])["Statement"]

    def _read_config(self) -> Json:
        config = self.cloudfront.get_distribution_config(Id=self.id)["DistributionConfig"]
        _complete(config)
        return config

    def _build(self) -> None:
        self.iam.create_role(RoleName="edge", AssumeRolePolicyDocument=trust(*EDGE_SERVICES))
        self.version_arn = self.function("edge-hasher", Handler=OWN_HANDLER, Timeout=5)
        self.function("agent", client=self.agents)
        self.agents.create_alias(FunctionName=self.agent_name, Name="live", FunctionVersion="1")
        url = self.agents.create_function_url_config(
            FunctionName=self.agent_name, AuthType="AWS_IAM", InvokeMode="RESPONSE_STREAM"
        )["FunctionUrl"]
        self.host = url.removeprefix("https://").rstrip("/")
        self.oac_id = self.new_oac("lambda")
        made = self.cloudfront.create_distribution(DistributionConfig=self._config())["Distribution"]
        self.id, self.arn, self.domain = made["Id"], made["ARN"], made["DomainName"]
        self._allow_both()

    def _allow_both(self) -> None:
        self.allow(URL_SID, "lambda:InvokeFunctionUrl", FunctionUrlAuthType="AWS_IAM")
        self.allow(INVOKE_SID, "lambda:InvokeFunction", InvokedViaFunctionUrl=True)

    def _config(self) -> Json:
        page = {
            "Id": "page",
            "DomainName": "page.s3.us-east-1.amazonaws.com",
            "S3OriginConfig": {"OriginAccessIdentity": ""},
        }
        agent = {
            "Id": "agent",
            "DomainName": self.host,
            "OriginAccessControlId": self.oac_id,
            "CustomHeaders": listing([{"HeaderName": "Edge-Hasher", "HeaderValue": "oversize=forward"}]),
            "CustomOriginConfig": {
                "HTTPPort": 80,
                "HTTPSPort": 443,
                "OriginProtocolPolicy": "https-only",
                "OriginSslProtocols": listing(["TLSv1.2"]),
                "OriginReadTimeout": 60,
                "OriginKeepaliveTimeout": 5,
            },
        }
        default = {
            "TargetOriginId": "page",
            "ViewerProtocolPolicy": "redirect-to-https",
            "AllowedMethods": listing(["GET", "HEAD"]),
            "CachePolicyId": CACHING_DISABLED,
        }
        return {
            "CallerReference": "doctor",
            "Comment": "",
            "Enabled": True,
            "Aliases": listing(["chat.example.com"]),
            "Origins": listing([page, agent]),
            "DefaultCacheBehavior": default,
            "CacheBehaviors": listing([self._behavior("/chat*"), self._behavior("/upload*")]),
        }

    def _behavior(self, pattern: str) -> Json:
        return {
            "PathPattern": pattern,
            "TargetOriginId": "agent",
            "ViewerProtocolPolicy": "redirect-to-https",
            "AllowedMethods": listing(EVERY_METHOD) | {"CachedMethods": listing(["GET", "HEAD"])},
            "Compress": False,
            "CachePolicyId": CACHING_DISABLED,
            "OriginRequestPolicyId": ALL_VIEWER_EXCEPT_HOST,
            "LambdaFunctionAssociations": associations(self.version_arn),
        }


def associations(arn: str | None, event: str = "origin-request", *, body: bool = True) -> Json:
    """Write the list of one association, or of none."""
    return listing([{"LambdaFunctionARN": arn, "EventType": event, "IncludeBody": body}] if arn else [])


def chat(config: Json) -> Json:
    """Give the behavior /chat* of a configuration."""
    return next(item for item in config["CacheBehaviors"]["Items"] if item["PathPattern"] == "/chat*")


def agent(config: Json) -> Json:
    """Give the origin of the agent."""
    return next(item for item in config["Origins"]["Items"] if item["Id"] == "agent")


def listing(items: Json) -> Json:
    """Write a list as CloudFront does."""
    return {"Quantity": len(items), "Items": list(items)} if items else {"Quantity": 0}


def trust(*services: str) -> str:
    """Write a trust policy."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": list(services)}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _complete(config: Json) -> None:
    """Write the ports that AWS fills in and MiniStack does not: an update must name them."""
    for origin in config["Origins"]["Items"]:
        if custom := origin.get("CustomOriginConfig"):
            custom |= {"HTTPPort": 80, "HTTPSPort": 443}


def found(report: Report) -> dict[str, str]:
    """Map the codes of the findings to their severity."""
    return {outcome.check.code: outcome.severity for outcome in report.outcomes if outcome.severity}


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): return event")
    return buffer.getvalue()


ZIP = _zip()
