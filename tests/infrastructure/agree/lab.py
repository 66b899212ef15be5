"""What a running lab has made, as its AWS services tell it."""

from .deployment import job_container, plain, settings


def facts(lab):
    """The facts of a running lab."""
    found = {}
    for read in READERS:
        for kind, name, values in read(lab):
            found.setdefault(kind, {})[name] = {key: plain(value) for key, value in values.items()}
    return found


def last(arn):
    return arn.rsplit("/", 1)[-1]


def target_group(arn):
    return arn.split("/")[-2]


def ecs(lab):
    client = lab.client("ecs")
    for cluster in client.list_clusters()["clusterArns"]:
        yield "cluster", last(cluster), {}
        arns = client.list_services(cluster=cluster)["serviceArns"]
        for service in client.describe_services(cluster=cluster, services=arns)["services"] if arns else []:
            yield from one_service(client, cluster, service)
    for provider in client.describe_capacity_providers()["capacityProviders"]:
        if "autoScalingGroupProvider" in provider:
            group = last(provider["autoScalingGroupProvider"]["autoScalingGroupArn"])
            yield "capacity provider", provider["name"], {"group": group}


def one_service(client, cluster, service):
    definition = client.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    balancer = service["loadBalancers"][0]
    providers = [entry["capacityProvider"] for entry in service.get("capacityProviderStrategy", [])]
    yield "service", service["serviceName"], {
        "cluster": last(cluster),
        "launch type": service.get("launchType") if not providers else None,
        "capacity providers": providers,
        "tasks": service["desiredCount"],
        "family": definition["family"],
        "target group": target_group(balancer["targetGroupArn"]),
        "container": balancer["containerName"],
        "port": balancer["containerPort"],
        "grace period": service.get("healthCheckGracePeriodSeconds"),
        "propagated tags": service.get("propagateTags"),
    }
    for container in definition["containerDefinitions"]:
        yield "container", container["name"], {
            "family": definition["family"],
            "port": container["portMappings"][0]["containerPort"],
            "cpu": container["cpu"],
            "memory": container["memory"],
            **settings(container),
        }


def balancers(lab):
    client = lab.client("elbv2")
    for balancer in client.describe_load_balancers()["LoadBalancers"]:
        yield "balancer", balancer["LoadBalancerName"], {"internal": balancer["Scheme"] == "internal", "type": balancer["Type"]}
        for listener in client.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]:
            yield from rules(client, listener)
    for group in client.describe_target_groups()["TargetGroups"]:
        attributes = client.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])["Attributes"]
        delay = {entry["Key"]: entry["Value"] for entry in attributes}["deregistration_delay.timeout_seconds"]
        yield "target group", group["TargetGroupName"], {
            "target type": group["TargetType"],
            "protocol": group["Protocol"],
            "port": group["Port"],
            "health check path": group["HealthCheckPath"],
            "matcher": group["Matcher"]["HttpCode"],
            "interval": group["HealthCheckIntervalSeconds"],
            "timeout": group["HealthCheckTimeoutSeconds"],
            "healthy threshold": group["HealthyThresholdCount"],
            "unhealthy threshold": group["UnhealthyThresholdCount"],
            "deregistration delay": int(delay),
        }


def rules(client, listener):
    for rule in client.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]:
        if rule["Priority"] != "default":
            paths = [path for condition in rule["Conditions"] for path in condition["PathPatternConfig"]["Values"]]
            yield "rule", " ".join(paths), {
                "priority": int(rule["Priority"]),
                "forwards to": [target_group(action["TargetGroupArn"]) for action in rule["Actions"]],
            }


def alarms(lab):
    answer = lab.client("cloudwatch").describe_alarms()
    # the scaler's own are not the deployment's
    for alarm in answer["MetricAlarms"]:
        if alarm["AlarmName"].startswith("TargetTracking-"):
            continue
        yield "alarm", alarm["AlarmName"], {
            "namespace": alarm["Namespace"],
            "metric": alarm["MetricName"],
            "statistic": alarm["Statistic"],
            "unit": alarm.get("Unit"),
            "comparison": alarm["ComparisonOperator"],
            "threshold": alarm["Threshold"],
            "period": alarm["Period"],
            "evaluation periods": alarm["EvaluationPeriods"],
            "datapoints to alarm": alarm.get("DatapointsToAlarm"),
            "missing data": alarm.get("TreatMissingData", "missing"),
            "enabled": alarm["ActionsEnabled"],
            "dimensions": {entry["Name"]: dimension(entry["Value"]) for entry in alarm["Dimensions"]},
            "tells": [action.rsplit(":", 1)[-1] for action in alarm.get("AlarmActions", [])],
        }


