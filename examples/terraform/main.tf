# A streaming agent behind CloudFront: its app on a private Lambda Function URL, reached through Origin Access Control,
# with Edge Hasher on the behavior that takes bodies.

locals {
  caching_disabled              = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
  all_viewer_except_host_header = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
  security_headers              = "67f7725c-6f97-4210-82d7-5512b31e9d03"
  all_methods                   = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
}

data "aws_partition" "current" {}

data "aws_region" "current" {}

module "edge_hasher" {
  source = "../../modules/terraform/edge-hasher"
  zip    = var.edge_hasher_zip
}

resource "aws_cloudfront_origin_access_control" "agent" {
  name                              = var.name
  origin_access_control_origin_type = "lambda"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_distribution" "site" {
  comment         = var.name
  enabled         = true
  is_ipv6_enabled = true
  http_version    = "http2and3"
  aliases         = var.domain == null ? [] : [var.domain.name]

  origin {
    origin_id                = "agent"
    domain_name              = split("/", aws_lambda_function_url.agent.function_url)[2]
    origin_access_control_id = aws_cloudfront_origin_access_control.agent.id
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
      origin_read_timeout    = 60
    }
    dynamic "custom_header" {
      for_each = var.edge_hasher_settings == "" ? [] : [var.edge_hasher_settings]
      content {
        name  = "Edge-Hasher"
        value = custom_header.value
      }
    }
  }

  default_cache_behavior {
    target_origin_id           = "agent"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = local.all_methods
    cached_methods             = ["GET", "HEAD"]
    compress                   = false # compression would hold streams back
    cache_policy_id            = local.caching_disabled
    origin_request_policy_id   = local.all_viewer_except_host_header
    response_headers_policy_id = local.security_headers

    lambda_function_association {
      event_type   = "origin-request"
      lambda_arn   = module.edge_hasher.version_arn
      include_body = true
    }

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.viewer_request.arn
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = var.domain == null
    acm_certificate_arn            = one(var.domain[*].certificate_arn)
    ssl_support_method             = var.domain == null ? null : "sni-only"
    minimum_protocol_version       = var.domain == null ? null : "TLSv1.2_2021"
  }
}

# Admits the source addresses that are listed, and tells the app the host that the viewer asked for.
resource "aws_cloudfront_function" "viewer_request" {
  name    = "${var.name}-viewer-request"
  runtime = "cloudfront-js-2.0"
  comment = "Admission and x-forwarded-host"
  publish = true
  code = templatefile("${path.module}/../../modules/cloudfront-functions/viewer-request.js", {
    AllowedSourceRanges = join(",", var.allowed_source_ranges)
  })
}
