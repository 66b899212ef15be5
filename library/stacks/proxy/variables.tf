variable "environment" {
  type        = string
  description = "Part of the names of what is made, such as `live`"
}

variable "vpc_id_parameter" {
  type        = string
  description = "Name of the SSM parameter with the id of the VPC"
  default     = ""
}

variable "subnets_parameter" {
  type        = string
  description = "Name of the SSM parameter with ids of subnets, separated by commas; the first one is used"
  default     = ""
}

variable "associate_public_ip_address" {
  type        = bool
  description = "Whether the API has a public address, for experiments that run outside of the VPC"
  default     = false
}

variable "admin_cidr_block" {
  type        = string
  description = "From where the API may be used, such as 203.0.113.7/32; empty for the VPC only"
  default     = ""

  validation {
    condition     = var.admin_cidr_block == "" || can(cidrhost(var.admin_cidr_block, 0))
    error_message = "This is not a block of addresses such as 203.0.113.7/32."
  }
}

variable "instance_type" {
  type        = string
  description = "Type of the instance, for x86_64"
  default     = "t3.micro"
}

variable "toxiproxy_version" {
  type        = string
  description = "Release of Toxiproxy"
  default     = "2.12.0"
}

variable "toxiproxy_url" {
  type        = string
  description = "Address of the API of a Toxiproxy that is there already: then nothing is made"
  default     = ""

  validation {
    condition     = var.toxiproxy_url == "" || can(regex("^https?://[^/]+$", var.toxiproxy_url))
    error_message = "This is not an address such as http://10.0.0.7:8474."
  }
}
