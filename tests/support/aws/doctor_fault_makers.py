"""The ways in which the tests of doctor make a fault: by changing the world with boto3, or an answer on its way."""

import io
import json
from collections.abc import Callable

from tests.support.aws.doctor_watch import Json
from tests.support.aws.doctor_world import EDGE_SERVICES, OWN_HANDLER, World, agent, chat, listing, trust

READ = listing(["GET", "HEAD"]) | {"CachedMethods": listing(["GET", "HEAD"])}
INVOKE_URL, INVOKE = "lambda:InvokeFunctionUrl", "lambda:InvokeFunction"
Make = Callable[[World], object]


def edited(action: str, change: Callable[[Json], object]) -> Make:
    """Make a fault by editing the answers to one call."""

    def make(world: World) -> None:
        world.watch.edits[action] = lambda answer: _done(change(answer))

    return make


def _done(_: object) -> None:
    return None


def of_function(**changes: Json) -> Make:
    """Edit the edge function's configuration."""
    return edited("lambda:GetFunctionConfiguration", lambda answer: answer.update(changes))


def updates_runtime_on(mode: str) -> Make:
    """Answer that the runtime is updated in another mode."""

    def make(world: World) -> None:
        world.watch.answers["lambda:GetRuntimeManagementConfig"] = {"UpdateRuntimeOn": mode}

    return make


def config(change: Callable[[Json], object]) -> Make:
    """Change the distribution."""
    return lambda world: world.edit(lambda found: _done(change(found)))


def origin(**changes: Json) -> Make:
    """Change the agent's custom origin settings."""
    return config(lambda found: agent(found)["CustomOriginConfig"].update(changes))


def settings(*values: str) -> Make:
    """Write the Edge-Hasher header of the agent's origin."""
    headers = [{"HeaderName": "Edge-Hasher", "HeaderValue": value} for value in values]
    return config(lambda found: agent(found).update(CustomHeaders=listing(headers)))


def oac(**changes: str) -> Make:
    """Change the OAC."""
    return lambda world: world.oac(**changes)


def chat_is(**changes: Json) -> Make:
    """Change the behavior /chat*."""
    return lambda world: world.edit_chat(**changes)


def instead(action: str, **how: Json) -> Make:
    """Take a permission away, and give it in another way."""

    def make(world: World) -> None:
        world.disallow(action)
        if how:
            world.allow("instead", action, **how)

    return make


def denying(action: str) -> Make:
    """Add a Deny to the policy as it is read."""

    def add(answer: Json) -> None:
        policy = json.loads(answer["Policy"])
        deny = {"Sid": "no", "Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"}
        answer["Policy"] = json.dumps(policy | {"Statement": [*policy["Statement"], deny]})

    return edited("lambda:GetPolicy", add)


def anyone(**who: Json) -> Make:
    """Add a permission that names no source."""
    return lambda world: world.agents.add_permission(
        FunctionName=world.agent_name, StatementId="anyone", Action=INVOKE, **who
    )


def no_override(world: World) -> None:
    """Set no-override, with Authorization in the cache policies, as AWS asks for."""
    world.oac(SigningBehavior="no-override")
    policy = world.cache_policy(headers=("Authorization",))

    def change(found: Json) -> None:
        for behavior in found["CacheBehaviors"]["Items"]:
            behavior["CachePolicyId"] = policy

    world.edit(change)


def authorization_dropped(world: World) -> None:
    """Set no-override, with policies of which none forwards Authorization."""
    world.oac(SigningBehavior="no-override")

    def change(found: Json) -> None:
        for behavior in found["CacheBehaviors"]["Items"]:
            behavior["OriginRequestPolicyId"] = "59781a5b-3903-41f3-afcb-af62929ccde1"

    world.edit(change)


