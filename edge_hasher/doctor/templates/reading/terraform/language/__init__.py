"""Terraform's language and its JSON: which files are a module, what stands in them, and what their values are."""
