# What experiments, services and the Batch environment look up. The password is in password.tf.
locals {
  of_application = {
    db_username            = aws_db_instance.this.username
    db_connection_string   = "jdbc:mysql://${aws_db_instance.this.endpoint}/${aws_db_instance.this.db_name}"
    db_instance_address    = aws_db_instance.this.address
    db_instance_identifier = aws_db_instance.this.identifier
    db_security_group_id   = aws_security_group.database.id
    kms_key_arn            = aws_kms_key.this.arn
  }

  of_network = {
    "id"              = aws_vpc.this.id
    "cidr-blocks/vpc" = aws_vpc.this.cidr_block
    "private_subnets" = join(",", local.private_subnets)
    "public_subnets"  = join(",", local.public_subnets)
  }
}

resource "aws_ssm_parameter" "application" {
  #checkov:skip=CKV2_AWS_34:None of these is a secret, and experiments may read them without a key
  for_each = local.of_application
  name     = module.names.parameters[each.key]
  type     = "String"
  value    = each.value
}

resource "aws_ssm_parameter" "network" {
  #checkov:skip=CKV2_AWS_34:None of these is a secret, and experiments may read them without a key
  for_each = local.of_network
  name     = module.names.vpc_parameters[each.key]
  type     = "String"
  value    = each.value
}
