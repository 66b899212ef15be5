# The application's database, with a standby in another zone.
resource "aws_db_subnet_group" "this" {
  name        = local.prefix
  description = "Private subnets"
  subnet_ids  = local.private_subnets
}

resource "aws_security_group" "database" {
  name_prefix = "${local.prefix}-database-"
  description = "The database. Services add a rule of their own"
  vpc_id      = aws_vpc.this.id

  lifecycle {
    create_before_destroy = true
  }
}

# A rule for the proxy's group cannot be made here: the group comes and goes with an experiment.
resource "aws_vpc_security_group_ingress_rule" "proxies" {
  for_each          = var.proxies ? local.private_cidrs : {}
  security_group_id = aws_security_group.database.id
  description       = "Proxies of experiments, in ${each.key}"
  ip_protocol       = "tcp"
  from_port         = 3306
  to_port           = 3306
  cidr_ipv4         = each.value
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${local.prefix}-"
  description = "The comments application"
  family      = "mysql${var.database_version}"

  # the api speaks no TLS with its database; security groups keep others away
  parameter {
    name  = "require_secure_transport"
    value = "0"
  }

  parameter {
    name  = "slow_query_log"
    value = "1"
  }

  parameter {
    name  = "long_query_time"
    value = "1"
  }

  parameter {
    name  = "log_output"
    value = "FILE"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# RDS makes these itself, but then keeps logs for ever.
resource "aws_cloudwatch_log_group" "database" {
  for_each          = toset(["error", "slowquery"])
  name              = "/aws/rds/instance/${module.names.database}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.this.arn
}

resource "aws_db_instance" "this" {
  #checkov:skip=CKV2_AWS_69:The api speaks no TLS with its database; see the parameter group
  identifier     = module.names.database
  engine         = "mysql"
  engine_version = var.database_version
  instance_class = var.database_instance_class

  db_name             = module.names.database_user
  username            = module.names.database_user
  password_wo         = ephemeral.aws_ssm_parameter.password.value
  password_wo_version = var.database_password_version
  # people can use their AWS identity; the application has a password
  iam_database_authentication_enabled = true

  allocated_storage     = var.database_storage_gib
  max_allocated_storage = 5 * var.database_storage_gib
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = aws_kms_key.this.arn

  multi_az               = var.database_multi_az
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.database.id]
  publicly_accessible    = false
  parameter_group_name   = aws_db_parameter_group.this.name

  backup_retention_period    = var.database_backup_days
  backup_window              = "03:00-04:00"
  maintenance_window         = "sun:04:30-sun:05:30"
  auto_minor_version_upgrade = true
  copy_tags_to_snapshot      = true

  monitoring_interval             = 60
  monitoring_role_arn             = aws_iam_role.monitoring.arn
  enabled_cloudwatch_logs_exports = ["error", "slowquery"]

  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = var.skip_final_snapshot
  final_snapshot_identifier = var.skip_final_snapshot ? null : "${module.names.database}-final"

  depends_on = [aws_cloudwatch_log_group.database, aws_iam_role_policy_attachment.monitoring]
}

data "aws_iam_policy_document" "monitoring_assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["monitoring.rds.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role" "monitoring" {
  name               = "${local.prefix}-rds-monitoring"
  description        = "Writes the database's metrics"
  assume_role_policy = data.aws_iam_policy_document.monitoring_assume.json
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}
