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

variable "web_image" {
  type        = string
  description = "Address of the image of web, such as 123456789012.dkr.ecr.us-east-1.amazonaws.com/comments-web@sha256:…"

  validation {
    condition     = can(regex("^[^[:space:]]+[:@][^[:space:]]+$", var.web_image))
    error_message = "This is not the address of an image with a tag or a digest; push_to_ecr.sh prints it."
  }
}

variable "api_image" {
  type        = string
  description = "Address of the image of api"

  validation {
    condition     = can(regex("^[^[:space:]]+[:@][^[:space:]]+$", var.api_image))
    error_message = "This is not the address of an image with a tag or a digest; push_to_ecr.sh prints it."
  }
}

variable "spamcheck_image" {
  type        = string
  description = "Address of the image of spamcheck, for x86_64"

  validation {
    condition     = can(regex("^[^[:space:]]+[:@][^[:space:]]+$", var.spamcheck_image))
    error_message = "This is not the address of an image with a tag or a digest; push_to_ecr.sh prints it."
  }
}

variable "architecture" {
  type        = string
  description = "What the images of web and api are made for, `X86_64` or `ARM64`"
  default     = "X86_64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.architecture)
    error_message = "This is neither X86_64 nor ARM64."
  }
}

variable "sizes" {
  type        = map(object({ cpu = number, memory = number }))
  description = "CPU units and MiB of a task of each service"
  default = {
    web       = { cpu = 256, memory = 512 }
    api       = { cpu = 512, memory = 1024 }
    spamcheck = { cpu = 256, memory = 512 }
  }

  validation {
    condition     = sort(keys(var.sizes)) == tolist(["api", "spamcheck", "web"])
    error_message = "Sizes of web, api and spamcheck are needed, and no others."
  }
}

variable "more_settings" {
  type        = map(map(string))
  description = "Environment variables of services that win over those of settings.tf, such as { api = { SPAMCHECK_FALLBACK = \"refuse\" } }; no secrets"
  default     = {}

  validation {
    condition     = alltrue([for short in keys(var.more_settings) : contains(["web", "api", "spamcheck"], short)])
    error_message = "There are settings of web, api and spamcheck only."
  }
}

variable "min_tasks" {
  type        = number
  description = "The least number of tasks of each service"
  default     = 2
}

variable "max_tasks" {
  type        = number
  description = "The greatest number of tasks of each service; its capacity alarm goes off there"
  default     = 4

  validation {
    condition     = var.max_tasks >= var.min_tasks
    error_message = "The greatest number of tasks is less than the least."
  }
}

variable "instance_type" {
  type        = string
  description = "Type of the instances that spamcheck runs on, for x86_64"
  default     = "t3.small"
}

variable "min_instances" {
  type        = number
  description = "The least number of these instances"
  default     = 2
}

variable "max_instances" {
  type        = number
  description = "The greatest number of these instances"
  default     = 5

  validation {
    condition     = var.max_instances >= var.min_instances
    error_message = "The greatest number of instances is less than the least."
  }
}

variable "public_cidr_blocks" {
  type        = set(string)
  description = "From where the public load balancer may be reached. Narrow it for a deployment that is yours only, and let the NAT gateways in"
  default     = ["0.0.0.0/0"]

  validation {
    condition     = alltrue([for block in var.public_cidr_blocks : can(cidrhost(block, 0))])
    error_message = "These are not blocks of addresses such as 203.0.113.0/24."
  }
}

variable "certificate_arn" {
  type        = string
  description = "ARN of a certificate of AWS Certificate Manager; then the public load balancer speaks HTTPS. Empty: HTTP only"
  default     = ""

  validation {
    condition     = var.certificate_arn == "" || can(regex("^arn:aws[a-z-]*:acm:[^:]+:[0-9]{12}:certificate/.+$", var.certificate_arn))
    error_message = "This is not the ARN of a certificate."
  }

  validation {
    condition     = var.certificate_arn == "" || var.domain_name != ""
    error_message = "A certificate needs domain_name, too: the name that it is for."
  }
}

variable "domain_name" {
  type        = string
  description = "The name that users know, if you have one; point it at the public load balancer. Empty: the load balancer's own"
  default     = ""
}

variable "proxies" {
  type        = bool
  description = "Whether services reach the proxies of library/stacks/proxy, and these the internal load balancer"
  default     = true
}

variable "sre_emails" {
  type        = set(string)
  description = "E-mail addresses that are told of alarms; AWS asks each for its consent"
  default     = []
}

variable "tell_of_all_alarms" {
  type        = bool
  description = "Whether the alarms of failed and slow requests are told, too, and not only those of capacity"
  default     = false
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

variable "access_log_days" {
  type        = number
  description = "For how many days the load balancers' access logs are kept"
  default     = 30
}

variable "deletion_protection" {
  type        = bool
  description = "Whether AWS refuses to delete load balancers, and the bucket of their logs while there is something in it"
  default     = true
}
