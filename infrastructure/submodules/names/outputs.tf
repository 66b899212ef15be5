output "prefix" {
  description = "What the names of the application's infrastructure begin with"
  value       = local.prefix
}

output "chaos" {
  description = "What the names of everything that is there for experiments begin with"
  value       = local.chaos
}

output "tags" {
  description = "The tags by which experiments find their targets"
  value = {
    Environment = var.environment
    Application = var.application
    Program     = "chaos"
  }
}

output "cluster" {
  description = "The ECS cluster of web and api"
  value       = local.cluster
}

output "ec2_cluster" {
  description = "The ECS cluster of spamcheck"
  value       = local.on_ec2
}

output "launch_template" {
  description = "The launch template of the instances of the EC2 cluster, and their tag Name"
  value       = "${local.prefix}-ec2"
}

output "autoscaling_group" {
  description = "The Auto Scaling group of those instances"
  value       = "${local.prefix}-ec2-autoscaling-ondemand"
}

output "capacity_provider" {
  description = "The capacity provider of the EC2 cluster"
  value       = "${local.prefix}-ondemand"
}

output "public_balancer" {
  description = "The public load balancer"
  value       = "${local.prefix}-public"
}

output "internal_balancer" {
  description = "The internal load balancer"
  value       = "${local.prefix}-internal"
}

output "database" {
  description = "The database instance"
  value       = "${local.chaos}-${var.application}-db"
}

output "database_user" {
  description = "The application's user, and the schema's name"
  value       = var.application
}

output "aurora_cluster" {
  description = "The Aurora cluster that rds-cluster-failover is for"
  value       = "${local.chaos}-aurora"
}

output "docdb_cluster" {
  description = "The DocumentDB cluster that docdb-cluster-failover is for"
  value       = "${local.chaos}-docdb"
}

output "topic" {
  description = "The SNS topic that alarms tell"
  value       = "${local.prefix}-sre-updates"
}

output "services" {
  description = "Each service by its short name"
  value = { for short, service in local.services : short => merge(service, {
    name         = "${var.application}-${short}-service"
    family       = "${var.application}-${short}"
    target_group = "${local.prefix}-${short}"
  }) }
}

output "alarms" {
  description = "Names of the alarms: of the load balancers, and of each service that is at its greatest number of tasks"
  value = {
    public_response_time   = "TargetResponseTime-Avg/${var.environment}/${var.application}/public-alb"
    internal_response_time = "TargetResponseTime-Avg/${var.environment}/${var.application}/internal-alb"
    public_balancer_5xx    = "ELB_5XX_Response-Count/${var.environment}/${var.application}/public-alb"
    public_target_5xx      = "Target_5XX_Response-Count/${var.environment}/${var.application}/public-alb"
    internal_target_5xx    = "Target_5XX_Response-Count/${var.environment}/${var.application}/internal-alb"
    web_max_capacity       = "Service-MaxCapacity/${var.environment}/${var.application}/web"
    api_max_capacity       = "Service-MaxCapacity/${var.environment}/${var.application}/api"
    spamcheck_max_capacity = "Service-MaxCapacity/${var.environment}/${var.application}/spamcheck"
  }
}

output "parameters" {
  description = "SSM parameters of the application, by what comes last in their names"
  value       = { for name in local.of_application : name => "/${var.environment}/app/${var.application}/${name}" }
}

output "vpc_parameters" {
  description = "SSM parameters of the network, by what comes last in their names"
  value       = { for name in local.of_network : name => "/${var.environment}/vpc/${name}" }
}

output "job_queue" {
  description = "The job queue of experiments on AWS Batch"
  value       = "${local.chaos}-queue"
}

output "job_definition" {
  description = "The job definition of experiments on AWS Batch"
  value       = "${local.chaos}-experiment"
}
