# Each service gets more tasks when one of three measures is above its target.
locals {
  scaling_metrics = {
    cpu      = { type = "ECSServiceAverageCPUUtilization", target = 70 }
    memory   = { type = "ECSServiceAverageMemoryUtilization", target = 70 }
    requests = { type = "ALBRequestCountPerTarget", target = 6000 }
  }

  scaling_policies = {
    for pair in setproduct(keys(local.services), keys(local.scaling_metrics)) : "${pair[0]}-${pair[1]}" => {
      service = pair[0]
      metric  = pair[1]
    }
  }

  balancer_of = {
    web       = aws_lb.public.arn_suffix
    api       = aws_lb.internal.arn_suffix
    spamcheck = aws_lb.internal.arn_suffix
  }
}

resource "aws_appautoscaling_target" "this" {
  for_each           = local.services
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${each.value.cluster}/${aws_ecs_service.this[each.key].name}"
  min_capacity       = var.min_tasks
  max_capacity       = var.max_tasks
}

resource "aws_appautoscaling_policy" "this" {
  for_each           = local.scaling_policies
  name               = each.value.metric
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[each.value.service].service_namespace
  scalable_dimension = aws_appautoscaling_target.this[each.value.service].scalable_dimension
  resource_id        = aws_appautoscaling_target.this[each.value.service].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = local.scaling_metrics[each.value.metric].target
    scale_in_cooldown  = 300
    scale_out_cooldown = 180

    predefined_metric_specification {
      predefined_metric_type = local.scaling_metrics[each.value.metric].type
      resource_label = (each.value.metric == "requests"
        ? "${local.balancer_of[each.value.service]}/${aws_lb_target_group.this[each.value.service].arn_suffix}"
        : null
      )
    }
  }
}
