# Clusters for experiments on their failover. The application does not use them, and nobody knows their passwords: RDS keeps
# them in Secrets Manager.
locals {
  aurora = var.aurora_cluster ? toset(["1", "2"]) : toset([])
  docdb  = var.docdb_cluster ? toset(["1", "2"]) : toset([])
}

resource "aws_security_group" "clusters" {
  count       = var.aurora_cluster || var.docdb_cluster ? 1 : 0
  name_prefix = "${local.prefix}-clusters-"
  description = "Database clusters of experiments; nobody connects to them"
  vpc_id      = aws_vpc.this.id

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_rds_cluster" "aurora" {
  #checkov:skip=CKV2_AWS_8:A cluster without data needs no backup plan
  count                               = var.aurora_cluster ? 1 : 0
  cluster_identifier                  = module.names.aurora_cluster
  engine                              = "aurora-mysql"
  master_username                     = "chaos"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = aws_kms_key.this.arn
  iam_database_authentication_enabled = true
  db_subnet_group_name                = aws_db_subnet_group.this.name
  vpc_security_group_ids              = [aws_security_group.clusters[0].id]
  storage_encrypted                   = true
  kms_key_id                          = aws_kms_key.this.arn
  backup_retention_period             = 1
  copy_tags_to_snapshot               = true
  enabled_cloudwatch_logs_exports     = ["audit", "error", "slowquery"]
  deletion_protection                 = var.deletion_protection
  # there is no data in it
  skip_final_snapshot = true
}

resource "aws_rds_cluster_instance" "aurora" {
  #checkov:skip=CKV_AWS_353:Nobody sends queries to it
  for_each                   = local.aurora
  identifier                 = "${module.names.aurora_cluster}-${each.key}"
  cluster_identifier         = aws_rds_cluster.aurora[0].id
  engine                     = aws_rds_cluster.aurora[0].engine
  engine_version             = aws_rds_cluster.aurora[0].engine_version_actual
  instance_class             = var.cluster_instance_class
  publicly_accessible        = false
  auto_minor_version_upgrade = true
  copy_tags_to_snapshot      = true
  monitoring_interval        = 60
  monitoring_role_arn        = aws_iam_role.monitoring.arn
}

resource "aws_docdb_cluster_parameter_group" "this" {
  count       = var.docdb_cluster ? 1 : 0
  name_prefix = "${local.prefix}-"
  description = "TLS only, and who did what"
  family      = "docdb5.0"

  parameter {
    name  = "tls"
    value = "enabled"
  }

  parameter {
    name  = "audit_logs"
    value = "enabled"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_docdb_cluster" "this" {
  count                           = var.docdb_cluster ? 1 : 0
  cluster_identifier              = module.names.docdb_cluster
  engine                          = "docdb"
  engine_version                  = "5.0.0"
  master_username                 = "chaos"
  manage_master_user_password     = true
  db_subnet_group_name            = aws_db_subnet_group.this.name
  db_cluster_parameter_group_name = aws_docdb_cluster_parameter_group.this[0].name
  vpc_security_group_ids          = [aws_security_group.clusters[0].id]
  storage_encrypted               = true
  kms_key_id                      = aws_kms_key.this.arn
  backup_retention_period         = 1
  enabled_cloudwatch_logs_exports = ["audit", "profiler"]
  deletion_protection             = var.deletion_protection
  # there is no data in it
  skip_final_snapshot = true
}

resource "aws_docdb_cluster_instance" "this" {
  for_each                   = local.docdb
  identifier                 = "${module.names.docdb_cluster}-${each.key}"
  cluster_identifier         = aws_docdb_cluster.this[0].id
  instance_class             = var.cluster_instance_class
  auto_minor_version_upgrade = true
}
