variable "cluster_name" {
  type        = string
  description = "Name of the cluster"
}

variable "autoscaling_group_name" {
  type        = string
  description = "Name of the Auto Scaling group of its instances"
}

variable "capacity_provider_name" {
  type        = string
  description = "Name of the capacity provider; not with aws, ecs or fargate at its beginning"
}

variable "instance_name" {
  type        = string
  description = "Name of the launch template, of the role, and of each instance"
}

variable "vpc_id" {
  type        = string
  description = "The VPC"
}

variable "subnets" {
  type        = list(string)
  description = "Ids of the subnets of the instances"
}

variable "instance_type" {
  type        = string
  description = "Type of the instances, for x86_64. A t3.small has room for two tasks with network interfaces of their own"
  default     = "t3.small"
}

variable "min_size" {
  type        = number
  description = "The least number of instances"
  default     = 2
}

variable "max_size" {
  type        = number
  description = "The greatest number of instances"
  default     = 5
}

variable "disk_gib" {
  type        = number
  description = "The size of each instance's disk, encrypted; the image needs 30"
  default     = 30

  validation {
    condition     = var.disk_gib >= 30
    error_message = "The image needs a disk of 30 GiB or more."
  }
}

variable "log_retention_days" {
  type        = number
  description = "For how many days CloudWatch keeps the cluster's performance log"
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of the key of logs"
}

variable "tags" {
  type        = map(string)
  description = "Tags of the instances; experiments find their targets by them"
}
