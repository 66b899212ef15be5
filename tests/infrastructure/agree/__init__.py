"""What the lab makes, what Terraform makes, and what the library uses, in one form: {kind: {name: {field: value}}}."""
