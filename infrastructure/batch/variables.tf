variable "environment" {
  type        = string
  description = "The environment's name: experiments may touch what has it in its name or tags"
  default     = "live"
}

variable "application" {
  type        = string
  description = "The application's name: experiments may touch what has it in its name or tags"
  default     = "comments"
}

variable "region" {
  type        = string
  description = "The AWS region"
  default     = "us-east-1"
}

variable "chaos_image" {
  type        = string
  description = "Address of the image of experiments, such as 123456789012.dkr.ecr.us-east-1.amazonaws.com/chaos@sha256:…"

  validation {
    condition     = can(regex("^[^[:space:]]+[:@][^[:space:]]+$", var.chaos_image))
    error_message = "This is not the address of an image with a tag or a digest; push_to_ecr.sh prints it."
  }
}

variable "architecture" {
  type        = string
  description = "What the image is made for, `X86_64` or `ARM64`"
  default     = "X86_64"
}

variable "public_subnets" {
  type        = bool
  description = "Whether jobs run in public subnets, with a public address: needed where networking has `egress = \"endpoints\"`"
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
  description = "Memory of a job in MiB that is submitted without a word on it; submit-job always has one; Fargate takes 2048 and more for one vCPU"
  default     = 2048
}

variable "timeout_seconds" {
  type        = number
  description = "After how many seconds AWS Batch ends a job that is submitted without a word on it; submit-job always has one"
  default     = 3600
}

variable "attempts" {
  type        = number
  description = "How often a job is started whose container was lost. The second attempt recovers what the first left; it injects nothing"
  default     = 2
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
  description = "For how many days journals are kept, more than 30"
  default     = 365
}

variable "log_retention_days" {
  type        = number
  description = "For how many days CloudWatch keeps the logs of jobs"
  default     = 365
}

variable "deletion_protection" {
  type        = bool
  description = "Whether the journals bucket can only be destroyed once it is empty"
  default     = true
}
