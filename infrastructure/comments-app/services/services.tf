# The services.
resource "aws_ecs_service" "this" {
  for_each        = local.services
  name            = each.value.name
  cluster         = local.cluster_arns[each.value.cluster]
  task_definition = aws_ecs_task_definition.this[each.key].arn
  desired_count   = var.min_tasks
  launch_type     = local.on_fargate[each.key] ? "FARGATE" : null

  health_check_grace_period_seconds = 30
  propagate_tags                    = "SERVICE"
  enable_ecs_managed_tags           = true

  network_configuration {
    subnets          = local.private_subnets
    security_groups  = [aws_security_group.this[each.key].id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.this[each.key].arn
    container_name   = each.value.container
    container_port   = each.value.port
  }

  # a version that does not become healthy goes back to the one before
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  dynamic "capacity_provider_strategy" {
    for_each = local.on_fargate[each.key] ? [] : [module.ec2_cluster.capacity_provider]

    content {
      capacity_provider = capacity_provider_strategy.value
      weight            = 1
      base              = 1
    }
  }

  # on instances: first on different zones, then on different instances
  dynamic "ordered_placement_strategy" {
    for_each = local.on_fargate[each.key] ? [] : ["attribute:ecs.availability-zone", "instanceId"]

    content {
      type  = "spread"
      field = ordered_placement_strategy.value
    }
  }

  # scaling decides it
  lifecycle {
    ignore_changes = [desired_count]
  }

  # ECS wants a target group that a listener uses, a role that may start tasks, and ways that are open until the last task is gone
  depends_on = [
    aws_lb_listener.http,
    aws_lb_listener.https,
    aws_lb_listener_rule.internal,
    aws_iam_role_policy.secrets,
    aws_iam_role_policy_attachment.execution,
    aws_vpc_security_group_egress_rule.aws,
    aws_vpc_security_group_egress_rule.database,
    aws_vpc_security_group_egress_rule.ways,
    aws_vpc_security_group_ingress_rule.database,
    aws_vpc_security_group_ingress_rule.ways,
  ]
}
