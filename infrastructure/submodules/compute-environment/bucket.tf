# Journals, logs, and the write-ahead files of runs that go on.
resource "aws_s3_bucket" "journals" {
  #checkov:skip=CKV_AWS_18:CloudTrail's data events tell who reads journals, without a second bucket
  #checkov:skip=CKV_AWS_144:A journal is of use where the experiment ran; copy those that must outlive a region
  #checkov:skip=CKV2_AWS_62:Nobody waits for journals: the results topic tells of a run's end
  bucket        = var.journals_bucket_name != "" ? var.journals_bucket_name : "${local.name}-journals-${local.account}-${local.region}"
  force_destroy = !var.deletion_protection
}

resource "aws_s3_bucket_public_access_block" "journals" {
  bucket                  = aws_s3_bucket.journals.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "journals" {
  bucket = aws_s3_bucket.journals.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "journals" {
  bucket = aws_s3_bucket.journals.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "journals" {
  bucket = aws_s3_bucket.journals.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.this.arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "journals" {
  bucket = aws_s3_bucket.journals.id

  rule {
    id     = "journals"
    status = "Enabled"

    filter {}

    transition {
      days          = 30
      storage_class = "STANDARD_IA"
    }

    expiration {
      days = var.journals_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  # What attempts of a job leave for the next one. A write-ahead file has a version for every few seconds of its run.
  rule {
    id     = "in-progress"
    status = "Enabled"

    filter {
      prefix = "in-progress/"
    }

    expiration {
      days = 14
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  rule {
    id     = "old-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.journals]
}

data "aws_iam_policy_document" "only_tls" {
  statement {
    sid       = "OnlyByTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.journals.arn, "${aws_s3_bucket.journals.arn}/*"]

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

resource "aws_s3_bucket_policy" "journals" {
  bucket = aws_s3_bucket.journals.id
  policy = data.aws_iam_policy_document.only_tls.json

  depends_on = [aws_s3_bucket_public_access_block.journals]
}
