output "web_url" {
  description = "Where users find the application"
  value       = local.web_url
}

output "public_address" {
  description = "The public load balancer's own name, for the DNS record of a domain of yours"
  value       = aws_lb.public.dns_name
}

output "dashboard" {
  description = "The dashboard's address"
  value       = "https://${var.region}.console.aws.amazon.com/cloudwatch/home?region=${var.region}#dashboards/dashboard/${aws_cloudwatch_dashboard.this.dashboard_name}"
}

output "topic" {
  description = "The topic that alarms tell"
  value       = aws_sns_topic.sre.arn
}
