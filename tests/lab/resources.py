"""What an experiment must leave as it was."""

import json
import urllib.request

CLUSTERS = {
    "live-chaos-comment-cluster": ["comments-web-service", "comments-api-service"],
    "live-chaos-comment-ec2-cluster": ["comments-spamcheck-service"],
}
GROUP = "live-chaos-comment-ec2-autoscaling-ondemand"


def snapshot(lab):
    """Every resource that an experiment of the library could change, without what changes by itself."""
    lab = lab.as_root()
    return {**services(lab), **machines(lab), **balancers(lab), **others(lab), "toxiproxy": proxies(lab)}


def services(lab):
    ecs, scaling = lab.client("ecs"), lab.client("application-autoscaling")
    seen = {}
    for cluster, names in CLUSTERS.items():
        for service in ecs.describe_services(cluster=cluster, services=names)["services"]:
            definition = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
            network = service["networkConfiguration"]["awsvpcConfiguration"]
            seen[service["serviceName"]] = {
                "desired": service["desiredCount"],
                "running": service["runningCount"],
                "pending": service["pendingCount"],
                "deployments": len(service["deployments"]),
                "containers": definition["containerDefinitions"],
                "subnets": sorted(network["subnets"]),
                "deployment": service["deploymentConfiguration"],
            }
    targets = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    seen["scalable targets"] = sorted((t["ResourceId"], t["MinCapacity"], t["MaxCapacity"]) for t in targets)
    return seen


def machines(lab):
    group = lab.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[GROUP])["AutoScalingGroups"][0]
    instances = [i for i in group["Instances"] if i["LifecycleState"] == "InService" and i["HealthStatus"] == "Healthy"]
    managed = lab.client("ssm").describe_instance_information()["InstanceInformationList"]
    databases = lab.client("rds").describe_db_instances()["DBInstances"]
    return {
        "group": {
            "subnets": sorted(group["VPCZoneIdentifier"].split(",")),
            "sizes": (group["MinSize"], group["DesiredCapacity"], group["MaxSize"]),
            "instances": len(instances),
            "suspended": group["SuspendedProcesses"],
        },
        "managed instances": len([m for m in managed if m["PingStatus"] == "Online"]),
        "databases": sorted((d["DBInstanceIdentifier"], d["DBInstanceStatus"]) for d in databases),
    }


def balancers(lab):
    elb = lab.client("elbv2")
    seen = {}
    for balancer in elb.describe_load_balancers()["LoadBalancers"]:
        seen[balancer["LoadBalancerName"]] = sorted(zone["SubnetId"] for zone in balancer["AvailabilityZones"])
    for group in elb.describe_target_groups()["TargetGroups"]:
        health = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
        seen[group["TargetGroupName"]] = sorted(target["TargetHealth"]["State"] for target in health)
    return seen


def others(lab):
    alarms = lab.client("cloudwatch").describe_alarms()["MetricAlarms"]
    dynamodb = lab.client("dynamodb")
    tables = dynamodb.list_tables()["TableNames"]
    return {
        # the scaler makes and removes its own
        "alarms": sorted(alarm["AlarmName"] for alarm in alarms if not alarm["AlarmName"].startswith("TargetTracking-")),
        "queues": sorted(lab.client("sqs").list_queues().get("QueueUrls", [])),
        "subscriptions": len(lab.client("sns").list_subscriptions()["Subscriptions"]),
        "saved states": sum(is_state(item) for table in tables for item in dynamodb.scan(TableName=table)["Items"]),
    }


def is_state(item):
    """The table's note on its own schema is none."""
    return "_system" not in json.dumps(item, default=str)


def proxies(lab):
    """Toxiproxy's proxies, with their toxics."""
    with urllib.request.urlopen(lab.environment["TOXIPROXY_URL"] + "/proxies", timeout=10) as answer:
        return {name: proxy["toxics"] for name, proxy in json.load(answer).items()}
