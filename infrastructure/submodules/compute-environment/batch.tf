# Where jobs run, and where they wait.
resource "aws_security_group" "jobs" {
  name_prefix = "${local.name}-jobs-"
  description = "Jobs of experiments: they reach AWS, the application and proxies, and nobody reaches them"
  vpc_id      = var.vpc_id

  lifecycle {
    create_before_destroy = true
  }
}

# The application is asked by the address that its users know, which may be anywhere.
resource "aws_vpc_security_group_egress_rule" "web" {
  for_each          = toset(["80", "443"])
  security_group_id = aws_security_group.jobs.id
  description       = "AWS, and the application as its users reach it"
  ip_protocol       = "tcp"
  from_port         = tonumber(each.key)
  to_port           = tonumber(each.key)
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_egress_rule" "proxies" {
  security_group_id = aws_security_group.jobs.id
  description       = "The API of Toxiproxy"
  ip_protocol       = "tcp"
  from_port         = 8474
  to_port           = 8474
  cidr_ipv4         = var.vpc_cidr
}

# AWS Batch's own service-linked role manages it. A change that makes a new one needs another name.
resource "aws_batch_compute_environment" "this" {
  name_prefix = "${local.name}-"
  type        = "MANAGED"
  state       = "ENABLED"

  compute_resources {
    type               = var.spot ? "FARGATE_SPOT" : "FARGATE"
    max_vcpus          = var.max_vcpus
    subnets            = var.subnets
    security_group_ids = [aws_security_group.jobs.id]
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_batch_scheduling_policy" "this" {
  count = var.fair_share ? 1 : 0
  name  = local.name

  fair_share_policy {
    compute_reservation = 0
    share_decay_seconds = 3600
  }
}

resource "aws_batch_job_queue" "this" {
  name                  = module.names.job_queue
  state                 = "ENABLED"
  priority              = 1
  scheduling_policy_arn = var.fair_share ? aws_batch_scheduling_policy.this[0].arn : null

  compute_environment_order {
    order               = 1
    compute_environment = aws_batch_compute_environment.this.arn
  }
}
