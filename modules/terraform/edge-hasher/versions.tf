terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source = "hashicorp/aws"
      # 6.0: `region` on each resource, so one provider serves every Region.
      version = ">= 6.0"
    }
  }
}
