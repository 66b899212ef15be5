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
