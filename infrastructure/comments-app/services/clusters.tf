# The cluster of web and api, and that of spamcheck on instances.
resource "aws_cloudwatch_log_group" "insights" {
  name              = "/aws/ecs/containerinsights/${module.names.cluster}/performance"
  retention_in_days = var.log_retention_days
  kms_key_id        = local.key
}

# The alarms of capacity live on Container Insights.
resource "aws_ecs_cluster" "this" {
  name = module.names.cluster

  setting {
    name  = "containerInsights"
    value = "enabled"
  }

  # ECS would make the group without a retention
  depends_on = [aws_cloudwatch_log_group.insights]
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE"]
}

module "ec2_cluster" {
  source                 = "../../submodules/ecs-cluster-ec2-provider"
  cluster_name           = module.names.ec2_cluster
  autoscaling_group_name = module.names.autoscaling_group
  capacity_provider_name = module.names.capacity_provider
  instance_name          = module.names.launch_template
  vpc_id                 = local.vpc
  subnets                = local.private_subnets
  instance_type          = var.instance_type
  min_size               = var.min_instances
  max_size               = var.max_instances
  log_retention_days     = var.log_retention_days
  kms_key_arn            = local.key
  tags                   = module.names.tags
}

locals {
  cluster_arns = {
    (module.names.cluster)     = aws_ecs_cluster.this.arn
    (module.names.ec2_cluster) = module.ec2_cluster.cluster_arn
  }
}
