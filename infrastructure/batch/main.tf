# AWS Batch, in the network of the comments application.
data "aws_ssm_parameter" "network" {
  for_each = module.names.vpc_parameters
  name     = each.value
}

locals {
  subnets = data.aws_ssm_parameter.network[var.public_subnets ? "public_subnets" : "private_subnets"].insecure_value
}

module "compute_environment" {
  source               = "../submodules/compute-environment"
  environment          = var.environment
  application          = var.application
  vpc_id               = data.aws_ssm_parameter.network["id"].insecure_value
  vpc_cidr             = data.aws_ssm_parameter.network["cidr-blocks/vpc"].insecure_value
  subnets              = split(",", local.subnets)
  assign_public_ip     = var.public_subnets
  image                = var.chaos_image
  architecture         = var.architecture
  max_vcpus            = var.max_vcpus
  spot                 = var.spot
  vcpus                = var.vcpus
  memory_mib           = var.memory_mib
  timeout_seconds      = var.timeout_seconds
  attempts             = var.attempts
  chaos_context        = var.chaos_context
  fair_share           = var.fair_share
  stacks               = var.stacks
  more_policy_arns     = var.more_policy_arns
  journals_bucket_name = var.journals_bucket_name
  journals_days        = var.journals_days
  log_retention_days   = var.log_retention_days
  deletion_protection  = var.deletion_protection
}
