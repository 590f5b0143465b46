variable "zip" {
  description = "The function: the file that `edge-hasher package` writes."
  type        = string
  validation {
    condition     = endswith(var.zip, ".zip") && fileexists(var.zip)
    error_message = "zip must name a zip file that exists; `edge-hasher package edge-hasher.zip` writes it."
  }
}

variable "function_name" {
  description = "The name of the function and of its role."
  type        = string
  default     = "edge-hasher"
  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.function_name))
    error_message = "function_name takes 1 to 64 letters, digits, hyphens and underscores."
  }
}

variable "memory_size" {
  description = "Memory in MB. CPU is in proportion to it, so more memory hashes large bodies sooner."
  type        = number
  default     = 1024
  validation {
    condition     = var.memory_size >= 128 && var.memory_size <= 10240 && floor(var.memory_size) == var.memory_size
    error_message = "memory_size is a whole number of MB from 128 to 10240."
  }
}

variable "ssm_parameter_name" {
  description = "The SSM parameter in us-east-1 that holds the version's ARN, for other code and for `edge-hasher attach`. Null makes none."
  type        = string
  default     = "/edge-hasher/version-arn"
  validation {
    condition     = var.ssm_parameter_name == null || can(regex("^(/[a-zA-Z0-9_.-]+)+$", var.ssm_parameter_name))
    error_message = "ssm_parameter_name is a full parameter path, such as /edge-hasher/version-arn, or null."
  }
}

variable "tags" {
  description = "Tags of everything that the module makes."
  type        = map(string)
  default     = {}
}
