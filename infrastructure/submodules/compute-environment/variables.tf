variable "environment" {
  type        = string
  description = "The environment's name: experiments may touch what has it in its name or tags"
}

variable "application" {
  type        = string
  description = "The application's name: experiments may touch what has it in its name or tags"
}

variable "vpc_id" {
  type        = string
  description = "The VPC of jobs"
}

variable "subnets" {
  type        = list(string)
  description = "Ids of the subnets of jobs"
}

variable "vpc_cidr" {
  type        = string
  description = "The VPC's block of addresses: jobs reach proxies there"
}

variable "image" {
  type        = string
  description = "Address of the image of experiments, whose ENTRYPOINT is start-chaos"
}

variable "architecture" {
  type        = string
  description = "What the image is made for, `X86_64` or `ARM64`"
  default     = "X86_64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.architecture)
    error_message = "This is neither X86_64 nor ARM64."
  }
}

variable "assign_public_ip" {
  type        = bool
  description = "Whether jobs have a public address: needed in public subnets, where there is no NAT gateway"
  default     = false
}

variable "max_vcpus" {
  type        = number
  description = "How many vCPUs all jobs may have at the same time"
  default     = 16
}

variable "spot" {
  type        = bool
  description = "Whether jobs run on Fargate Spot: cheaper, and AWS may end one at any time"
  default     = false
}

variable "vcpus" {
  type        = number
  description = "vCPUs of a job that is submitted without a word on it; submit-job always has one"
  default     = 1
}

variable "memory_mib" {
  type        = number
  description = "Memory of a job that is submitted without a word on it; submit-job always has one"
  default     = 2048
}

variable "timeout_seconds" {
  type        = number
  description = "After how many seconds AWS Batch ends a job that is submitted without a word on it; submit-job always has one"
  default     = 3600

  validation {
    condition     = var.timeout_seconds >= 60
    error_message = "AWS Batch takes 60 seconds or more."
  }
}

variable "attempts" {
  type        = number
  description = "How often a job is started whose container was lost. The second attempt recovers what the first left; it injects nothing"
  default     = 2

  validation {
    condition     = var.attempts >= 1 && var.attempts <= 10
    error_message = "AWS Batch starts a job 1 to 10 times."
  }
}

variable "chaos_context" {
  type        = string
  description = "The section of experiment.conf that jobs use, unless submit-job says otherwise"
  default     = "live"
}

variable "fair_share" {
  type        = bool
  description = "Whether the queue shares its vCPUs evenly among share identifiers; then each job needs one"
  default     = false
}

variable "stacks" {
  type        = set(string)
  description = "The stacks of library/stacks that jobs may deploy: `proxy`, `topic-subscription`. The image must have been built with terraform"
  default     = []

  validation {
    condition     = length(setsubtract(var.stacks, ["proxy", "topic-subscription"])) == 0
    error_message = "There are no stacks but proxy and topic-subscription."
  }
}

variable "more_policy_arns" {
  type        = set(string)
  description = "ARNs of policies that the job role gets besides, for experiments of your own"
  default     = []
}

variable "journals_bucket_name" {
  type        = string
  description = "Name of the journals bucket; empty for one made of environment, account and region"
  default     = ""
}

variable "journals_days" {
  type        = number
  description = "For how many days journals are kept"
  default     = 365

  validation {
    condition     = var.journals_days > 30
    error_message = "Journals move to a cheaper class of storage after 30 days: keep them for longer."
  }
}

variable "log_retention_days" {
  type        = number
  description = "For how many days CloudWatch keeps the logs of jobs"
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch does not offer this number of days: take 7, 30, 90 or 365."
  }
}

variable "deletion_protection" {
  type        = bool
  description = "Whether the journals bucket can only be destroyed once it is empty"
  default     = true
}
