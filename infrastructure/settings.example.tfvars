# Copy this to settings.tfvars: all parts of the deployment read it, and Terraform warns of those settings that one does not know.
# README.md has all of them. Environment, application and region are not in here: set TF_VAR_environment and so on.
web_image       = "123456789012.dkr.ecr.us-east-1.amazonaws.com/comments-web:latest"
api_image       = "123456789012.dkr.ecr.us-east-1.amazonaws.com/comments-api:latest"
spamcheck_image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/comments-spamcheck:latest"
chaos_image     = "123456789012.dkr.ecr.us-east-1.amazonaws.com/chaos:latest"

sre_emails = ["sre@example.com"]
