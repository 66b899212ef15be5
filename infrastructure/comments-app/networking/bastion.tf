# An instance from which people reach the database. No port of it is open: Session Manager leads there.
resource "aws_security_group" "bastion" {
  count       = var.bastion ? 1 : 0
  name_prefix = "${local.prefix}-bastion-"
  description = "The bastion: it reaches AWS and the database, and nobody reaches it"
  vpc_id      = aws_vpc.this.id

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_egress_rule" "bastion_aws" {
  count             = var.bastion ? 1 : 0
  security_group_id = aws_security_group.bastion[0].id
  description       = "Session Manager, and packages"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_egress_rule" "bastion_database" {
  count                        = var.bastion ? 1 : 0
  security_group_id            = aws_security_group.bastion[0].id
  description                  = "The database"
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
  referenced_security_group_id = aws_security_group.database.id
}

resource "aws_vpc_security_group_ingress_rule" "bastion_database" {
  count                        = var.bastion ? 1 : 0
  security_group_id            = aws_security_group.database.id
  description                  = "People, from the bastion"
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
  referenced_security_group_id = aws_security_group.bastion[0].id
}

data "aws_iam_policy_document" "bastion_assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "bastion" {
  count              = var.bastion ? 1 : 0
  name               = "${local.prefix}-bastion"
  description        = "Lets Session Manager lead to the bastion"
  assume_role_policy = data.aws_iam_policy_document.bastion_assume.json
}

resource "aws_iam_role_policy_attachment" "bastion" {
  count      = var.bastion ? 1 : 0
  role       = aws_iam_role.bastion[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_instance_profile" "bastion" {
  count = var.bastion ? 1 : 0
  name  = "${local.prefix}-bastion"
  role  = aws_iam_role.bastion[0].name
}

# The newest Amazon Linux 2023, as AWS itself publishes it.
data "aws_ssm_parameter" "bastion_image" {
  count = var.bastion ? 1 : 0
  name  = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

resource "aws_instance" "bastion" {
  count                       = var.bastion ? 1 : 0
  ami                         = data.aws_ssm_parameter.bastion_image[0].insecure_value
  instance_type               = "t3.micro"
  subnet_id                   = local.private_subnets[0]
  vpc_security_group_ids      = [aws_security_group.bastion[0].id]
  iam_instance_profile        = aws_iam_instance_profile.bastion[0].name
  associate_public_ip_address = false
  ebs_optimized               = true
  monitoring                  = true

  metadata_options {
    http_tokens = "required"
  }

  root_block_device {
    encrypted = true
  }

  # Experiments harm instances with the tag Application=comments: this one must not have it.
  tags = {
    Name        = "${local.prefix}-bastion"
    Application = "${var.application}-bastion"
  }

  # a new image is no reason to replace it
  lifecycle {
    ignore_changes = [ami]
  }
}
