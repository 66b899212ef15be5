"""ECS: definitions, tasks, services, their scheduling and their hosts."""

import base64
import threading
import time

from . import stack
from .asking import becomes, fetch, fresh, holds, pages, patient, refused, same, until
from .autoscaling import Group, members
from .stack import Balancer, Service, address_of, cluster, definition, network

HAM = b'{"content": "Thank you, this was a good read."}'


def check_clusters(lab):
    ecs = lab.client("ecs")
    with cluster(lab, tags=[{"key": "Team", "value": "a"}], settings=[{"name": "containerInsights", "value": "enabled"}]) as name:
        found = ecs.describe_clusters(clusters=[name], include=["TAGS", "SETTINGS"])["clusters"][0]
        holds(found, {"clusterName": name, "status": "ACTIVE", "runningTasksCount": 0, "activeServicesCount": 0, "tags": [{"key": "Team", "value": "a"}]})
        same(found["settings"], [{"name": "containerInsights", "value": "enabled"}])
        assert found["clusterArn"].endswith(f":cluster/{name}")
        assert found["clusterArn"] in ecs.list_clusters()["clusterArns"]
        same(ecs.describe_clusters(clusters=[found["clusterArn"]])["clusters"][0]["clusterName"], name)
        ecs.tag_resource(resourceArn=found["clusterArn"], tags=[{"key": "More", "value": "b"}])
        ecs.untag_resource(resourceArn=found["clusterArn"], tagKeys=["Team"])
        same(ecs.list_tags_for_resource(resourceArn=found["clusterArn"])["tags"], [{"key": "More", "value": "b"}])
    assert found["clusterArn"] not in ecs.list_clusters()["clusterArns"]
    same([one["status"] for one in ecs.describe_clusters(clusters=[name])["clusters"]], ["INACTIVE"])
    missing = ecs.describe_clusters(clusters=["gone"])
    same((missing["clusters"], missing["failures"][0]["reason"]), ([], "MISSING"))
    refused("ClusterNotFoundException", ecs.delete_cluster, cluster="gone")
    refused("ClusterNotFoundException", ecs.list_tasks, cluster="gone")


def check_pages(lab):
    ecs = lab.client("ecs")
    with cluster(lab), cluster(lab):
        found, count = pages(ecs, "list_clusters", "clusterArns", 1)
        assert len(set(found)) >= 4 and count >= 4, (found, count)
    with Service(lab, count=3) as service:
        until("three tasks", lambda: len(service.tasks()) == 3)
        found, count = pages(ecs, "list_tasks", "taskArns", 2, cluster=service.cluster)
        same((sorted(found), count), (service.tasks(), 2))
        found, _ = pages(ecs, "list_services", "serviceArns", 1, cluster=service.cluster)
        same([arn.rsplit("/", 1)[1] for arn in found], [service.name])


def check_task_definitions(lab):
    ecs = lab.client("ecs")
    family = fresh("check")
    arns = [definition(lab, family=family, VERSION=str(number)) for number in (1, 2)]
    same([arn.rsplit("/", 1)[1] for arn in arns], [f"{family}:1", f"{family}:2"])
    newest = ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]
    holds(newest, {"family": family, "revision": 2, "status": "ACTIVE", "cpu": "256", "memory": "512", "networkMode": "awsvpc"})
    same(newest["compatibilities"], ["EC2", "FARGATE"])
    assert {"name": "VERSION", "value": "2"} in newest["containerDefinitions"][0]["environment"]
    same(ecs.list_task_definitions(familyPrefix=family)["taskDefinitionArns"], arns)
    same(ecs.deregister_task_definition(taskDefinition=f"{family}:2")["taskDefinition"]["status"], "INACTIVE")
    same(ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]["revision"], 1)
    same(ecs.describe_task_definition(taskDefinition=f"{family}:2")["taskDefinition"]["status"], "INACTIVE")
    refused("ClientException", ecs.describe_task_definition, taskDefinition="gone")
    deleted = ecs.delete_task_definitions(taskDefinitions=[f"{family}:2"])
    same([one["status"] for one in deleted["taskDefinitions"]], ["DELETE_IN_PROGRESS"])
    active = ecs.delete_task_definitions(taskDefinitions=[f"{family}:1"])
    same((active["taskDefinitions"], len(active["failures"])), ([], 1))


