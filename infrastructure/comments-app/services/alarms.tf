# The alarms that experiments look at. Names, thresholds and periods are those of the lab.
locals {
  # A period is a minute. `recent` goes off as soon as one of its periods is over the threshold, and stays on for as long as that
  # is among them: an experiment that looks a few minutes later still sees it.
  balancer_alarms = {
    public_response_time = {
      balancer  = aws_lb.public.arn_suffix
      metric    = "TargetResponseTime"
      statistic = "Average"
      threshold = 1.2
      periods   = 2
      recent    = false
      meaning   = "Users wait for 1.2 seconds or longer"
    }
    internal_response_time = {
      balancer  = aws_lb.internal.arn_suffix
      metric    = "TargetResponseTime"
      statistic = "Average"
      threshold = 1
      periods   = 2
      recent    = false
      meaning   = "Services wait for api or spamcheck for a second or longer"
    }
    public_balancer_5xx = {
      balancer  = aws_lb.public.arn_suffix
      metric    = "HTTPCode_ELB_5XX_Count"
      statistic = "Sum"
      threshold = 10
      periods   = 5
      recent    = true
      meaning   = "Users' requests reached no task"
    }
    public_target_5xx = {
      balancer  = aws_lb.public.arn_suffix
      metric    = "HTTPCode_Target_5XX_Count"
      statistic = "Sum"
      threshold = 10
      periods   = 5
      recent    = true
      meaning   = "Users' requests were answered with an error"
    }
    internal_target_5xx = {
      balancer  = aws_lb.internal.arn_suffix
      metric    = "HTTPCode_Target_5XX_Count"
      statistic = "Sum"
      threshold = 100
      periods   = 2
      recent    = false
      meaning   = "api or spamcheck answer with errors"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "balancers" {
  for_each            = local.balancer_alarms
  alarm_name          = module.names.alarms[each.key]
  alarm_description   = each.value.meaning
  namespace           = "AWS/ApplicationELB"
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.recent ? 1 : null
  treat_missing_data  = "notBreaching"
  actions_enabled     = true
  alarm_actions       = var.tell_of_all_alarms ? [aws_sns_topic.sre.arn] : []
  ok_actions          = var.tell_of_all_alarms ? [aws_sns_topic.sre.arn] : []

  dimensions = {
    LoadBalancer = each.value.balancer
  }
}

# A service that is at its greatest number of tasks cannot grow any more: people must know.
resource "aws_cloudwatch_metric_alarm" "capacity" {
  for_each            = local.services
  alarm_name          = module.names.alarms["${each.key}_max_capacity"]
  alarm_description   = "${each.value.name} has its greatest number of tasks"
  namespace           = "ECS/ContainerInsights"
  metric_name         = "DesiredTaskCount"
  statistic           = "Maximum"
  unit                = "Count"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = var.max_tasks
  period              = 60
  evaluation_periods  = 1
  treat_missing_data  = "missing"
  actions_enabled     = true
  alarm_actions       = [aws_sns_topic.sre.arn]

  dimensions = {
    ClusterName = each.value.cluster
    ServiceName = each.value.name
  }

  # a notification that comes earlier is refused, and lost
  depends_on = [aws_sns_topic_policy.sre]
}
