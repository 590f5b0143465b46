"""From files to resources: CloudFormation and SAM, CDK assemblies, Terraform plans and sources, Pulumi."""
