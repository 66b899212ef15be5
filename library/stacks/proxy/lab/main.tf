# The proxy stack for chaos-lab, which has a Toxiproxy of its own: it makes nothing, and needs no provider.
terraform {
  required_version = ">= 1.5"
}

variable "toxiproxy_url" {
  type        = string
  description = "Address of the API of the lab's Toxiproxy; the lab sets TOXIPROXY_URL to it"

  validation {
    condition     = can(regex("^https?://[^/]+$", var.toxiproxy_url))
    error_message = "This is not the address of a Toxiproxy. In the lab it comes from TOXIPROXY_URL; on AWS, use the stack one folder up."
  }
}

# The others are those of the stack for AWS, so that an experiment gives both the same.
variable "environment" {
  type    = string
  default = "lab"
}

variable "vpc_id_parameter" {
  type    = string
  default = ""
}

variable "subnets_parameter" {
  type    = string
  default = ""
}

variable "associate_public_ip_address" {
  type    = bool
  default = false
}

variable "admin_cidr_block" {
  type    = string
  default = ""
}

variable "instance_type" {
  type    = string
  default = ""
}

output "toxiproxy_admin_url" {
  description = "Where experiments make proxies and toxics"
  value       = var.toxiproxy_url
}

output "toxiproxy_private_ip" {
  description = "Where tasks reach the proxies"
  value       = regex("^https?://(\\[[^]]+\\]|[^:/]+)", var.toxiproxy_url)[0]
}
