# The role that starts a job, and the role of the experiment in it.
data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role" "execution" {
  name               = "${local.name}-job-execution"
  description        = "Pulls the image and writes the log of a job"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_iam_role" "job" {
  name               = "${local.name}-job"
  description        = "What experiments may do"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

# Journals, logs and write-ahead files, and nothing else of S3.
data "aws_iam_policy_document" "journals" {
  statement {
    sid       = "Bucket"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.journals.arn]
  }

  statement {
    sid       = "Objects"
    actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = ["${aws_s3_bucket.journals.arn}/*"]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.this.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${local.region}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "journals" {
  name   = "journals"
  role   = aws_iam_role.job.id
  policy = data.aws_iam_policy_document.journals.json
}

resource "aws_iam_role_policy_attachment" "more" {
  for_each   = var.more_policy_arns
  role       = aws_iam_role.job.name
  policy_arn = each.key
}
