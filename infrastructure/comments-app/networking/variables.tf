variable "environment" {
  type        = string
  description = "The environment's name, in most other names"
  default     = "live"
}

variable "application" {
  type        = string
  description = "The application's name"
  default     = "comments"
}

variable "region" {
  type        = string
  description = "The AWS region"
  default     = "us-east-1"
}

variable "zones" {
  type        = list(string)
  description = "The availability zones, two or more. Add new ones at the end: a subnet's block goes by its zone's place"
  default     = ["us-east-1a", "us-east-1b", "us-east-1c"]

  validation {
    condition     = length(var.zones) >= 2 && length(var.zones) <= 10 && length(distinct(var.zones)) == length(var.zones)
    error_message = "These are not two to ten different zones, such as [\"us-east-1a\", \"us-east-1b\"]."
  }

  validation {
    condition     = alltrue([for zone in var.zones : startswith(zone, var.region)])
    error_message = "These zones are not all in the region ${var.region}."
  }
}

variable "vpc_cidr" {
  type        = string
  description = "The VPC's block of addresses, of 65,536; each subnet takes 256 of them"
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && endswith(var.vpc_cidr, "/16")
    error_message = "This is not a block of addresses such as 10.0.0.0/16."
  }
}

variable "egress" {
  type        = string
  description = "How private subnets reach AWS: `nat` (one NAT gateway), `nat-per-zone`, or `endpoints` (VPC endpoints, and no way to the internet)"
  default     = "nat"

  validation {
    condition     = contains(["nat", "nat-per-zone", "endpoints"], var.egress)
    error_message = "This is none of nat, nat-per-zone, endpoints."
  }
}

variable "interface_endpoints" {
  type        = set(string)
  description = "The AWS services that have an interface endpoint when `egress` is `endpoints`: what tasks and instances need"
  default = [
    "ec2messages",
    "ecr.api",
    "ecr.dkr",
    "ecs",
    "ecs-agent",
    "ecs-telemetry",
    "kms",
    "logs",
    "ssm",
    "ssmmessages",
  ]
}

variable "flow_logs" {
  type        = bool
  description = "Whether the VPC's rejected connections are logged"
  default     = true
}

variable "log_retention_days" {
  type        = number
  description = "For how many days CloudWatch keeps logs"
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch does not offer this number of days: take 7, 30, 90 or 365."
  }
}

variable "database_instance_class" {
  type        = string
  description = "The size of the database"
  default     = "db.t3.micro"
}

variable "database_version" {
  type        = string
  description = "MySQL's release, major and minor number"
  default     = "8.4"

  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+$", var.database_version))
    error_message = "This is not a release such as 8.4."
  }
}

variable "database_storage_gib" {
  type        = number
  description = "The size of the database's disk; it grows by itself to five times as much"
  default     = 20

  validation {
    condition     = var.database_storage_gib >= 20
    error_message = "RDS gives a database 20 GiB or more."
  }
}

variable "database_multi_az" {
  type        = bool
  description = "Whether there is a standby in another zone; rds-instance-reboot fails over to it"
  default     = true
}

variable "database_password_version" {
  type        = number
  description = "Add one to give the database another password; then deploy the services anew"
  default     = 1
}

variable "database_backup_days" {
  type        = number
  description = "For how many days backups of the database are kept"
  default     = 7

  validation {
    condition     = var.database_backup_days >= 1 && var.database_backup_days <= 35
    error_message = "RDS keeps backups for 1 to 35 days."
  }
}

variable "proxies" {
  type        = bool
  description = "Whether the private subnets reach the database: library/stacks/proxy puts a proxy there, in between services and database"
  default     = true
}

variable "deletion_protection" {
  type        = bool
  description = "Whether AWS refuses to delete databases"
  default     = true
}

variable "skip_final_snapshot" {
  type        = bool
  description = "Whether databases are deleted without a last snapshot"
  default     = false
}

variable "aurora_cluster" {
  type        = bool
  description = "Whether there is an Aurora cluster, for rds-cluster-failover"
  default     = false
}

variable "docdb_cluster" {
  type        = bool
  description = "Whether there is a DocumentDB cluster, for docdb-cluster-failover"
  default     = false
}

variable "cluster_instance_class" {
  type        = string
  description = "The size of the two instances of each of these clusters"
  default     = "db.t4g.medium"
}

variable "bastion" {
  type        = bool
  description = "Whether there is an instance from which people reach the database, by Session Manager"
  default     = false
}
