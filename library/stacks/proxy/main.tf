# An EC2 instance with Toxiproxy, through which an experiment leads a service's connections to make them slow or broken.
terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "6.32.1"
    }
  }
}

provider "aws" {
  default_tags {
    tags = {
      Program     = "chaos"
      Stack       = "proxy"
      Environment = var.environment
    }
  }
}

locals {
  # a Toxiproxy that is there already is used as it is
  made  = var.toxiproxy_url == "" ? 1 : 0
  name  = "${var.environment}-chaos-toxiproxy"
  admin = 8474
  # proxies listen here
  proxies = {
    mysql = { from = 3306, to = 3306 }
    http  = { from = 8000, to = 8473 }
    more  = { from = 8475, to = 9000 }
  }
}

data "aws_ssm_parameter" "vpc_id" {
  count = local.made
  name  = var.vpc_id_parameter
}

data "aws_ssm_parameter" "subnets" {
  count = local.made
  name  = var.subnets_parameter
}

data "aws_vpc" "this" {
  count = local.made
  id    = nonsensitive(data.aws_ssm_parameter.vpc_id[0].value)
}

# The newest Amazon Linux 2023, as AWS itself publishes it.
data "aws_ssm_parameter" "image" {
  count = local.made
  name  = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

resource "aws_security_group" "toxiproxy" {
  count       = local.made
  name_prefix = "${local.name}-"
  description = "Toxiproxy of chaos experiments"
  vpc_id      = data.aws_vpc.this[0].id

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "proxies" {
  for_each          = local.made == 1 ? local.proxies : {}
  security_group_id = aws_security_group.toxiproxy[0].id
  description       = "Proxies, from inside the VPC"
  ip_protocol       = "tcp"
  from_port         = each.value.from
  to_port           = each.value.to
  cidr_ipv4         = data.aws_vpc.this[0].cidr_block
}

# Whoever reaches the API can make proxies to anywhere: it is open to one block of addresses only.
resource "aws_vpc_security_group_ingress_rule" "admin" {
  count             = local.made
  security_group_id = aws_security_group.toxiproxy[0].id
  description       = "The API, from where the experiment runs"
  ip_protocol       = "tcp"
  from_port         = local.admin
  to_port           = local.admin
  cidr_ipv4         = coalesce(var.admin_cidr_block, data.aws_vpc.this[0].cidr_block)
}

resource "aws_vpc_security_group_egress_rule" "all" {
  count             = local.made
  security_group_id = aws_security_group.toxiproxy[0].id
  description       = "What proxies lead to, and the download of Toxiproxy"
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_instance" "toxiproxy" {
  #checkov:skip=CKV_AWS_126:It lives for one experiment, and nobody looks at its metrics.
  #checkov:skip=CKV2_AWS_41:It calls nothing of AWS and needs no role.
  count                       = local.made
  ami                         = nonsensitive(data.aws_ssm_parameter.image[0].value)
  instance_type               = var.instance_type
  subnet_id                   = trimspace(split(",", nonsensitive(data.aws_ssm_parameter.subnets[0].value))[0])
  vpc_security_group_ids      = [aws_security_group.toxiproxy[0].id]
  associate_public_ip_address = var.associate_public_ip_address
  ebs_optimized               = true
  user_data_replace_on_change = true

  user_data = templatefile("${path.module}/user-data.sh.tftpl", {
    version = var.toxiproxy_version
    admin   = local.admin
  })

  metadata_options {
    http_tokens = "required"
  }

  root_block_device {
    encrypted = true
  }

  tags = {
    Name = local.name
  }

  # else the download of the first boot would find its way out closed
  depends_on = [aws_vpc_security_group_egress_rule.all]
}
