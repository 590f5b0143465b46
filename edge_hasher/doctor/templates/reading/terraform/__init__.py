"""Terraform and OpenTofu: plans as JSON, and sources; Pulumi's AWS resources, which are Terraform's."""
