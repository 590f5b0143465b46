"""What is done to somebody's AWS account: looked at by doctor and probe, changed by attach and detach."""