def check_a_definition_is_validated(lab):
    register = lab.client("ecs").register_task_definition
    container = {"name": "a", "image": stack.REPOSITORY, "essential": True}
    fargate = {"family": "check", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc"}
    refused("ClientException", register, **fargate, cpu="256", memory="16384", containerDefinitions=[container])
    refused("ClientException", register, **fargate, containerDefinitions=[container])
    refused("ClientException", register, family="check", containerDefinitions=[])


def check_a_task_runs_and_stops(lab):
    ecs = lab.client("ecs")
    task = definition(lab)
    with cluster(lab) as name:
        arn = ecs.run_task(cluster=name, taskDefinition=task, launchType="FARGATE", networkConfiguration=network(lab), startedBy="check")["tasks"][0]["taskArn"]
        patient(ecs, "tasks_running", cluster=name, tasks=[arn])
        running = ecs.describe_tasks(cluster=name, tasks=[arn])["tasks"][0]
        holds(running, {"lastStatus": "RUNNING", "desiredStatus": "RUNNING", "taskDefinitionArn": task, "launchType": "FARGATE", "startedBy": "check"})
        same(running["containers"][0]["lastStatus"], "RUNNING")
        assert running["startedAt"] >= running["createdAt"]
        address = address_of(running)
        until("an answer", lambda: fetch(f"http://{address}:8000/spam/health")[0] == 200)
        same(ecs.list_tasks(cluster=name, startedBy="check")["taskArns"], [arn])
        same(ecs.stop_task(cluster=name, task=arn, reason="enough")["task"]["desiredStatus"], "STOPPED")
        patient(ecs, "tasks_stopped", cluster=name, tasks=[arn])
        stopped = ecs.describe_tasks(cluster=name, tasks=[arn])["tasks"][0]
        holds(stopped, {"lastStatus": "STOPPED", "stopCode": "UserInitiated", "stoppedReason": "enough"})
        assert stopped["containers"][0]["exitCode"] in (0, 143), stopped["containers"]
        same(ecs.list_tasks(cluster=name, desiredStatus="STOPPED")["taskArns"], [arn])
        same(fetch(f"http://{address}:8000/spam/health")[0], 0)
        missing = ecs.describe_tasks(cluster=name, tasks=["0123456789abcdef0123456789abcdef"])
        same((missing["tasks"], missing["failures"][0]["reason"]), ([], "MISSING"))
        refused("InvalidParameterException", ecs.stop_task, cluster=name, task="0123456789abcdef0123456789abcdef")


def check_an_unknown_image_cannot_be_pulled(lab):
    ecs = lab.client("ecs")
    with cluster(lab) as name:
        run = {"cluster": name, "launchType": "FARGATE", "networkConfiguration": network(lab)}
        arn = ecs.run_task(taskDefinition=definition(lab, image="nowhere.example/nothing:1"), **run)["tasks"][0]["taskArn"]
        patient(ecs, "tasks_stopped", cluster=name, tasks=[arn])
        stopped = ecs.describe_tasks(cluster=name, tasks=[arn])["tasks"][0]
        same(stopped["stopCode"], "TaskFailedToStart")
        told = stopped["stoppedReason"]
        assert told.startswith("CannotPullContainerError") and "nowhere.example/nothing" in told, told
        assert stopped["containers"][0]["reason"].startswith("CannotPullContainerError"), stopped["containers"]


def check_an_essential_container_takes_its_task_along(lab):
    ecs = lab.client("ecs")
    hog = {"name": "hog", "image": "public.ecr.aws/devlearnops/ecs-container-hog", "essential": True, "environment": [{"name": "HOG_CONFIG", "value": "--cpu 1 --cpu-load 1 --timeout 3s"}]}
    with cluster(lab) as name:
        run = {"cluster": name, "launchType": "FARGATE", "networkConfiguration": network(lab)}
        both = ecs.run_task(taskDefinition=definition(lab, more=[hog]), **run)["tasks"][0]["taskArn"]
        alone = ecs.run_task(taskDefinition=definition(lab, more=[{**hog, "essential": False}]), **run)["tasks"][0]["taskArn"]
        patient(ecs, "tasks_stopped", cluster=name, tasks=[both])
        stopped = ecs.describe_tasks(cluster=name, tasks=[both])["tasks"][0]
        holds(stopped, {"stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited"})
        same({one["name"]: one["exitCode"] for one in stopped["containers"]}["hog"], 0)

        def of_alone():
            task = ecs.describe_tasks(cluster=name, tasks=[alone])["tasks"][0]
            return {one["name"]: one["lastStatus"] for one in task["containers"]}

        becomes({stack.CONTAINER: "RUNNING", "hog": "STOPPED"}, of_alone, "the containers")
        ecs.stop_task(cluster=name, task=alone)
        patient(ecs, "tasks_stopped", cluster=name, tasks=[alone])


def check_a_service_scales_to_three_that_all_serve(lab):
    with Balancer(lab) as balancer, Service(lab, count=1, balancer=balancer) as service:
        service.stable()
        service.update(desiredCount=3)
        service.stable()
        holds(service.describe(), {"desiredCount": 3, "runningCount": 3, "pendingCount": 0, "status": "ACTIVE"})
        tasks = [service.task_of(arn) for arn in service.tasks()]
        same({task["availabilityZone"] for task in tasks}, {"us-east-1a", "us-east-1b", "us-east-1c"})
        same(balancer.healthy(), {(address_of(task), 8000) for task in tasks})
        for _ in range(30):
            same(fetch(balancer.url + "/spam/check", HAM)[0], 200)
        counts = [stack.requests_at(address_of(task)) for task in tasks]
        same(counts, [10.0, 10.0, 10.0], "what the tasks answered")
        service.update(desiredCount=1)
        service.stable()
        becomes(1, lambda: len(balancer.health()), "the number of targets")


def check_a_killed_task_is_replaced(lab):
    with Balancer(lab) as balancer, Service(lab, balancer=balancer) as service:
        service.stable()
        victim = service.tasks()[0]
        stack.kill_at(address_of(service.task_of(victim)))
        becomes("STOPPED", lambda: service.task_of(victim)["lastStatus"], "the task")
        stopped = service.task_of(victim)
        holds(stopped, {"stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited"})
        same(stopped["containers"][0]["exitCode"], 137)
        until("two tasks again", lambda: len(service.tasks()) == 2 and victim not in service.tasks())
        service.stable()
        same(balancer.healthy(), {(address_of(service.task_of(arn)), 8000) for arn in service.tasks()})


def check_a_stopped_task_is_replaced(lab):
    with Service(lab) as service:
        service.stable()
        victim = service.tasks()[0]
        service.ecs.stop_task(cluster=service.cluster, task=victim, reason="chaos")
        until("two tasks again", lambda: len(service.tasks()) == 2 and victim not in service.tasks())
        service.stable()
        told = " ".join(service.events())
        assert "has started 1 tasks" in told and "has reached a steady state" in told, told


def check_a_new_definition_rolls_without_a_failure(lab):
    family = fresh("check")
    with Balancer(lab) as balancer, Service(lab, balancer=balancer, task=definition(lab, family=family)) as service:
        service.stable()
        before = service.tasks()
        done, met = threading.Event(), []

        def visit():
            while not done.is_set():
                met.append(balancer.get())
                time.sleep(0.01)

        visitors = [threading.Thread(target=visit) for _ in range(2)]
        for visitor in visitors:
            visitor.start()
        newer = definition(lab, family=family, VERSION="2")
        updated = service.update(taskDefinition=newer)
        same([deployment["status"] for deployment in updated["deployments"]], ["PRIMARY", "ACTIVE"])
        service.stable()
        becomes(2, lambda: len(balancer.health()), "the number of targets")
        done.set()
        for visitor in visitors:
            visitor.join()
        same(sorted(set(met)), [200], f"of {len(met)} answers, each")
        after = service.tasks()
        same(set(before) & set(after), set(), "old tasks")
        same({service.task_of(arn)["taskDefinitionArn"] for arn in after}, {newer})
        deployments = service.describe()["deployments"]
        same([(one["status"], one["rolloutState"], one["runningCount"]) for one in deployments], [("PRIMARY", "COMPLETED", 2)])


def check_a_forced_deployment_replaces_tasks(lab):
    with Service(lab) as service:
        service.stable()
        before = service.tasks()
        service.update(forceNewDeployment=True)
        service.stable()
        same(set(before) & set(service.tasks()), set(), "old tasks")


def check_a_bad_deployment_is_rolled_back(lab):
    family = fresh("check")
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    good = definition(lab, family=family)
    with Service(lab, task=good, deploymentConfiguration=breaker) as service:
        service.stable()
        service.update(taskDefinition=definition(lab, family=family, image="nowhere.example/nothing:1"))
        until("a task that fails", lambda: any("CannotPull" in service.task_of(arn)["stoppedReason"] for arn in service.tasks("STOPPED")))
        becomes(good, lambda: service.describe()["taskDefinition"], "the definition", seconds=120)
        service.stable()
        same({service.task_of(arn)["taskDefinitionArn"] for arn in service.tasks()}, {good})
        told = " ".join(service.events())
        assert "deployment failed" in told and "rolling back" in told, told


def check_targets_that_fail_their_checks_are_replaced(lab):
    """A task that answers its health check with an error is no use, though it runs."""
    with Balancer(lab, HealthCheckPath="/spam/gone") as balancer, Service(lab, count=1, balancer=balancer) as service:
        first = until("a task", service.tasks)[0]
        becomes("STOPPED", lambda: service.task_of(first)["lastStatus"], "the task")
        told = service.task_of(first)["stoppedReason"]
        assert "failed" in told and "health checks" in told, told


def check_missing_services(lab):
    ecs = lab.client("ecs")
    with cluster(lab) as name:
        missing = ecs.describe_services(cluster=name, services=["gone"])
        same((missing["services"], missing["failures"][0]["reason"]), ([], "MISSING"))
        refused("ServiceNotFoundException", ecs.update_service, cluster=name, service="gone", desiredCount=1)
        refused("ServiceNotFoundException", ecs.delete_service, cluster=name, service="gone")
        refused("ClientException", ecs.create_service, cluster=name, serviceName="check", taskDefinition="gone", desiredCount=1)


def check_a_service_is_deleted(lab):
    ecs = lab.client("ecs")
    with cluster(lab) as name:
        task = definition(lab)
        ecs.create_service(cluster=name, serviceName="one", taskDefinition=task, desiredCount=1, launchType="FARGATE", networkConfiguration=network(lab))
        refused("InvalidParameterException", ecs.delete_service, cluster=name, service="one")
        refused("ClusterContainsServicesException", ecs.delete_cluster, cluster=name)
        ecs.update_service(cluster=name, service="one", desiredCount=0)
        same(ecs.delete_service(cluster=name, service="one")["service"]["status"], "DRAINING")
        patient(ecs, "services_inactive", cluster=name, services=["one"])
        same(ecs.list_services(cluster=name)["serviceArns"], [])


def check_tags_of_tasks(lab):
    ecs = lab.client("ecs")
    with Service(lab, count=1, tags=[{"key": "Role", "value": "check"}], propagateTags="SERVICE") as service:
        service.stable()
        described = ecs.describe_services(cluster=service.cluster, services=[service.name], include=["TAGS"])["services"][0]
        assert {"key": "Role", "value": "check"} in described["tags"], described["tags"]
        task = ecs.describe_tasks(cluster=service.cluster, tasks=service.tasks(), include=["TAGS"])["tasks"][0]
        assert {"key": "Role", "value": "check"} in task["tags"], task["tags"]
        ecs.tag_resource(resourceArn=described["serviceArn"], tags=[{"key": "State", "value": "chaos"}])
        ecs.untag_resource(resourceArn=described["serviceArn"], tagKeys=["Role"])
        same(ecs.list_tags_for_resource(resourceArn=described["serviceArn"])["tags"], [{"key": "State", "value": "chaos"}])


def hosts(lab, name):
    """The container instances of a cluster whose agents are connected, by EC2 instance."""
    ecs = lab.client("ecs")
    arns = ecs.list_container_instances(cluster=name)["containerInstanceArns"]
    found = ecs.describe_container_instances(cluster=name, containerInstances=arns)["containerInstances"] if arns else []
    return {one["ec2InstanceId"]: one for one in found if one["agentConnected"]}


def joining(name):
    """What instances run at their start to join a cluster."""
    return base64.b64encode(f"#!/bin/bash\necho ECS_CLUSTER={name} >> /etc/ecs/ecs.config\n".encode()).decode()


def check_tasks_move_from_a_terminated_instance(lab):
    name = fresh("check")
    lab.client("ecs").create_cluster(clusterName=name)
    with Group(lab, kind="t3.small", user_data=joining(name)) as group:
        until("two hosts", lambda: len(hosts(lab, name)) == 2)
        task = definition(lab, compatibility="EC2")
        with Balancer(lab) as balancer, Service(lab, balancer=balancer, task=task, launch="EC2", cluster=name) as service:
            service.stable()
            on = {service.task_of(arn)["containerInstanceArn"]: arn for arn in service.tasks()}
            same(len(on), 2, "the number of hosts with a task")
            victim, host = next(iter(hosts(lab, name).items()))
            lost = on[host["containerInstanceArn"]]
            process = stack.process_at(address_of(service.task_of(lost)))
            lab.client("ec2").terminate_instances(InstanceIds=[victim])
            becomes("STOPPED", lambda: service.task_of(lost)["lastStatus"], "the task on it")
            assert victim in service.task_of(lost)["stoppedReason"], service.task_of(lost)["stoppedReason"]
            becomes(False, lambda: lives(process), "whether its process lives")
            until("two tasks again", lambda: len(service.tasks()) == 2 and lost not in service.tasks())
            until("another host", lambda: victim not in hosts(lab, name) and len(hosts(lab, name)) == 2)
            same(set(hosts(lab, name)), set(members(lab, group.name)), "hosts")
            service.stable()
    lab.client("ecs").delete_cluster(cluster=name)


def lives(process):
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as stat:
            return stat.read().rsplit(") ", 1)[1][0] != "Z"
    except OSError:
        return False


def check_hosts_are_drained_and_deregistered(lab):
    ecs = lab.client("ecs")
    name = fresh("check")
    ecs.create_cluster(clusterName=name)
    with Group(lab, kind="t3.small", user_data=joining(name)):
        until("two hosts", lambda: len(hosts(lab, name)) == 2)
        with Service(lab, count=2, task=definition(lab, compatibility="EC2"), launch="EC2", cluster=name) as service:
            service.stable()
            moved = service.tasks()
            victim = service.task_of(moved[0])["containerInstanceArn"]
            moved = [arn for arn in moved if service.task_of(arn)["containerInstanceArn"] == victim]
            drained = ecs.update_container_instances_state(cluster=name, containerInstances=[victim], status="DRAINING")
            same([one["status"] for one in drained["containerInstances"]], ["DRAINING"])
            elsewhere = lambda: {service.task_of(arn)["containerInstanceArn"] for arn in service.tasks()}
            until("all tasks on the other host", lambda: len(service.tasks()) == 2 and victim not in elsewhere())
            service.stable()
            other = elsewhere().pop()
            refused("ClientException", ecs.deregister_container_instance, cluster=name, containerInstance=other)
            patient(ecs, "tasks_stopped", cluster=name, tasks=moved)
            ecs.deregister_container_instance(cluster=name, containerInstance=victim)
            same([arn for arn in ecs.list_container_instances(cluster=name)["containerInstanceArns"]], [other])
    ecs.delete_cluster(cluster=name)


def check_tasks_that_fit_nowhere_are_told(lab):
    with Service(lab, count=1, task=definition(lab, compatibility="EC2"), launch="EC2") as service:
        until("an event", lambda: any("unable to place a task" in message for message in service.events()))
        same(service.describe()["runningCount"], 0)
