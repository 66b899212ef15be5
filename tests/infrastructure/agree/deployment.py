"""What Terraform makes, as far as it says so itself."""

import json

from tf.evaluate import Instance

# what the lab makes with its option --clusters
GIVEN = {"comments-app/networking": {"aurora_cluster": True, "docdb_cluster": True}}
# variables of containers that hold no address and no secret
SAME_EVERYWHERE = ("API_TIMEOUT_MS", "APPLICATION_PATH_BASE", "SPAMCHECK_FALLBACK", "SPAMCHECK_TIMEOUT_MS")
ROOTS = ("comments-app/networking", "comments-app/services", "batch")


def facts(tree, folder):
    """The facts of all roots in a folder."""
    things = []
    for root in ROOTS:
        module = tree.modules.get((folder / root).resolve())
        if module is None:
            raise FileNotFoundError(f"there is no Terraform in {folder / root}")
        things += Instance(module, GIVEN.get(root)).things()
    found = {}
    for thing in things:
        if thing.type in READERS:
            for kind, name, values in READERS[thing.type](thing, things):
                found.setdefault(kind, {})[str(name)] = {key: plain(value) for key, value in values.items()}
    return found


def plain(value):
    """A value as it can be compared: numbers as floats, what only AWS knows as text."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        return float(value)
    return {key: plain(item) for key, item in value.items()} if isinstance(value, dict) else \
        [plain(item) for item in value] if isinstance(value, list) else str(value)


def cluster(thing, _):
    yield "cluster", thing.get("name"), {}


def service(thing, things):
    balancer = thing.blocks("load_balancer")[0]
    definition = next(other for other in things if other.type == "aws_ecs_task_definition"
                      and other.scope == thing.scope)
    strategy = [entry["capacity_provider"] for entry in thing.blocks("capacity_provider_strategy")]
    yield "service", thing.get("name"), {
        "cluster": named(thing.get("cluster"), things),
        "launch type": thing.given("launch_type"),
        "capacity providers": [named(name, things) for name in strategy],
        "tasks": thing.given("desired_count"),
        "family": definition.get("family"),
        "target group": named(balancer["target_group_arn"], things),
        "container": balancer["container_name"],
        "port": balancer["container_port"],
        "grace period": thing.given("health_check_grace_period_seconds"),
        "propagated tags": thing.given("propagate_tags"),
    }
    for container in json.loads(definition.get("container_definitions")):
        yield "container", container["name"], {
            "family": definition.get("family"),
            "port": container["portMappings"][0]["containerPort"],
            "cpu": container["cpu"],
            "memory": container["memory"],
            **settings(container),
        }


def settings(container):
    """The names of a container's variables, and the values of those that are the same everywhere."""
    given = {entry["name"]: entry.get("value") for key in ("environment", "secrets") for entry in container.get(key) or []}
    return {"settings": sorted(given), **{name: given[name] for name in SAME_EVERYWHERE if name in given}}


def named(value, things):
    """The name of what an unknown such as `<aws_ecs_cluster.this.arn>` is of."""
    label = str(value).strip("<>").rpartition(".")[0]
    return next((thing.get("name") for thing in things if thing.label == label), value)


def alarm(thing, things):
    yield "alarm", thing.get("alarm_name"), {
        "namespace": thing.get("namespace"),
        "metric": thing.get("metric_name"),
        "statistic": thing.get("statistic"),
        "unit": thing.given("unit"),
        "comparison": thing.get("comparison_operator"),
        "threshold": thing.get("threshold"),
        "period": thing.get("period"),
        "evaluation periods": thing.get("evaluation_periods"),
        "datapoints to alarm": thing.given("datapoints_to_alarm"),
        "missing data": thing.given("treat_missing_data", "missing"),
        "enabled": thing.given("actions_enabled", True),
        "dimensions": {key: named(value, things) for key, value in thing.get("dimensions").items()},
        "tells": [named(action, things) for action in thing.given("alarm_actions", [])],
    }


def parameter(thing, _):
    yield "parameter", thing.get("name"), {"type": thing.get("type")}


def database(thing, _):
    yield "database", thing.get("identifier"), {
        "engine": thing.get("engine"),
        "multi-AZ": thing.given("multi_az", False),
        "schema": thing.get("db_name"),
        "user": thing.get("username"),
    }


def database_cluster(thing, things):
    members = {"aws_rds_cluster": "aws_rds_cluster_instance", "aws_docdb_cluster": "aws_docdb_cluster_instance"}
    own = [other.get("identifier") for other in things if other.type == members[thing.type]
           and str(other.get("cluster_identifier")) == f"<{thing.label}.id>"]
    yield "database cluster", thing.get("cluster_identifier"), {"engine": thing.get("engine"), "members": sorted(own)}


def balancer(thing, _):
    yield "balancer", thing.get("name"), {"internal": thing.given("internal", False), "type": thing.get("load_balancer_type")}


