output "url" {
  description = "The site."
  value       = "https://${var.domain == null ? aws_cloudfront_distribution.site.domain_name : var.domain.name}/"
}

output "distribution_id" {
  description = "For `edge-hasher doctor`."
  value       = aws_cloudfront_distribution.site.id
}

output "distribution_domain_name" {
  description = "Where a domain of your own points: a CNAME or alias record."
  value       = aws_cloudfront_distribution.site.domain_name
}
