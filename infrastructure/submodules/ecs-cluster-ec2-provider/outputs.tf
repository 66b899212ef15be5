output "cluster_arn" {
  description = "The cluster"
  value       = aws_ecs_cluster.this.arn
}

output "cluster_name" {
  description = "The cluster's name"
  value       = aws_ecs_cluster.this.name
}

output "capacity_provider" {
  description = "The capacity provider, for services once it belongs to the cluster"
  value       = aws_ecs_capacity_provider.this.name

  # a service that comes earlier is refused; one that goes later blocks the provider's end
  depends_on = [aws_ecs_cluster_capacity_providers.this]
}

output "autoscaling_group" {
  description = "The Auto Scaling group's name"
  value       = aws_autoscaling_group.this.name
}