def target_group(thing, _):
    check = thing.blocks("health_check")[0]
    yield "target group", thing.get("name"), {
        "target type": thing.get("target_type"),
        "protocol": thing.get("protocol"),
        "port": thing.get("port"),
        "health check path": check["path"],
        "matcher": check["matcher"],
        "interval": check["interval"],
        "timeout": check["timeout"],
        "healthy threshold": check["healthy_threshold"],
        "unhealthy threshold": check["unhealthy_threshold"],
        "deregistration delay": thing.given("deregistration_delay", 300),
    }


def rule(thing, things):
    paths = [path for condition in thing.blocks("condition") for pattern in condition.get("path_pattern", [])
             for path in pattern["values"]]
    yield "rule", " ".join(paths), {
        "priority": thing.get("priority"),
        "forwards to": [named(action["target_group_arn"], things) for action in thing.blocks("action")],
    }


def topic(thing, _):
    yield "topic", thing.get("name"), {}


def group(thing, _):
    tags = {tag["key"]: tag["value"] for tag in thing.blocks("tag") if tag["propagate_at_launch"]}
    yield "group", thing.get("name"), {
        "smallest": thing.get("min_size"), "greatest": thing.get("max_size"), "health": thing.given("health_check_type", "EC2"),
    }
    for key, value in tags.items():
        yield "instance tag", f"{key}={value}", {}


def launch_template(thing, _):
    yield "launch template", thing.get("name"), {"instance type": thing.get("instance_type")}


def capacity_provider(thing, things):
    arn = thing.blocks("auto_scaling_group_provider")[0]["auto_scaling_group_arn"]
    yield "capacity provider", thing.get("name"), {"group": named(arn, things)}


def scaling_target(thing, _):
    bounds = {"smallest": thing.get("min_capacity"), "greatest": thing.get("max_capacity")}
    yield "scaling target", thing.get("resource_id"), bounds


def scaling_policy(thing, things):
    policy = thing.blocks("target_tracking_scaling_policy_configuration")[0]
    metric = policy["predefined_metric_specification"][0]
    counted = (metric.get("resource_label") or "").strip("<>").split(">/<")
    yield "scaling policy", f"{thing.get('resource_id')} {thing.get('name')}", {
        "metric": metric["predefined_metric_type"],
        "counted at": [named(part, things) for part in counted if part],
        "target": policy["target_value"],
        "cooldown out": policy["scale_out_cooldown"],
        "cooldown in": policy["scale_in_cooldown"],
    }


def subnet(thing, _):
    yield "zone", thing.get("availability_zone"), {}


def bucket(thing, _):
    """A bucket by the beginning of its name; account and region follow."""
    yield "bucket", str(thing.get("bucket")).split("-<")[0], {}


def compute_environment(thing, _):
    resources = thing.blocks("compute_resources")[0]
    yield "compute environment", str(thing.get("name_prefix")).rstrip("-"), {
        "type": thing.get("type"), "resources": resources["type"], "most vCPUs": resources["max_vcpus"],
    }


def job_queue(thing, _):
    yield "job queue", thing.get("name"), {"priority": thing.get("priority")}


def job_definition(thing, _):
    retry = thing.blocks("retry_strategy")[0]
    rules = [{"exit code": rule.get("on_exit_code"), "reason": rule.get("on_reason"), "action": rule["action"]}
             for rule in retry["evaluate_on_exit"]]
    container = json.loads(thing.get("container_properties"))
    yield "job definition", thing.get("name"), {
        "type": thing.get("type"),
        "platforms": thing.get("platform_capabilities"),
        "attempts": retry["attempts"],
        "timeout": thing.blocks("timeout")[0]["attempt_duration_seconds"],
        "rules": rules,
        **job_container(container),
    }


def job_container(container):
    """What a job's container is given, but for values that hold an address or a context."""
    return {
        "resources": {entry["type"]: entry["value"] for entry in container["resourceRequirements"]},
        "settings": sorted(entry["name"] for entry in container["environment"]),
        "log group": container["logConfiguration"]["options"]["awslogs-group"],
        "log prefix": container["logConfiguration"]["options"]["awslogs-stream-prefix"],
    }


READERS = {
    "aws_appautoscaling_policy": scaling_policy,
    "aws_appautoscaling_target": scaling_target,
    "aws_autoscaling_group": group,
    "aws_batch_compute_environment": compute_environment,
    "aws_batch_job_definition": job_definition,
    "aws_batch_job_queue": job_queue,
    "aws_cloudwatch_metric_alarm": alarm,
    "aws_db_instance": database,
    "aws_docdb_cluster": database_cluster,
    "aws_ecs_capacity_provider": capacity_provider,
    "aws_ecs_cluster": cluster,
    "aws_ecs_service": service,
    "aws_launch_template": launch_template,
    "aws_lb": balancer,
    "aws_lb_listener_rule": rule,
    "aws_lb_target_group": target_group,
    "aws_rds_cluster": database_cluster,
    "aws_s3_bucket": bucket,
    "aws_sns_topic": topic,
    "aws_ssm_parameter": parameter,
    "aws_subnet": subnet,
}
