# The people who keep the application running.
resource "aws_sns_topic" "sre" {
  name              = module.names.topic
  display_name      = "SRE ${var.environment}"
  kms_master_key_id = local.key
}

data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "AlarmsTell"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.sre.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }

  statement {
    sid       = "OnlyByTls"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.sre.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sns_topic_policy" "sre" {
  arn    = aws_sns_topic.sre.arn
  policy = data.aws_iam_policy_document.topic.json
}

resource "aws_sns_topic_subscription" "email" {
  for_each  = var.sre_emails
  topic_arn = aws_sns_topic.sre.arn
  protocol  = "email"
  endpoint  = each.value
}
