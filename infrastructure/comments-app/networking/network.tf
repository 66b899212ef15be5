# The VPC: a public and a private subnet in each zone.
locals {
  number = { for index, zone in var.zones : zone => index }

  # the lab has the same blocks
  private_cidrs = { for zone, index in local.number : zone => cidrsubnet(var.vpc_cidr, 8, index + 1) }
  public_cidrs  = { for zone, index in local.number : zone => cidrsubnet(var.vpc_cidr, 8, index + 11) }

  private_subnets = [for zone in var.zones : aws_subnet.private[zone].id]
  public_subnets  = [for zone in var.zones : aws_subnet.public[zone].id]
}

resource "aws_vpc" "this" {
  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = {
    Name = local.prefix
  }
}

# What is in no group of its own talks to nobody.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id

  tags = {
    Name = "${local.prefix}-unused"
  }
}

resource "aws_subnet" "private" {
  for_each          = local.private_cidrs
  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = {
    Name = "${local.prefix}-private-${each.key}"
  }
}

resource "aws_subnet" "public" {
  for_each                = local.public_cidrs
  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = each.value
  map_public_ip_on_launch = false

  tags = {
    Name = "${local.prefix}-public-${each.key}"
  }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id

  tags = {
    Name = local.prefix
  }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id

  tags = {
    Name = "${local.prefix}-public"
  }
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "public" {
  for_each       = aws_subnet.public
  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

# One for each zone, so that each can have a NAT gateway of its own.
resource "aws_route_table" "private" {
  for_each = local.number
  vpc_id   = aws_vpc.this.id

  tags = {
    Name = "${local.prefix}-private-${each.key}"
  }
}

resource "aws_route_table_association" "private" {
  for_each       = aws_subnet.private
  subnet_id      = each.value.id
  route_table_id = aws_route_table.private[each.key].id
}
