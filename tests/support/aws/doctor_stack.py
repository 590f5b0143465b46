"""The example stack as a world of doctor's: what `sam deploy` made, with an edge function that is there."""

from tests.support.aws.doctor_world import EDGE_SERVICES, OWN_HANDLER, World, trust
from tests.support.stack.example_stack import PARAMETER, deploy
from tests.support.stack.sam_project import SamProject


class StackWorld(World):
    """The deployed example, in which faults are made as in any other world."""

    def __init__(self, project: SamProject) -> None:
        self.project = project
        super().__init__(project.aws)

    def _build(self) -> None:
        self.iam.create_role(RoleName="edge", AssumeRolePolicyDocument=trust(*EDGE_SERVICES))
        self.version_arn = self.function("edge-hasher", Handler=OWN_HANDLER, Timeout=5)
        self.aws.client("ssm").put_parameter(Name=PARAMETER, Value=self.version_arn, Type="String", Overwrite=True)
        deploy(self.project)
        self.agents = self.edge
        self.agent_name = self.project.physical_id("AgentFunction")
        version = self.agents.publish_version(FunctionName=self.agent_name)["Version"]
        self.agents.create_alias(FunctionName=self.agent_name, Name="live", FunctionVersion=version)
        self.id = self.project.physical_id("Distribution")
        self.oac_id = self.project.physical_id("AgentAccess")
        found = self.cloudfront.get_distribution(Id=self.id)["Distribution"]
        self.arn, self.domain = found["ARN"], found["DomainName"]
        self.host = self.project.outputs()["FunctionUrl"].removeprefix("https://").rstrip("/")
