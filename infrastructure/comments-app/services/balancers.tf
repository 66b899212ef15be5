# The load balancers and their targets.
resource "aws_lb" "public" {
  #checkov:skip=CKV2_AWS_20:It redirects to HTTPS as soon as there is a certificate
  #checkov:skip=CKV2_AWS_28:A firewall would count the load of experiments as an attack; add one where strangers write
  name                       = module.names.public_balancer
  load_balancer_type         = "application"
  internal                   = false
  subnets                    = local.public_subnets
  security_groups            = [aws_security_group.this["public-alb"].id]
  drop_invalid_header_fields = true
  enable_deletion_protection = var.deletion_protection

  access_logs {
    bucket  = aws_s3_bucket.access_logs.id
    prefix  = "public"
    enabled = true
  }

  depends_on = [aws_s3_bucket_policy.access_logs]
}

resource "aws_lb" "internal" {
  #checkov:skip=CKV2_AWS_20:Services speak HTTP inside the VPC, and so do the proxies that experiments put between them
  name                       = module.names.internal_balancer
  load_balancer_type         = "application"
  internal                   = true
  subnets                    = local.private_subnets
  security_groups            = [aws_security_group.this["internal-alb"].id]
  drop_invalid_header_fields = true
  enable_deletion_protection = var.deletion_protection

  access_logs {
    bucket  = aws_s3_bucket.access_logs.id
    prefix  = "internal"
    enabled = true
  }

  depends_on = [aws_s3_bucket_policy.access_logs]
}

# Health checks ask for nothing that stands behind a service: a database that is away for a moment must not take every task out
# of service.
resource "aws_lb_target_group" "this" {
  #checkov:skip=CKV_AWS_378:Tasks speak HTTP inside the VPC
  for_each             = local.services
  name                 = each.value.target_group
  target_type          = "ip"
  protocol             = "HTTP"
  port                 = each.value.port
  vpc_id               = local.vpc
  deregistration_delay = 30

  health_check {
    path                = each.value.health_path
    matcher             = "200,301,302"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

# With a certificate this only leads to HTTPS.
resource "aws_lb_listener" "http" {
  #checkov:skip=CKV_AWS_2:It redirects to HTTPS as soon as there is a certificate
  load_balancer_arn = aws_lb.public.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type             = local.https ? "redirect" : "forward"
    target_group_arn = local.https ? null : aws_lb_target_group.this["web"].arn

    dynamic "redirect" {
      for_each = local.https ? [443] : []

      content {
        protocol    = "HTTPS"
        port        = tostring(redirect.value)
        status_code = "HTTP_301"
      }
    }
  }
}

resource "aws_lb_listener" "https" {
  count             = local.https ? 1 : 0
  load_balancer_arn = aws_lb.public.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this["web"].arn
  }
}

resource "aws_lb_listener" "internal" {
  #checkov:skip=CKV_AWS_2:Services speak HTTP inside the VPC, and so do the proxies that experiments put between them
  #checkov:skip=CKV_AWS_103:Services speak HTTP inside the VPC
  load_balancer_arn = aws_lb.internal.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "fixed-response"

    fixed_response {
      status_code  = "404"
      content_type = "text/plain"
      message_body = ""
    }
  }
}

resource "aws_lb_listener_rule" "internal" {
  for_each = {
    api       = { priority = 1000, path = "/api" }
    spamcheck = { priority = 2000, path = "/spam" }
  }
  listener_arn = aws_lb_listener.internal.arn
  priority     = each.value.priority

  condition {
    path_pattern {
      values = [each.value.path, "${each.value.path}/*"]
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[each.key].arn
  }
}
