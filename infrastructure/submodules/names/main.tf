# Every name that an experiment, the lab or another part of the deployment knows. There is no provider in here, so that
# `terraform apply` and `terraform output -json` tell the names without an account.
terraform {
  required_version = ">= 1.11"
}

locals {
  # one comment, many comments: the names of infrastructure have the singular
  prefix  = "${var.environment}-chaos-${trimsuffix(var.application, "s")}"
  chaos   = "${var.environment}-chaos"
  cluster = "${local.prefix}-cluster"
  on_ec2  = "${local.prefix}-ec2-cluster"

  services = {
    web = {
      cluster     = local.cluster
      container   = "${local.prefix}-web"
      port        = 3000
      health_path = "/health"
    }
    api = {
      cluster     = local.cluster
      container   = "${local.prefix}-api"
      port        = 8080
      health_path = "/api/health"
    }
    spamcheck = {
      cluster     = local.on_ec2
      container   = "${var.application}-spamcheck"
      port        = 8000
      health_path = "/spam/health"
    }
  }

  of_application = [
    "web_url",
    "internal_alb_dns_name",
    "db_username",
    "db_password",
    "db_connection_string",
    "db_instance_address",
    "db_instance_identifier",
    "autoscaling_group/ondemand/name",
    "sre/notification_topic_arn",
    # these two are for the parts of this deployment only
    "db_security_group_id",
    "kms_key_arn",
  ]

  of_network = [
    "id",
    "cidr-blocks/vpc",
    "private_subnets",
    "public_subnets",
  ]
}