def legacy(world: World) -> None:
    """Go back to the settings of before policies, with every header forwarded."""

    def change(found: Json) -> None:
        behavior = chat(found)
        del behavior["CachePolicyId"], behavior["OriginRequestPolicyId"]
        forwarded = {"QueryString": True, "Cookies": {"Forward": "all"}, "Headers": listing(["*"])}
        behavior.update(ForwardedValues=forwarded, MinTTL=0, DefaultTTL=0, MaxTTL=0)

    world.edit(change)


def compressed(world: World) -> None:
    """Compress, with a policy that allows it."""
    world.edit_chat(Compress=True, CachePolicyId=world.cache_policy(compresses=True))


def with_layer(world: World) -> None:
    """Give the function a layer."""
    layer = world.edge.publish_layer_version(LayerName="tools", Content={"ZipFile": b"PK\x05\x06" + bytes(18)})
    world.republish(Layers=[layer["LayerVersionArn"]])


def distrusted(world: World) -> None:
    """Take the edge out of the role's trust."""
    world.iam.update_assume_role_policy(RoleName="edge", PolicyDocument=trust("lambda.amazonaws.com"))


def trusted_for(action: str) -> Make:
    """Let both services do something else than assume the role."""
    document = trust(*EDGE_SERVICES).replace("sts:AssumeRole", action)
    return lambda world: world.iam.update_assume_role_policy(RoleName="edge", PolicyDocument=document)


def elsewhere(world: World) -> None:
    """Put Edge Hasher of another Region on the behavior."""
    world.associate(world.function("edge-hasher", client=world.far, Handler=OWN_HANDLER))


def public(*actions: str) -> Make:
    """Make the URL public, and let everyone call these."""

    def make(world: World) -> None:
        world.agents.update_function_url_config(FunctionName=world.agent_name, AuthType="NONE")
        for action in actions:
            how = {"FunctionUrlAuthType": "NONE"} if action == INVOKE_URL else {"InvokedViaFunctionUrl": True}
            sid = f"public-{action.partition(':')[2]}"
            world.agents.add_permission(
                FunctionName=world.agent_name, StatementId=sid, Action=action, Principal="*", **how
            )

    return make


def web_function(host: str, **oac_changes: str) -> Make:
    """Make the origin a Web Function that gets a digest for everything; MiniStack takes no OAC for one."""

    def make(world: World) -> None:
        headers = [{"HeaderName": "Edge-Hasher", "HeaderValue": "bodyless=hash"}]
        world.edit(lambda found: agent(found).update(DomainName=host, CustomHeaders=listing(headers)))
        world.watch.edits["cloudfront:GetOriginAccessControl"] = lambda answer: answer["OriginAccessControl"][
            "OriginAccessControlConfig"
        ].update(oac_changes)

    return make


def slow(world: World) -> None:
    """Let the function take longer than CloudFront waits, without streaming."""
    world.agents.update_function_url_config(FunctionName=world.agent_name, InvokeMode="BUFFERED")
    world.agents.update_function_configuration(FunctionName=world.agent_name, Timeout=900)
    world.edit(lambda found: agent(found)["CustomOriginConfig"].update(OriginReadTimeout=30))


STRIPS = "function handler(event) { delete event.request.headers['x-amz-content-sha256']; return event.request; }"


def with_cloudfront_function(world: World, target: str | None = None, code: str = STRIPS) -> None:
    """Put a CloudFront Function on /chat*, and perhaps lead the behavior elsewhere."""

    def put(answer: Json) -> None:
        found = answer["Distribution"]["DistributionConfig"]
        arn = "arn:aws:cloudfront::123456789012:function/router"
        chat(found)["FunctionAssociations"] = listing([{"FunctionARN": arn, "EventType": "viewer-request"}])
        if target:
            agent(found)["DomainName"] = target

    world.watch.edits["cloudfront:GetDistribution"] = put
    world.watch.answers["cloudfront:GetFunction"] = {"FunctionCode": io.BytesIO(code.encode())}


def chosen_at_run_time(world: World) -> None:
    """Let a CloudFront Function choose the origin, as SST's Router does."""
    with_cloudfront_function(world, "placeholder.sst.dev", "cf.updateRequestOrigin({domainName: host})")
