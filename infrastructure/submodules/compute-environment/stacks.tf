# What jobs may do so that experiments can deploy stacks of library/stacks for themselves. Off unless the variable `stacks` names one.
locals {
  stack_proxy = { test = "StringEquals", variable = "aws:RequestTag/Stack", values = ["proxy"] }
  is_proxy    = { test = "StringEquals", variable = "aws:ResourceTag/Stack", values = ["proxy"] }

  stack_scopes = {
    proxy = {
      # AWS knows no resources for these, and they only read
      Read = {
        actions = [
          "ec2:DescribeAccountAttributes",
          "ec2:DescribeImages",
          "ec2:DescribeInstanceAttribute",
          "ec2:DescribeInstanceCreditSpecifications",
          "ec2:DescribeInstanceTypes",
          "ec2:DescribeInstances",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSecurityGroupRules",
          "ec2:DescribeSecurityGroups",
          "ec2:DescribeTags",
          "ec2:DescribeVolumes",
          "ec2:DescribeVpcAttribute",
          "ec2:DescribeVpcs",
        ]
        resources  = ["*"]
        conditions = local.only_here
      }
      ReadParameters = {
        actions = ["ssm:GetParameter"]
        resources = [
          local.arn.vpc_parameters,
          "arn:${local.partition}:ssm:${local.region}::parameter/aws/service/ami-amazon-linux-latest/*",
        ]
      }
      # what is made carries the stack's tag
      MakeInstance = {
        actions    = ["ec2:RunInstances"]
        resources  = ["arn:${local.partition}:ec2:${local.here}:instance/*"]
        conditions = [local.stack_proxy]
      }
      MakeGroup = {
        actions    = ["ec2:CreateSecurityGroup"]
        resources  = ["arn:${local.partition}:ec2:${local.here}:security-group/*"]
        conditions = [local.stack_proxy]
      }
      # what is used for it: these cannot carry a tag of the request
      MakeFrom = {
        actions = ["ec2:CreateSecurityGroup", "ec2:RunInstances"]
        resources = [
          "arn:${local.partition}:ec2:${local.region}::image/ami-*",
          "arn:${local.partition}:ec2:${local.here}:network-interface/*",
          "arn:${local.partition}:ec2:${local.here}:subnet/*",
          "arn:${local.partition}:ec2:${local.here}:volume/*",
          "arn:${local.partition}:ec2:${local.here}:vpc/${var.vpc_id}",
        ]
      }
      RunInGroup = {
        actions    = ["ec2:RunInstances"]
        resources  = ["arn:${local.partition}:ec2:${local.here}:security-group/*"]
        conditions = [local.is_proxy]
      }
      TagWhatIsMade = {
        actions = ["ec2:CreateTags"]
        resources = [
          "arn:${local.partition}:ec2:${local.here}:instance/*",
          "arn:${local.partition}:ec2:${local.here}:security-group/*",
          "arn:${local.partition}:ec2:${local.here}:security-group-rule/*",
        ]
        conditions = [
          local.stack_proxy,
          {
            test     = "StringEquals"
            variable = "ec2:CreateAction"
            values   = ["AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateSecurityGroup", "RunInstances"]
          },
        ]
      }
      # the provider tags a disk once its instance is there
      TagDisks = {
        actions    = ["ec2:CreateTags"]
        resources  = ["arn:${local.partition}:ec2:${local.here}:volume/*"]
        conditions = [local.stack_proxy]
      }
      Change = {
        actions = [
          "ec2:AuthorizeSecurityGroupEgress",
          "ec2:AuthorizeSecurityGroupIngress",
          "ec2:DeleteSecurityGroup",
          "ec2:ModifyInstanceAttribute",
          "ec2:RevokeSecurityGroupEgress",
          "ec2:RevokeSecurityGroupIngress",
          "ec2:TerminateInstances",
        ]
        resources  = ["arn:${local.partition}:ec2:${local.here}:instance/*", "arn:${local.partition}:ec2:${local.here}:security-group/*"]
        conditions = [local.is_proxy]
      }
      # a rule that is being made has no tags yet; its group, above, must have them
      MakeRules = {
        actions    = ["ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress"]
        resources  = ["arn:${local.partition}:ec2:${local.here}:security-group-rule/*"]
        conditions = [local.stack_proxy]
      }
    }

    topic-subscription = {
      Queue = {
        actions = [
          "sqs:CreateQueue",
          "sqs:DeleteQueue",
          "sqs:GetQueueAttributes",
          "sqs:GetQueueUrl",
          "sqs:ListQueueTags",
          "sqs:SetQueueAttributes",
          "sqs:TagQueue",
        ]
        resources = [local.arn.queues]
      }
      Topic = {
        actions   = ["sns:Subscribe"]
        resources = ["arn:${local.partition}:sns:${local.here}:${local.prefix}-*"]
      }
      # a subscription's ARN begins with its topic's
      Subscription = {
        actions   = ["sns:GetSubscriptionAttributes", "sns:SetSubscriptionAttributes", "sns:Unsubscribe"]
        resources = ["arn:${local.partition}:sns:${local.here}:${local.prefix}-*"]
      }
    }
  }

  stack_statements = { for name, scopes in local.stack_scopes : name => scopes if contains(var.stacks, name) }
}

data "aws_iam_policy_document" "stacks" {
  for_each = local.stack_statements

  dynamic "statement" {
    for_each = each.value

    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = statement.value.resources

      dynamic "condition" {
        for_each = try(statement.value.conditions, [])

        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

resource "aws_iam_policy" "stacks" {
  for_each    = local.stack_statements
  name        = "${local.name}-stack-${each.key}"
  description = "What experiments may do to deploy library/stacks/${each.key}"
  policy      = data.aws_iam_policy_document.stacks[each.key].json
}

resource "aws_iam_role_policy_attachment" "stacks" {
  for_each   = aws_iam_policy.stacks
  role       = aws_iam_role.job.name
  policy_arn = each.value.arn
}
