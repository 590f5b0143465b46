variable "settings" {
  type    = string
  default = "oversize=forward"
}

provider "aws" {
  region = "us-east-1"
}

data "aws_caller_identity" "me" {}

resource "aws_lambda_function" "agent" {
  function_name = "agent"
  runtime       = "python3.13"
  handler       = "app.handler"
  role          = aws_iam_role.agent.arn
}

resource "aws_iam_role" "agent" {
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole" }] })
}

resource "aws_lambda_function_url" "agent" {
  function_name      = aws_lambda_function.agent.function_name
  authorization_type = "AWS_IAM"
  invoke_mode        = "RESPONSE_STREAM"
}

resource "aws_lambda_permission" "url" {
  action                 = "lambda:InvokeFunctionUrl"
  function_name          = aws_lambda_function.agent.function_name
  principal              = "cloudfront.amazonaws.com"
  source_arn             = aws_cloudfront_distribution.site.arn
  function_url_auth_type = "AWS_IAM"
}

resource "aws_lambda_permission" "invoke" {
  action                   = "lambda:InvokeFunction"
  function_name            = aws_lambda_function.agent.function_name
  principal                = "cloudfront.amazonaws.com"
  source_arn               = "arn:aws:cloudfront::${data.aws_caller_identity.me.account_id}:distribution/${aws_cloudfront_distribution.site.id}"
  invoked_via_function_url = true
}

resource "aws_iam_role" "edge" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = ["lambda.amazonaws.com", "edgelambda.amazonaws.com"] }
    }]
  })
}

resource "aws_lambda_function" "edge" {
  function_name = "edge"
  publish       = true
  runtime       = "python3.13"
  handler       = "edge_hasher.function.handler.lambda_handler"
  role          = aws_iam_role.edge.arn
  timeout       = 5
  memory_size   = 1024
}

resource "aws_cloudfront_origin_access_control" "agent" {
  name                              = "agent"
  origin_access_control_origin_type = "lambda"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_s3_bucket" "page" {}

resource "aws_cloudfront_distribution" "site" {
  enabled = true

  origin {
    origin_id   = "page"
    domain_name = aws_s3_bucket.page.bucket_regional_domain_name
  }

  origin {
    origin_id                = "agent"
    domain_name              = replace(replace(aws_lambda_function_url.agent.function_url, "https://", ""), "/", "")
    origin_access_control_id = aws_cloudfront_origin_access_control.agent.id
    custom_header {
      name  = "Edge-Hasher"
      value = var.settings
    }
    custom_origin_config {
      origin_protocol_policy = "https-only"
      origin_read_timeout    = 60
    }
  }

  default_cache_behavior {
    target_origin_id       = "page"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cache_policy_id        = "658327ea-f89d-4fab-a63d-7e88639e58f6"
  }

  ordered_cache_behavior {
    path_pattern             = "/chat*"
    target_origin_id         = "agent"
    viewer_protocol_policy   = "https-only"
    allowed_methods          = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    compress                 = false
    cache_policy_id          = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    origin_request_policy_id = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    lambda_function_association {
      event_type   = "origin-request"
      include_body = true
      lambda_arn   = aws_lambda_function.edge.qualified_arn
    }
  }
}
