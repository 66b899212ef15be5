# The topic subscription for chaos-lab, where a queue is subscribed from the beginning: it makes nothing, and needs no
# provider.
terraform {
  required_version = ">= 1.5"
}

variable "topic_arn" {
  type        = string
  description = "ARN of the lab's topic"

  validation {
    condition     = can(regex("^arn:aws:sns:[^:]+:[0-9]{12}:[^:]+$", var.topic_arn))
    error_message = "This is not the ARN of an SNS topic."
  }
}

locals {
  region  = split(":", var.topic_arn)[3]
  account = split(":", var.topic_arn)[4]
}

output "queue_url" {
  description = "The queue that receives what is published to the topic"
  value       = "https://sqs.${local.region}.amazonaws.com/${local.account}/chaos-topic-subscription"
}
