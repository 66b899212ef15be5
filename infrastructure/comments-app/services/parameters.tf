# What experiments look up.
locals {
  web_url = local.https ? "https://${var.domain_name}" : "http://${var.domain_name != "" ? var.domain_name : aws_lb.public.dns_name}"

  parameters = {
    "web_url"                         = local.web_url
    "internal_alb_dns_name"           = aws_lb.internal.dns_name
    "autoscaling_group/ondemand/name" = module.ec2_cluster.autoscaling_group
    "sre/notification_topic_arn"      = aws_sns_topic.sre.arn
  }
}

resource "aws_ssm_parameter" "this" {
  #checkov:skip=CKV2_AWS_34:None of these is a secret, and experiments may read them without a key
  for_each = local.parameters
  name     = module.names.parameters[each.key]
  type     = "String"
  value    = each.value
}
