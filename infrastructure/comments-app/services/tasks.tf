# What a task of each service is.
resource "aws_cloudwatch_log_group" "tasks" {
  for_each          = local.services
  name              = "/${var.environment}/app/${var.application}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = local.key
}

locals {
  # spamcheck's instances are x86_64
  on_fargate   = { for short, service in local.services : short => service.cluster == module.names.cluster }
  architecture = { for short, fargate in local.on_fargate : short => fargate ? var.architecture : "X86_64" }
}

resource "aws_ecs_task_definition" "this" {
  for_each                 = local.services
  family                   = each.value.family
  network_mode             = "awsvpc"
  requires_compatibilities = [local.on_fargate[each.key] ? "FARGATE" : "EC2"]
  cpu                      = var.sizes[each.key].cpu
  memory                   = var.sizes[each.key].memory
  execution_role_arn       = aws_iam_role.execution[each.key].arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = local.architecture[each.key]
  }

  container_definitions = jsonencode([{
    name                   = each.value.container
    image                  = local.images[each.key]
    essential              = true
    cpu                    = var.sizes[each.key].cpu
    memory                 = var.sizes[each.key].memory
    readonlyRootFilesystem = true
    # the application finishes its requests within ten seconds
    stopTimeout = 30

    portMappings = [{
      containerPort = each.value.port
      hostPort      = each.value.port
      protocol      = "tcp"
    }]

    environment = [for name, value in local.settings[each.key] : { name = name, value = value }]
    secrets     = [for name, arn in local.secrets[each.key] : { name = name, valueFrom = arn }]

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.tasks[each.key].name
        awslogs-region        = var.region
        awslogs-stream-prefix = each.key
        # a log that cannot be sent must not stop the service
        mode            = "non-blocking"
        max-buffer-size = "4m"
      }
    }
  }])
}
