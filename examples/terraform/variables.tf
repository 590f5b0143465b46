variable "agent_zip" {
  description = "The agent's code as a zip, with run.sh at its top. ../streaming-agent makes one: see README.md."
  type        = string
}

variable "edge_hasher_zip" {
  description = "The function: the file that `edge-hasher package` writes."
  type        = string
}

variable "name" {
  description = "What everything here is named after."
  type        = string
  default     = "streaming-agent"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,39}$", var.name))
    error_message = "name takes up to 40 lower-case letters, digits and hyphens, and begins with a letter."
  }
}

variable "edge_hasher_settings" {
  description = "The Edge-Hasher header of the agent's origin, such as \"oversize=forward, max-body=262144\". Empty: the defaults."
  type        = string
  default     = ""
}

variable "web_adapter_version" {
  description = "Version of the Lambda Web Adapter's layer (30 is release 1.1.0)."
  type        = number
  default     = 30
}

variable "domain" {
  description = "A domain of your own and its certificate from ACM in us-east-1. Null: the domain that CloudFront gives."
  type        = object({ name = string, certificate_arn = string })
  default     = null
  validation {
    condition     = var.domain == null || can(regex("^arn:aws[a-z-]*:acm:us-east-1:[0-9]{12}:certificate/", var.domain.certificate_arn))
    error_message = "certificate_arn must name an ACM certificate in us-east-1, where CloudFront looks for it."
  }
}

variable "allowed_source_ranges" {
  description = "Source addresses that are admitted, for a site behind another proxy. Empty: all."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for range in var.allowed_source_ranges : can(cidrhost(range, 0))])
    error_message = "allowed_source_ranges takes ranges such as 198.51.100.0/24 and 2001:db8::/32."
  }
}
