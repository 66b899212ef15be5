# The instances. They have no address on the internet and no open port: people come by Session Manager, experiments by Run Command.
data "aws_ssm_parameter" "image" {
  name = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
}

resource "aws_security_group" "instances" {
  name_prefix = "${var.instance_name}-"
  description = "Instances of ${var.cluster_name}: they reach AWS, and nobody reaches them"
  vpc_id      = var.vpc_id

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_egress_rule" "aws" {
  security_group_id = aws_security_group.instances.id
  description       = "ECS, Systems Manager, images and packages"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_launch_template" "this" {
  name                   = var.instance_name
  description            = "Instances of ${var.cluster_name}"
  image_id               = data.aws_ssm_parameter.image.insecure_value
  instance_type          = var.instance_type
  update_default_version = true
  vpc_security_group_ids = [aws_security_group.instances.id]

  # Amazon's image brings the SSM agent. Tasks must not get at the instance's role.
  user_data = base64encode(<<-EOT
    #!/bin/bash
    cat >> /etc/ecs/ecs.config <<'CONFIG'
    ECS_CLUSTER=${var.cluster_name}
    ECS_AWSVPC_BLOCK_IMDS=true
    ECS_ENABLE_SPOT_INSTANCE_DRAINING=true
    CONFIG
  EOT
  )

  iam_instance_profile {
    arn = aws_iam_instance_profile.this.arn
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  # ecs-instance-burn-cpu looks at two minutes of CPU: without this there is one value in five minutes
  monitoring {
    enabled = true
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_size           = var.disk_gib
      volume_type           = "gp3"
      encrypted             = true
      delete_on_termination = true
    }
  }

  tag_specifications {
    resource_type = "volume"
    tags          = merge(var.tags, { Name = var.instance_name })
  }
}

resource "aws_autoscaling_group" "this" {
  name                  = var.autoscaling_group_name
  min_size              = var.min_size
  max_size              = var.max_size
  vpc_zone_identifier   = var.subnets
  health_check_type     = "EC2"
  protect_from_scale_in = true

  enabled_metrics = [
    "GroupDesiredCapacity",
    "GroupInServiceInstances",
    "GroupTerminatingInstances",
  ]

  launch_template {
    id      = aws_launch_template.this.id
    version = aws_launch_template.this.latest_version
  }

  # ECS wants its tag; the others are how experiments find the instances
  dynamic "tag" {
    for_each = merge(var.tags, { Name = var.instance_name, AmazonECSManaged = "true" })

    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }

  # the capacity provider decides it; experiments change the subnets for a while, and their rollback gives them back
  lifecycle {
    ignore_changes = [desired_capacity]
  }

  # instances look for the cluster at once, and must be gone before it
  depends_on = [aws_ecs_cluster.this, aws_iam_role_policy_attachment.this]
}
