# A queue that receives what is published to an SNS topic, so that an experiment can see whether an alarm told somebody.
terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "6.32.1"
    }
  }
}

provider "aws" {
  default_tags {
    tags = {
      Program = "chaos"
      Stack   = "topic-subscription"
    }
  }
}

variable "topic_arn" {
  type        = string
  description = "ARN of the topic"

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:sns:[^:]+:[0-9]{12}:[^:]+$", var.topic_arn))
    error_message = "This is not the ARN of an SNS topic."
  }
}

# The prefix keeps two experiments at the same time, and a queue that was deleted a moment ago, out of the way: AWS
# refuses the name of a deleted queue for a minute.
resource "aws_sqs_queue" "notifications" {
  name_prefix               = "chaos-topic-subscription-"
  message_retention_seconds = 3600
  sqs_managed_sse_enabled   = true
}

data "aws_iam_policy_document" "topic_may_send" {
  statement {
    sid       = "TopicMaySend"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.notifications.arn]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [var.topic_arn]
    }
  }
}

resource "aws_sqs_queue_policy" "notifications" {
  queue_url = aws_sqs_queue.notifications.id
  policy    = data.aws_iam_policy_document.topic_may_send.json
}

# Without the policy, messages that come between the two would be lost.
resource "aws_sns_topic_subscription" "notifications" {
  topic_arn = var.topic_arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.notifications.arn

  depends_on = [aws_sqs_queue_policy.notifications]
}

output "queue_url" {
  description = "The queue that receives what is published to the topic"
  value       = aws_sqs_queue.notifications.url

  # known only once messages arrive
  depends_on = [aws_sns_topic_subscription.notifications]
}
