"""A load balancer, a cluster and a service of our own, so that checks do not disturb one another."""

import contextlib
import os
import signal

from .asking import fetch, fresh, patient, subnets, until, vpc

REPOSITORY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/comments-spamcheck"
CONTAINER = "spamcheck"


def definition(lab, image=REPOSITORY + ":latest", family=None, compatibility="FARGATE", more=(), **environment):
    """Registers a task that answers at /spam/health; gives the ARN of its definition."""
    environment = {"APPLICATION_PATH_BASE": "/spam", **environment}
    container = {
        "name": CONTAINER,
        "image": image,
        "essential": True,
        "portMappings": [{"containerPort": 8000, "protocol": "tcp"}],
        "environment": [{"name": name, "value": value} for name, value in environment.items()],
    }
    made = lab.client("ecs").register_task_definition(
        family=family or fresh("check"),
        networkMode="awsvpc",
        requiresCompatibilities=[compatibility],
        cpu="256",
        memory="512",
        containerDefinitions=[container, *more],
    )
    return made["taskDefinition"]["taskDefinitionArn"]


def network(lab):
    return {"awsvpcConfiguration": {"subnets": subnets(lab), "assignPublicIp": "DISABLED"}}


@contextlib.contextmanager
def cluster(lab, **more):
    """A cluster; gives its name."""
    ecs = lab.client("ecs")
    name = fresh("check")
    ecs.create_cluster(clusterName=name, **more)
    try:
        yield name
    finally:
        ecs.delete_cluster(cluster=name)


class Balancer:
    """A load balancer with a listener that forwards to one group."""

    def __init__(self, lab, **more):
        self.lab = lab
        self.elb = lab.client("elbv2")
        self.more = {"HealthCheckPath": "/spam/health", "HealthCheckIntervalSeconds": 10, "HealthyThresholdCount": 2, "UnhealthyThresholdCount": 2, **more}

    def __enter__(self):
        name = fresh("check")
        made = self.elb.create_load_balancer(Name=name, Subnets=subnets(self.lab, "public"), Scheme="internet-facing", Type="application")
        self.balancer = made["LoadBalancers"][0]
        self.arn = self.balancer["LoadBalancerArn"]
        self.group = self.elb.create_target_group(Name=name, Protocol="HTTP", Port=8000, VpcId=vpc(self.lab), TargetType="ip", **self.more)["TargetGroups"][0]["TargetGroupArn"]
        delay = [{"Key": "deregistration_delay.timeout_seconds", "Value": "20"}]
        self.elb.modify_target_group_attributes(TargetGroupArn=self.group, Attributes=delay)
        actions = [{"Type": "forward", "TargetGroupArn": self.group}]
        made = self.elb.create_listener(LoadBalancerArn=self.arn, Protocol="HTTP", Port=80, DefaultActions=actions)
        self.listener = made["Listeners"][0]["ListenerArn"]
        # the lab listens above the ports for which one must be root
        self.url = f"http://{self.balancer['DNSName']}:8080"
        return self

    def __exit__(self, *_):
        self.elb.delete_load_balancer(LoadBalancerArn=self.arn)
        self.elb.delete_target_group(TargetGroupArn=self.group)

    @property
    def dimensions(self):
        """By which its metrics are known."""
        return [{"Name": "LoadBalancer", "Value": self.arn.split("loadbalancer/")[1]}]

    @property
    def group_dimensions(self):
        return [{"Name": "TargetGroup", "Value": self.group.rsplit(":", 1)[1]}]

    def health(self):
        """The state of each target, by address."""
        found = self.elb.describe_target_health(TargetGroupArn=self.group)["TargetHealthDescriptions"]
        return {(target["Target"]["Id"], target["Target"]["Port"]): target["TargetHealth"]["State"] for target in found}

    def healthy(self):
        return {address for address, state in self.health().items() if state == "healthy"}

    def get(self, path="/spam/health"):
        """The status of an answer."""
        return fetch(self.url + path)[0]


class Service:
    """A service of our own in a cluster of our own, behind a balancer or not."""

    def __init__(self, lab, count=2, balancer=None, task=None, launch="FARGATE", **more):
        self.lab, self.count, self.balancer, self.task, self.launch, self.more = lab, count, balancer, task, launch, more
        self.ecs = lab.client("ecs")
        self.name = fresh("check")

    def __enter__(self):
        self.cluster = self.more.pop("cluster", None) or self.ecs.create_cluster(clusterName=self.name)["cluster"]["clusterName"]
        if self.balancer:
            self.more["loadBalancers"] = [{"targetGroupArn": self.balancer.group, "containerName": CONTAINER, "containerPort": 8000}]
        if self.launch:
            self.more["launchType"] = self.launch
        self.task = self.task or definition(self.lab)
        self.ecs.create_service(
            cluster=self.cluster, serviceName=self.name, taskDefinition=self.task, desiredCount=self.count, networkConfiguration=network(self.lab), **self.more
        )
        return self

    def __exit__(self, *_):
        self.ecs.delete_service(cluster=self.cluster, service=self.name, force=True)
        patient(self.ecs, "services_inactive", cluster=self.cluster, services=[self.name])
        if self.cluster == self.name:
            self.ecs.delete_cluster(cluster=self.cluster)

    def describe(self):
        return self.ecs.describe_services(cluster=self.cluster, services=[self.name])["services"][0]

    def update(self, **more):
        return self.ecs.update_service(cluster=self.cluster, service=self.name, **more)["service"]

    def tasks(self, status="RUNNING"):
        """The ARNs of its tasks that run, or shall."""
        return sorted(self.ecs.list_tasks(cluster=self.cluster, serviceName=self.name, desiredStatus=status)["taskArns"])

    def task_of(self, arn):
        return self.ecs.describe_tasks(cluster=self.cluster, tasks=[arn])["tasks"][0]

    def stable(self):
        """Waits as people wait, with boto3's own waiter."""
        waiter = self.ecs.get_waiter("services_stable")
        waiter.wait(cluster=self.cluster, services=[self.name], WaiterConfig={"Delay": 1, "MaxAttempts": 90})
        if self.balancer:
            count = self.describe()["desiredCount"]
            until(f"{count} healthy targets", lambda: len(self.balancer.healthy()) == count)
        return self

    def events(self):
        return [event["message"] for event in self.describe()["events"]]


def address_of(task):
    """The address of a task in its subnet."""
    details = {detail["name"]: detail["value"] for attachment in task["attachments"] for detail in attachment["details"]}
    return details["privateIPv4Address"]


def processes_with(mark):
    """The processes whose environment holds this."""
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/environ", "rb") as environ:
                if mark in environ.read():
                    yield int(entry)
        except OSError:
            continue


def process_at(address):
    """The process that serves at an address of a lab: found from outside, as its tasks are real."""
    found = next(processes_with(f"SERVER_ADDRESS={address}\0".encode()), None)
    assert found, f"no process serves at {address}"
    return found


def kill_at(address):
    os.kill(process_at(address), signal.SIGKILL)


def requests_at(address):
    """How many requests that balancers passed on a task has answered."""
    status, text = fetch(f"http://{address}:8000/metrics")
    assert status == 200, text
    lines = [line for line in text.splitlines() if line.startswith("http_requests_total") and "/check" in line]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)
