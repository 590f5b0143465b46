"""What is done to somebody's AWS account: attach and detach, versions, logs."""
