"""What to paste: commands for bash or zsh with the AWS CLI and jq, and lines for templates. Each leaves what works."""
