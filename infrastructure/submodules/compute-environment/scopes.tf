# On what the library's experiments may use each action. The actions themselves come from policies/library.json, which policies.py
# makes from the experiments: an action that is in there and in no scope ends a plan with an error.
locals {
  prefix = module.names.prefix
  here   = "${local.region}:${local.account}"

  arn = {
    alarms          = "arn:${local.partition}:cloudwatch:${local.here}:alarm:*"
    balancers       = "arn:${local.partition}:elasticloadbalancing:${local.here}:loadbalancer/app/${local.prefix}-*"
    clusters        = "arn:${local.partition}:ecs:${local.here}:cluster/${local.prefix}-*"
    services        = "arn:${local.partition}:ecs:${local.here}:service/${local.prefix}-*/*"
    tasks           = "arn:${local.partition}:ecs:${local.here}:task/${local.prefix}-*/*"
    definitions     = "arn:${local.partition}:ecs:${local.here}:task-definition/${var.application}-*:*"
    groups          = "arn:${local.partition}:autoscaling:${local.here}:autoScalingGroup:*:autoScalingGroupName/${local.prefix}-*"
    instances       = "arn:${local.partition}:ec2:${local.here}:instance/*"
    databases       = "arn:${local.partition}:rds:${local.here}:db:*"
    db_clusters     = "arn:${local.partition}:rds:${local.here}:cluster:*"
    our_databases   = "arn:${local.partition}:rds:${local.here}:db:${local.name}-*"
    our_db_clusters = "arn:${local.partition}:rds:${local.here}:cluster:${local.name}-*"
    execution_roles = "arn:${local.partition}:iam::${local.account}:role/${local.prefix}-*-execution"
    task_roles      = "arn:${local.partition}:iam::${local.account}:role/${local.prefix}-*-task"
    state_table     = "arn:${local.partition}:dynamodb:${local.here}:table/aws-fail-az-state-table"
    queues          = "arn:${local.partition}:sqs:${local.here}:chaos-topic-subscription*"
    parameters      = "arn:${local.partition}:ssm:${local.here}:parameter/${var.environment}/app/${var.application}/*"
    vpc_parameters  = "arn:${local.partition}:ssm:${local.here}:parameter/${var.environment}/vpc/*"
    burn_cpu        = "arn:${local.partition}:ssm:${local.region}::document/AWSFIS-Run-CPU-Stress"
    run_shell       = "arn:${local.partition}:ssm:${local.region}::document/AWS-RunShellScript"
  }

  only_here = [{ test = "StringEquals", variable = "aws:RequestedRegion", values = [local.region] }]

  # instances of the application, and of this environment
  only_ours = [
    { test = "StringEquals", variable = "aws:ResourceTag/Application", values = [var.application] },
    { test = "StringEquals", variable = "aws:ResourceTag/Environment", values = [var.environment] },
  ]

  # the same, as Systems Manager knows it
  only_our_managed = [
    { test = "StringEquals", variable = "ssm:resourceTag/Application", values = [var.application] },
    { test = "StringEquals", variable = "ssm:resourceTag/Environment", values = [var.environment] },
  ]

  # One policy for each group: IAM takes 6,144 characters in one.
  scopes = {
    ecs = {
      ReadClusters = {
        actions   = ["ecs:DescribeClusters"]
        resources = [local.arn.clusters]
      }
      ReadAndChangeServices = {
        actions   = ["ecs:DescribeServices", "ecs:UpdateService"]
        resources = [local.arn.services]
      }
      ReadAndStopTasks = {
        actions   = ["ecs:DescribeTasks", "ecs:StopTask"]
        resources = [local.arn.tasks]
      }
      # a list has no resource, but knows its cluster
      ListInClusters = {
        actions    = ["ecs:ListServices", "ecs:ListTasks"]
        resources  = ["*"]
        conditions = [{ test = "ArnLike", variable = "ecs:cluster", values = [local.arn.clusters] }]
      }
      # AWS knows no resources for these: whoever may register a definition may do it in any family. It cannot be given a role
      # that is not one of PassRole, below.
      ListAndRegister = {
        actions    = ["ecs:DeregisterTaskDefinition", "ecs:DescribeTaskDefinition", "ecs:ListClusters", "ecs:RegisterTaskDefinition"]
        resources  = ["*"]
        conditions = local.only_here
      }
      DeleteDefinitions = {
        actions   = ["ecs:DeleteTaskDefinitions"]
        resources = [local.arn.definitions]
      }
      # only while one is registered
      TagDefinitions = {
        actions    = ["ecs:TagResource"]
        resources  = [local.arn.definitions]
        conditions = [{ test = "StringEquals", variable = "ecs:CreateAction", values = ["RegisterTaskDefinition"] }]
      }
      PassRolesToTasks = {
        actions    = ["iam:PassRole"]
        resources  = [local.arn.execution_roles, local.arn.task_roles]
        conditions = [{ test = "StringEquals", variable = "iam:PassedToService", values = ["ecs-tasks.amazonaws.com"] }]
      }
    }

    infrastructure = {
      # AWS knows no resources for these, and they only read
      Read = {
        actions = [
          "autoscaling:DescribeAutoScalingGroups",
          "autoscaling:DescribeTags",
          "ec2:DescribeAvailabilityZones",
          "ec2:DescribeSubnets",
          "elasticloadbalancing:DescribeLoadBalancers",
          "elasticloadbalancing:DescribeTags",
        ]
        resources  = ["*"]
        conditions = local.only_here
      }
      MoveGroups = {
        actions   = ["autoscaling:UpdateAutoScalingGroup"]
        resources = [local.arn.groups]
      }
      TerminateInstances = {
        actions    = ["ec2:TerminateInstances"]
        resources  = [local.arn.instances]
        conditions = local.only_ours
      }
      MoveBalancers = {
        actions   = ["elasticloadbalancing:SetSubnets"]
        resources = [local.arn.balancers]
      }
      ReadDatabases = {
        actions   = ["rds:DescribeDBClusters", "rds:DescribeDBInstances"]
        resources = [local.arn.databases, local.arn.db_clusters]
      }
      FailDatabasesOver = {
        actions   = ["rds:FailoverDBCluster", "rds:RebootDBInstance"]
        resources = [local.arn.our_databases, local.arn.our_db_clusters]
      }
    }

    operations = {
      ReadAlarms = {
        actions   = ["cloudwatch:DescribeAlarms"]
        resources = [local.arn.alarms]
      }
      # AWS knows no resources for these, and they only read
      Read = {
        actions    = ["cloudwatch:GetMetricStatistics", "ssm:DescribeInstanceInformation"]
        resources  = ["*"]
        conditions = local.only_here
      }
      # everybody may ask who they are, and AWS takes no condition on it
      WhoAmI = {
        actions   = ["sts:GetCallerIdentity"]
        resources = ["*"]
      }
      # not the password: that wants its key, too
      ReadParameters = {
        actions   = ["ssm:GetParameter"]
        resources = [local.arn.parameters, local.arn.vpc_parameters]
      }
      SendDocuments = {
        actions   = ["ssm:SendCommand"]
        resources = [local.arn.burn_cpu, local.arn.run_shell]
      }
      SendToInstances = {
        actions    = ["ssm:SendCommand"]
        resources  = [local.arn.instances]
        conditions = local.only_our_managed
      }
      KeepStates = {
        actions = [
          "dynamodb:CreateTable",
          "dynamodb:DeleteItem",
          "dynamodb:DescribeTable",
          "dynamodb:GetItem",
          "dynamodb:PutItem",
          "dynamodb:Query",
          "dynamodb:Scan",
        ]
        resources = [local.arn.state_table]
      }
      ReceiveNotifications = {
        actions   = ["sqs:DeleteMessage", "sqs:ReceiveMessage"]
        resources = [local.arn.queues]
      }
    }
  }
}
