# 1.11 is the first release with arguments that are written to AWS and never to the state: the database's password is one.
terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "6.32.1"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = module.names.tags
  }
}

module "names" {
  source      = "../../submodules/names"
  environment = var.environment
  application = var.application
}

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

locals {
  prefix    = module.names.prefix
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition
}
