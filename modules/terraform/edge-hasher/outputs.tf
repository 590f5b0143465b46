output "version_arn" {
  description = "The published version, for a behavior's lambda_function_association (origin-request, include_body = true)."
  value       = aws_lambda_function.this.qualified_arn
}

output "function_name" {
  description = "The function; at the edge its log group is /aws/lambda/us-east-1.<this name>, in the Region that served the viewer."
  value       = aws_lambda_function.this.function_name
}

output "role_arn" {
  description = "The function's role."
  value       = aws_iam_role.this.arn
}

output "ssm_parameter_name" {
  description = "The SSM parameter in us-east-1 that holds the version's ARN, or null."
  value       = one(aws_ssm_parameter.version_arn[*].name)
}
