"""Application Auto Scaling: services grow with their load, and shrink again."""

import threading

from .asking import becomes, fresh, holds, pages, refused, same, until
from .stack import Balancer, Service, definition

DIMENSION = "ecs:service:DesiredCount"


class Scaled:
    """A policy of target tracking on a service of our own."""

    def __init__(self, lab, service, metric, value, most=3):
        self.scaling = lab.client("application-autoscaling")
        self.id = {"ServiceNamespace": "ecs", "ScalableDimension": DIMENSION, "ResourceId": f"service/{service.cluster}/{service.name}"}
        self.metric, self.value, self.most, self.name = metric, value, most, fresh("check")

    def __enter__(self):
        self.scaling.register_scalable_target(**self.id, MinCapacity=1, MaxCapacity=self.most)
        configuration = {"PredefinedMetricSpecification": self.metric, "TargetValue": self.value, "ScaleInCooldown": 10, "ScaleOutCooldown": 30}
        self.policy = self.scaling.put_scaling_policy(**self.id, PolicyName=self.name, PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=configuration)
        return self

    def __exit__(self, *_):
        self.scaling.delete_scaling_policy(**self.id, PolicyName=self.name)
        self.scaling.deregister_scalable_target(**self.id)

    def activities(self):
        found = self.scaling.describe_scaling_activities(ServiceNamespace="ecs", ResourceId=self.id["ResourceId"])["ScalingActivities"]
        return [(one["StatusCode"], one["Description"]) for one in reversed(found)]


def check_cpu_scales_out_and_in(lab):
    hog = {
        "name": "hog",
        "image": "public.ecr.aws/devlearnops/ecs-container-hog",
        "essential": False,
        "environment": [{"name": "HOG_CONFIG", "value": "--cpu 1 --cpu-load 100 --timeout 300s"}],
    }
    family = fresh("check")
    with Service(lab, count=1, task=definition(lab, family=family, more=[hog])) as service:
        with Scaled(lab, service, {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}, 50.0) as scaled:
            becomes(3, lambda: service.describe()["desiredCount"], "the service's tasks", seconds=120)
            becomes(3, lambda: service.describe()["runningCount"], "the service's running tasks")
            assert scaled.activities(), "no activities"
            same({status for status, _ in scaled.activities()}, {"Successful"})
            assert any("Setting desired count to 3" in text for _, text in scaled.activities()), scaled.activities()
            service.update(taskDefinition=definition(lab, family=family))
            becomes(1, lambda: service.describe()["desiredCount"], "the service's tasks", seconds=300)
            becomes(1, lambda: service.describe()["runningCount"], "the service's running tasks")


def check_requests_scale_out_and_in(lab):
    with Balancer(lab) as balancer, Service(lab, count=1, balancer=balancer) as service:
        service.stable()
        label = f"{balancer.dimensions[0]['Value']}/{balancer.group_dimensions[0]['Value']}"
        metric = {"PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": label}
        rate, done = [100.0], threading.Event()
        met = []

        def visit():
            while not done.wait(1 / rate[0]):
                met.append(balancer.get())

        with Scaled(lab, service, metric, 1200.0, most=2) as scaled:
            visitor = threading.Thread(target=visit)
            visitor.start()
            try:
                becomes(2, lambda: service.describe()["desiredCount"], "the service's tasks", seconds=120)
                until("two healthy targets", lambda: len(balancer.healthy()) == 2)
                rate[0] = 2.0
                becomes(1, lambda: service.describe()["desiredCount"], "the service's tasks", seconds=300)
                until("one target", lambda: len(balancer.health()) == 1)
            finally:
                done.set()
                visitor.join()
            same([text.split(".")[0] for _, text in scaled.activities()], ["Setting desired count to 2", "Setting desired count to 1"])
        same(set(met), {200}, f"of {len(met)} answers, each")


def check_targets_and_policies(lab):
    scaling = lab.client("application-autoscaling")
    with Service(lab, count=1) as service:
        with Scaled(lab, service, {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}, 50.0) as scaled:
            found = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[scaled.id["ResourceId"]])["ScalableTargets"]
            same(len(found), 1)
            holds(found[0], {**scaled.id, "MinCapacity": 1, "MaxCapacity": 3})
            policies = scaling.describe_scaling_policies(ServiceNamespace="ecs", ResourceId=scaled.id["ResourceId"])["ScalingPolicies"]
            same([one["PolicyName"] for one in policies], [scaled.name])
            same(policies[0]["PolicyARN"], scaled.policy["PolicyARN"])
            same(policies[0]["TargetTrackingScalingPolicyConfiguration"]["TargetValue"], 50.0)
            names = sorted(alarm["AlarmName"] for alarm in policies[0]["Alarms"])
            alarms = lab.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
            same(sorted(alarm["AlarmName"] for alarm in alarms), names)
            same(len(names), 2)
            _, count = pages(scaling, "describe_scalable_targets", "ScalableTargets", 1, ServiceNamespace="ecs")
            assert count >= 4, count
            becomes(1, lambda: service.describe()["runningCount"], "the service's running tasks")
            scaling.register_scalable_target(**scaled.id, MinCapacity=2, MaxCapacity=3)
            becomes(2, lambda: service.describe()["desiredCount"], "the least number of tasks")
            scaling.register_scalable_target(**scaled.id, SuspendedState={"DynamicScalingOutSuspended": True})
            found = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[scaled.id["ResourceId"]])["ScalableTargets"]
            same(found[0]["SuspendedState"]["DynamicScalingOutSuspended"], True)
        same(scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[scaled.id["ResourceId"]])["ScalableTargets"], [])
        same(lab.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"], [])
        refused("ObjectNotFoundException", scaling.deregister_scalable_target, **scaled.id)
        refused("ObjectNotFoundException", scaling.delete_scaling_policy, **scaled.id, PolicyName="gone")
        refused("ValidationException", scaling.register_scalable_target, **{**scaled.id, "ResourceId": "service/gone/gone"}, MinCapacity=1, MaxCapacity=2)
