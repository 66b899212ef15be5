"""Reads Terraform without Terraform: what is written, what the providers allow, and whether the two agree."""
