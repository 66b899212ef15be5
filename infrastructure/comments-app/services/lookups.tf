# What comments-app/networking has made.
data "aws_ssm_parameter" "network" {
  for_each = module.names.vpc_parameters
  name     = each.value
}

data "aws_ssm_parameter" "application" {
  for_each = toset([
    "db_connection_string",
    "db_security_group_id",
    "db_username",
    "kms_key_arn",
  ])
  name = module.names.parameters[each.key]
}

locals {
  prefix    = module.names.prefix
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition
  services  = module.names.services

  vpc             = data.aws_ssm_parameter.network["id"].insecure_value
  vpc_cidr        = data.aws_ssm_parameter.network["cidr-blocks/vpc"].insecure_value
  private_subnets = split(",", data.aws_ssm_parameter.network["private_subnets"].insecure_value)
  public_subnets  = split(",", data.aws_ssm_parameter.network["public_subnets"].insecure_value)

  database_group = data.aws_ssm_parameter.application["db_security_group_id"].insecure_value
  key            = data.aws_ssm_parameter.application["kms_key_arn"].insecure_value

  # only ECS reads it
  password_arn = "arn:${local.partition}:ssm:${var.region}:${local.account}:parameter${module.names.parameters["db_password"]}"

  https = var.certificate_arn != ""
}
