# What a job is: one run of start-chaos. submit-job says which experiment.
resource "aws_cloudwatch_log_group" "jobs" {
  name              = "/${var.environment}/chaos/jobs"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.this.arn
}

locals {
  container = {
    image            = var.image
    executionRoleArn = aws_iam_role.execution.arn
    jobRoleArn       = aws_iam_role.job.arn

    # no command: the image starts start-chaos
    resourceRequirements = [
      { type = "VCPU", value = tostring(var.vcpus) },
      { type = "MEMORY", value = tostring(var.memory_mib) },
    ]

    environment = [
      { name = "CHAOS_CONTEXT", value = var.chaos_context },
      { name = "CHAOS_JOURNALS_BUCKET", value = aws_s3_bucket.journals.id },
    ]

    networkConfiguration         = { assignPublicIp = var.assign_public_ip ? "ENABLED" : "DISABLED" }
    fargatePlatformConfiguration = { platformVersion = "LATEST" }

    runtimePlatform = {
      operatingSystemFamily = "LINUX"
      cpuArchitecture       = var.architecture
    }

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.jobs.name
        awslogs-region        = local.region
        awslogs-stream-prefix = "job"
      }
    }
  }
}

resource "aws_batch_job_definition" "this" {
  name                  = module.names.job_definition
  type                  = "container"
  platform_capabilities = ["FARGATE"]
  propagate_tags        = true
  scheduling_priority   = var.fair_share ? 1 : null
  container_properties  = jsonencode(local.container)

  # An experiment that ended has said what there is to say, by one of start-chaos's exit codes. Whatever else ended the container
  # is a reason to come back and recover.
  retry_strategy {
    attempts = var.attempts

    # in this order
    dynamic "evaluate_on_exit" {
      for_each = [
        { code = "1", reason = null },
        { code = "2", reason = null },
        { code = "3", reason = null },
        { code = "4", reason = null },
        { code = null, reason = "*" },
      ]

      content {
        on_exit_code = evaluate_on_exit.value.code
        on_reason    = evaluate_on_exit.value.reason
        action       = evaluate_on_exit.value.code == null ? "RETRY" : "EXIT"
      }
    }
  }

  timeout {
    attempt_duration_seconds = var.timeout_seconds
  }
}