def dimension(value):
    """`app/name/id` is a balancer of that name."""
    return value.split("/")[1] if value.startswith("app/") else value


def parameters(lab):
    for page in lab.client("ssm").get_paginator("describe_parameters").paginate():
        for parameter in page["Parameters"]:
            yield "parameter", parameter["Name"], {"type": parameter["Type"]}


def databases(lab):
    client = lab.client("rds")
    for instance in client.describe_db_instances()["DBInstances"]:
        if not instance.get("DBClusterIdentifier"):
            yield "database", instance["DBInstanceIdentifier"], {
                "engine": instance["Engine"],
                "multi-AZ": instance["MultiAZ"],
                "schema": instance["DBName"],
                "user": instance["MasterUsername"],
            }
    for cluster in client.describe_db_clusters()["DBClusters"]:
        members = sorted(member["DBInstanceIdentifier"] for member in cluster["DBClusterMembers"])
        yield "database cluster", cluster["DBClusterIdentifier"], {"engine": cluster["Engine"], "members": members}


def topics(lab):
    for topic in lab.client("sns").list_topics()["Topics"]:
        yield "topic", topic["TopicArn"].rsplit(":", 1)[-1], {}


def instances(lab):
    for group in lab.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]:
        yield "group", group["AutoScalingGroupName"], {
            "smallest": group["MinSize"], "greatest": group["MaxSize"], "health": group["HealthCheckType"],
        }
        for tag in group["Tags"]:
            if tag["PropagateAtLaunch"]:
                yield "instance tag", f"{tag['Key']}={tag['Value']}", {}
    client = lab.client("ec2")
    for template in client.describe_launch_templates()["LaunchTemplates"]:
        versions = client.describe_launch_template_versions(LaunchTemplateId=template["LaunchTemplateId"])
        data = versions["LaunchTemplateVersions"][0]["LaunchTemplateData"]
        yield "launch template", template["LaunchTemplateName"], {"instance type": data["InstanceType"]}
    for subnet in client.describe_subnets()["Subnets"]:
        yield "zone", subnet["AvailabilityZone"], {}


def scaling(lab):
    client = lab.client("application-autoscaling")
    for target in client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]:
        bounds = {"smallest": target["MinCapacity"], "greatest": target["MaxCapacity"]}
        yield "scaling target", target["ResourceId"], bounds
    for policy in client.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]:
        wanted = policy["TargetTrackingScalingPolicyConfiguration"]
        metric = wanted["PredefinedMetricSpecification"]
        yield "scaling policy", f"{policy['ResourceId']} {policy['PolicyName']}", {
            "metric": metric["PredefinedMetricType"],
            "counted at": counted(metric.get("ResourceLabel", "")),
            "target": wanted["TargetValue"],
            "cooldown out": wanted["ScaleOutCooldown"],
            "cooldown in": wanted["ScaleInCooldown"],
        }


def counted(label):
    """The balancer and the target group of `app/name/id/targetgroup/name/id`."""
    return label.split("/")[1::3]


def batch(lab):
    client = lab.client("batch")
    for environment in client.describe_compute_environments()["computeEnvironments"]:
        resources = environment["computeResources"]
        yield "compute environment", environment["computeEnvironmentName"], {
            "type": environment["type"], "resources": resources["type"], "most vCPUs": resources["maxvCpus"],
        }
    for queue in client.describe_job_queues()["jobQueues"]:
        yield "job queue", queue["jobQueueName"], {"priority": queue["priority"]}
    for definition in client.describe_job_definitions(status="ACTIVE")["jobDefinitions"]:
        retry = definition["retryStrategy"]
        rules = [{"exit code": rule.get("onExitCode"), "reason": rule.get("onReason"), "action": rule["action"].upper()}
                 for rule in retry["evaluateOnExit"]]
        yield "job definition", definition["jobDefinitionName"], {
            "type": definition["type"],
            "platforms": definition["platformCapabilities"],
            "attempts": retry["attempts"],
            "timeout": definition["timeout"]["attemptDurationSeconds"],
            "rules": rules,
            **job_container(definition["containerProperties"]),
        }


def buckets(lab):
    account = lab.client("sts").get_caller_identity()["Account"]
    for bucket in lab.client("s3").list_buckets()["Buckets"]:
        yield "bucket", bucket["Name"].split(f"-{account}")[0], {}


READERS = (batch, buckets, ecs, balancers, alarms, parameters, databases, topics, instances, scaling)
