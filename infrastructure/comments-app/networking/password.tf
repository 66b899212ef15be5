# The database's password. It is made by AWS, and is in no variable, no output and no state: from AWS to the parameter, and from
# the parameter to the database. So the two agree even when an apply breaks off in between.
ephemeral "aws_secretsmanager_random_password" "new" {
  password_length     = 32
  exclude_punctuation = true
}

resource "aws_ssm_parameter" "password" {
  name             = module.names.parameters["db_password"]
  description      = "The database's password"
  type             = "SecureString"
  key_id           = aws_kms_key.this.arn
  value_wo         = ephemeral.aws_secretsmanager_random_password.new.random_password
  value_wo_version = var.database_password_version
}

ephemeral "aws_ssm_parameter" "password" {
  arn = aws_ssm_parameter.password.arn
}
