# What all of Terragrunt's units share: where their state is, and one file with the settings of all.
locals {
  environment = get_env("TF_VAR_environment", "live")
  region      = get_env("TF_VAR_region", "us-east-1")
  bucket      = get_env("STATE_BUCKET", "chaos-terraform-state-${get_aws_account_id()}-${local.region}")
}

remote_state {
  backend = "s3"

  generate = {
    path      = "backend.tf"
    if_exists = "overwrite"
  }

  config = {
    bucket       = local.bucket
    key          = "${local.environment}/${path_relative_to_include()}/terraform.tfstate"
    region       = local.region
    encrypt      = true
    use_lockfile = true
  }
}

terraform {
  extra_arguments "settings" {
    commands           = get_terraform_commands_that_need_vars()
    optional_var_files = ["${get_parent_terragrunt_dir()}/settings.tfvars"]
  }

  # each unit warns of the settings of the others
  extra_arguments "warnings" {
    commands  = ["apply", "destroy", "plan"]
    arguments = ["-compact-warnings"]
  }
}
