# Who may talk to whom: users, public load balancer, web, internal load balancer, api and spamcheck, database.
locals {
  # the ports on which proxies of experiments listen; library/stacks/proxy has the same
  proxies = var.proxies ? {
    mysql = { from = 3306, to = 3306 }
    http  = { from = 8000, to = 8473 }
    more  = { from = 8475, to = 9000 }
  } : {}

  groups = {
    public-alb   = "The public load balancer: from users to web"
    internal-alb = "The internal load balancer: from web and api to api and spamcheck"
    web          = "Tasks of web"
    api          = "Tasks of api"
    spamcheck    = "Tasks of spamcheck"
  }

  # each line opens the way out of the first and into the second group
  ways = {
    users-web          = { from = "public-alb", to = "web", port = local.services["web"].port }
    web-internal       = { from = "web", to = "internal-alb", port = 80 }
    api-internal       = { from = "api", to = "internal-alb", port = 80 }
    internal-api       = { from = "internal-alb", to = "api", port = local.services["api"].port }
    internal-spamcheck = { from = "internal-alb", to = "spamcheck", port = local.services["spamcheck"].port }
  }

  public_ports = local.https ? [80, 443] : [80]

  public_ways = {
    for way in setproduct(var.public_cidr_blocks, local.public_ports) : "${way[0]} ${way[1]}" => { cidr = way[0], port = way[1] }
  }
}

resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:Each belongs to the load balancer or service of its name
  for_each    = local.groups
  name        = "${local.prefix}-${each.key}-sg"
  description = each.value
  vpc_id      = local.vpc
}

resource "aws_vpc_security_group_ingress_rule" "ways" {
  for_each                     = local.ways
  security_group_id            = aws_security_group.this[each.value.to].id
  description                  = "From ${each.value.from}"
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  referenced_security_group_id = aws_security_group.this[each.value.from].id
}

resource "aws_vpc_security_group_egress_rule" "ways" {
  for_each                     = local.ways
  security_group_id            = aws_security_group.this[each.value.from].id
  description                  = "To ${each.value.to}"
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  referenced_security_group_id = aws_security_group.this[each.value.to].id
}

resource "aws_vpc_security_group_ingress_rule" "users" {
  for_each          = local.public_ways
  security_group_id = aws_security_group.this["public-alb"].id
  description       = "Users"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.cidr
}

resource "aws_vpc_security_group_egress_rule" "aws" {
  for_each          = local.services
  security_group_id = aws_security_group.this[each.key].id
  description       = "Images, logs, secrets"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_egress_rule" "database" {
  security_group_id            = aws_security_group.this["api"].id
  description                  = "To the database"
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
  referenced_security_group_id = local.database_group
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  security_group_id            = local.database_group
  description                  = "From api"
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
  referenced_security_group_id = aws_security_group.this["api"].id
}

# A proxy comes and goes with an experiment: a rule for its group cannot be made here.
resource "aws_vpc_security_group_egress_rule" "proxies" {
  for_each          = local.proxies
  security_group_id = aws_security_group.this["api"].id
  description       = "To proxies of experiments"
  ip_protocol       = "tcp"
  from_port         = each.value.from
  to_port           = each.value.to
  cidr_ipv4         = local.vpc_cidr
}

resource "aws_vpc_security_group_ingress_rule" "proxies" {
  count             = var.proxies ? 1 : 0
  security_group_id = aws_security_group.this["internal-alb"].id
  description       = "From proxies of experiments"
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
  cidr_ipv4         = local.vpc_cidr
}
