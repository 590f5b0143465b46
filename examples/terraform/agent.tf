# The app. Its Function URL takes signed requests only, and CloudFront alone may sign them.

resource "aws_iam_role" "agent" {
  name = "${var.name}-agent"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "agent_logs" {
  role       = aws_iam_role.agent.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_lambda_function" "agent" {
  function_name    = var.name
  description      = "The streaming agent, as an HTTP app behind the Lambda Web Adapter."
  filename         = var.agent_zip
  source_code_hash = filebase64sha256(var.agent_zip)
  handler          = "run.sh"
  runtime          = "python3.13"
  architectures    = ["x86_64"]
  memory_size      = 512
  timeout          = 120
  role             = aws_iam_role.agent.arn
  # The public layer of the Lambda Web Adapter, in its own account.
  layers = [join(":", [
    "arn", data.aws_partition.current.partition, "lambda", data.aws_region.current.region, "753240598075", "layer",
    "LambdaAdapterLayerX86", var.web_adapter_version,
  ])]
  environment {
    variables = {
      AWS_LAMBDA_EXEC_WRAPPER      = "/opt/bootstrap"
      AWS_LWA_INVOKE_MODE          = "response_stream"
      AWS_LWA_PORT                 = "8080"
      AWS_LWA_READINESS_CHECK_PATH = "/health"
    }
  }
}

resource "aws_lambda_function_url" "agent" {
  function_name      = aws_lambda_function.agent.function_name
  authorization_type = "AWS_IAM"
  invoke_mode        = "RESPONSE_STREAM"
}

# A Function URL asks for both (documented, since October 2025).
resource "aws_lambda_permission" "url" {
  statement_id  = "cloudfront-url"
  function_name = aws_lambda_function.agent.function_name
  action        = "lambda:InvokeFunctionUrl"
  principal     = "cloudfront.amazonaws.com"
  source_arn    = aws_cloudfront_distribution.site.arn
}

resource "aws_lambda_permission" "invoke" {
  statement_id             = "cloudfront-invoke"
  function_name            = aws_lambda_function.agent.function_name
  action                   = "lambda:InvokeFunction"
  principal                = "cloudfront.amazonaws.com"
  source_arn               = aws_cloudfront_distribution.site.arn
  invoked_via_function_url = true
}
