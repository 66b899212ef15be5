# What to look at while an experiment runs.
locals {
  balancers = {
    public   = aws_lb.public.arn_suffix
    internal = aws_lb.internal.arn_suffix
  }

  of_balancers = {
    "Requests"            = { metric = "RequestCount", statistic = "Sum" }
    "Response time, p95"  = { metric = "TargetResponseTime", statistic = "p95" }
    "Errors of tasks"     = { metric = "HTTPCode_Target_5XX_Count", statistic = "Sum" }
    "Errors of balancers" = { metric = "HTTPCode_ELB_5XX_Count", statistic = "Sum" }
  }

  of_services = {
    "Tasks that run"  = { namespace = "ECS/ContainerInsights", metric = "RunningTaskCount", statistic = "Average" }
    "Processor, in %" = { namespace = "AWS/ECS", metric = "CPUUtilization", statistic = "Average" }
    "Memory, in %"    = { namespace = "AWS/ECS", metric = "MemoryUtilization", statistic = "Average" }
  }

  of_database = {
    "Connections to the database" = "DatabaseConnections"
    "Database processor, in %"    = "CPUUtilization"
  }

  balancer_widgets = [for title, graph in local.of_balancers : {
    title     = title
    statistic = graph.statistic
    metrics   = [for name, suffix in local.balancers : ["AWS/ApplicationELB", graph.metric, "LoadBalancer", suffix, { label = name }]]
  }]

  service_widgets = [for title, graph in local.of_services : {
    title     = title
    statistic = graph.statistic
    metrics = [for short, service in local.services : [
      graph.namespace, graph.metric, "ClusterName", service.cluster, "ServiceName", service.name, { label = short }
    ]]
  }]

  database_widgets = [for title, metric in local.of_database : {
    title     = title
    statistic = "Average"
    metrics   = [["AWS/RDS", metric, "DBInstanceIdentifier", module.names.database, { label = "database" }]]
  }]

  graphs = concat(local.balancer_widgets, local.service_widgets, local.database_widgets)

  alarm_arns = concat(
    [for alarm in aws_cloudwatch_metric_alarm.balancers : alarm.arn],
    [for alarm in aws_cloudwatch_metric_alarm.capacity : alarm.arn],
  )
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = local.prefix

  dashboard_body = jsonencode({
    widgets = concat(
      [{
        type       = "alarm"
        x          = 0
        y          = 0
        width      = 24
        height     = 3
        properties = { title = "Alarms", alarms = local.alarm_arns }
      }],
      # three in a row
      [for index, graph in local.graphs : {
        type   = "metric"
        x      = index % 3 * 8
        y      = 3 + floor(index / 3) * 6
        width  = 8
        height = 6
        properties = {
          title   = graph.title
          metrics = graph.metrics
          stat    = graph.statistic
          period  = 60
          region  = var.region
          view    = "timeSeries"
        }
      }],
    )
  })
}
