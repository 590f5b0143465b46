# Lambda@Edge functions live in us-east-1 only, and CloudFront replicates them everywhere itself.
locals {
  region  = "us-east-1"
  account = data.aws_caller_identity.current.account_id
  logs    = "arn:${data.aws_partition.current.partition}:logs"
  log_groups = [
    "${local.logs}:*:${local.account}:log-group:/aws/lambda/us-east-1.${var.function_name}",
    "${local.logs}:us-east-1:${local.account}:log-group:/aws/lambda/${var.function_name}",
  ]
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

resource "aws_iam_role" "this" {
  name        = var.function_name
  description = "What the Edge Hasher function may do at the edge, which is to write its own logs."
  tags        = var.tags
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = ["lambda.amazonaws.com", "edgelambda.amazonaws.com"] }
    }]
  })
}

# In whichever Region served the viewer, and in us-east-1 when someone invokes the function directly.
resource "aws_iam_role_policy" "logs" {
  name = "write-own-logs"
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = concat(local.log_groups, [for group in local.log_groups : "${group}:*"])
    }]
  })
}

resource "aws_lambda_function" "this" {
  region           = local.region
  function_name    = var.function_name
  description      = "Sets x-amz-content-sha256 on origin requests, so that Origin Access Control can sign bodies."
  filename         = var.zip
  source_code_hash = filebase64sha256(var.zip)
  handler          = "edge_hasher.function.handler.lambda_handler"
  # Lambda@Edge takes neither arm64 nor environment variables, layers, VPC or X-Ray: none may appear here.
  runtime       = "python3.13"
  architectures = ["x86_64"]
  memory_size   = var.memory_size
  timeout       = 5
  role          = aws_iam_role.this.arn
  tags          = var.tags

  # CloudFront takes a numbered version only. Each change of code or settings publishes one, and the older ones stay,
  # because distributions may still run them.
  publish = true
  # Replicas outlive the last association by hours, and a function that has some cannot be deleted.
  skip_destroy = true

  logging_config {
    log_format = "JSON"
    # A higher level would drop refusals, and the metrics that CloudWatch reads from the log.
    application_log_level = "INFO"
  }
}

resource "aws_ssm_parameter" "version_arn" {
  count = var.ssm_parameter_name == null ? 0 : 1

  region      = local.region
  name        = var.ssm_parameter_name
  type        = "String"
  description = "ARN of the published Edge Hasher version, for function associations."
  value       = aws_lambda_function.this.qualified_arn
  tags        = var.tags
}
