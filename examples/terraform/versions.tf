terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source = "hashicorp/aws"
      # 6.28: invoked_via_function_url on the second permission.
      version = ">= 6.28"
    }
  }
}
