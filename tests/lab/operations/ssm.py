"""Systems Manager: parameters, documents, and commands that have effects on instances."""

import datetime
import json

from . import stack
from .asking import becomes, fresh, holds, lacking, pages, patient, refused, same, until
from .autoscaling import Group
from .ec2 import run
from .ecs import hosts, joining, lives
from .stack import Service, address_of, definition


def check_parameters(lab):
    ssm = lab.client("ssm")
    name = "/" + fresh("check")
    same(ssm.put_parameter(Name=name, Value="one", Type="String")["Version"], 1)
    refused("ParameterAlreadyExists", ssm.put_parameter, Name=name, Value="two", Type="String")
    same(ssm.put_parameter(Name=name, Value="two", Type="String", Overwrite=True)["Version"], 2)
    holds(ssm.get_parameter(Name=name)["Parameter"], {"Name": name, "Value": "two", "Type": "String", "Version": 2})
    ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=name, Tags=[{"Key": "Role", "Value": "check"}])
    same(ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"], [{"Key": "Role", "Value": "check"}])
    secret = name + "/secret"
    ssm.put_parameter(Name=secret, Value="hidden", Type="SecureString")
    same(ssm.get_parameter(Name=secret, WithDecryption=True)["Parameter"]["Value"], "hidden")
    ssm.delete_parameter(Name=name)
    refused("ParameterNotFound", ssm.get_parameter, Name=name)


@lacking("a SecureString is told in the clear without WithDecryption, too")
def check_secrets_stay_secret(lab):
    ssm = lab.client("ssm")
    name = "/" + fresh("check")
    ssm.put_parameter(Name=name, Value="hidden", Type="SecureString")
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] != "hidden"


def check_documents(lab):
    ssm = lab.client("ssm")
    name = fresh("check")
    content = {"schemaVersion": "2.2", "description": "check", "mainSteps": [{"action": "aws:runShellScript", "name": "say", "inputs": {"runCommand": ["echo hello"]}}]}
    made = ssm.create_document(Name=name, Content=json.dumps(content), DocumentType="Command", DocumentFormat="JSON")["DocumentDescription"]
    holds(made, {"Name": name, "DocumentType": "Command", "SchemaVersion": "2.2"})
    refused("DocumentAlreadyExists", ssm.create_document, Name=name, Content=json.dumps(content), DocumentType="Command")
    same(json.loads(ssm.get_document(Name=name)["Content"]), content)
    same(ssm.describe_document(Name=name)["Document"]["Status"], "Active")
    ssm.delete_document(Name=name)
    refused("InvalidDocument", ssm.delete_document, Name=name)
    refused("InvalidDocumentContent", ssm.create_document, Name=name, Content="{", DocumentType="Command")


class Instance:
    """An instance of our own whose agent answers."""

    def __init__(self, lab):
        self.lab, self.ssm, self.ec2 = lab, lab.client("ssm"), lab.client("ec2")

    def __enter__(self):
        [self.id] = run(self.lab, TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": fresh("check")}]}])
        self.name = self.ec2.describe_instances(InstanceIds=[self.id])["Reservations"][0]["Instances"][0]["Tags"][0]["Value"]
        patient(self.ec2, "instance_running", InstanceIds=[self.id])
        until("its agent", lambda: self.information() and self.information()[0]["PingStatus"] == "Online")
        return self

    def __exit__(self, *_):
        self.ec2.terminate_instances(InstanceIds=[self.id])

    def information(self):
        return self.ssm.describe_instance_information(Filters=[{"Key": "InstanceIds", "Values": [self.id]}])["InstanceInformationList"]

    def send(self, document="AWS-RunShellScript", **parameters):
        return self.ssm.send_command(InstanceIds=[self.id], DocumentName=document, Parameters=parameters)["Command"]["CommandId"]

    def ends(self, command):
        return ended(self.ssm, command, self.id)


def invocation(ssm, command, instance):
    try:
        return ssm.get_command_invocation(CommandId=command, InstanceId=instance)
    except ssm.exceptions.InvocationDoesNotExist:
        return None


def ended(ssm, command, instance):
    """An invocation once it is over."""
    over = ("Success", "Failed", "TimedOut", "Cancelled")
    return until("the end of the command", lambda: (found := invocation(ssm, command, instance)) and found["Status"] in over and found)


def check_instances_are_managed(lab):
    ssm = lab.client("ssm")
    with Instance(lab) as own:
        holds(own.information()[0], {"InstanceId": own.id, "PingStatus": "Online", "PlatformType": "Linux", "ResourceType": "EC2Instance"})
        items, count = pages(ssm, "describe_instance_information", "InstanceInformationList", 5)
        assert own.id in [one["InstanceId"] for one in items] and count >= 1


def check_commands_that_are_understood(lab):
    with Instance(lab) as own:
        done = own.ends(own.send(commands=["echo hello", "sleep 0.5"]))
        holds(done, {"Status": "Success", "ResponseCode": 0, "InstanceId": own.id, "DocumentName": "AWS-RunShellScript"})
        same(done["StandardOutputContent"].strip(), "hello")
        failed = own.ends(own.send(commands=["rm -rf /"]))
        same(failed["Status"], "Failed")
        assert failed["ResponseCode"] != 0 and "rm -rf" in failed["StandardErrorContent"], failed


def check_own_documents_run(lab):
    ssm = lab.client("ssm")
    name = fresh("check")
    step = {"action": "aws:runShellScript", "name": "say", "inputs": {"runCommand": ["echo {{ Word }}"]}}
    content = {"schemaVersion": "2.2", "description": "check", "parameters": {"Word": {"type": "String", "default": "hello"}}, "mainSteps": [step]}
    ssm.create_document(Name=name, Content=json.dumps(content), DocumentType="Command", DocumentFormat="JSON")
    with Instance(lab) as own:
        same(own.ends(own.send(name))["StandardOutputContent"].strip(), "hello")
        same(own.ends(own.send(name, Word=["bye"]))["StandardOutputContent"].strip(), "bye")
        by_tag = ssm.send_command(Targets=[{"Key": "tag:Name", "Values": [own.name]}], DocumentName=name)["Command"]["CommandId"]
        same(ended(ssm, by_tag, own.id)["Status"], "Success")
        same([one["InstanceId"] for one in ssm.list_command_invocations(CommandId=by_tag)["CommandInvocations"]], [own.id])
        refused("InvalidParameters", ssm.send_command, InstanceIds=[own.id], DocumentName=name, Parameters={"Other": ["x"]})
    ssm.delete_document(Name=name)


def check_missing_things(lab):
    ssm = lab.client("ssm")
    with Instance(lab) as own:
        refused("InvalidDocument", ssm.send_command, InstanceIds=[own.id], DocumentName="gone")
        refused("InvalidInstanceId", ssm.send_command, InstanceIds=["i-00000000000000000"], DocumentName="AWS-RunShellScript", Parameters={"commands": ["true"]})
        command = own.send(commands=["true"])
        own.ends(command)
        refused("InvocationDoesNotExist", ssm.get_command_invocation, CommandId=command, InstanceId="i-00000000000000000")


def hogs(lab):
    """The processes that burn CPU for a lab's instances, and the ticks that each has used."""
    found = {}
    for process in stack.processes_with(f"CHAOS_LAB_PARENT={lab.process.pid}\0".encode()):
        try:
            with open(f"/proc/{process}/cmdline", "rb") as words, open(f"/proc/{process}/environ", "rb") as environ, open(f"/proc/{process}/stat", encoding="utf-8") as stat:
                # those that are containers have an address
                if b"hog" in words.read().split(b"\0")[1:2] and b"SERVER_ADDRESS" not in environ.read():
                    fields = stat.read().rsplit(") ", 1)[1].split()
                    found[process] = int(fields[11]) + int(fields[12])
        except OSError:
            continue
    return found


def check_cpu_stress_burns_until_it_is_killed(lab):
    with Instance(lab) as own:
        before = set(hogs(lab))
        stress = own.send("AWSFIS-Run-CPU-Stress", DurationSeconds=["600"], CPU=["1"], LoadPercent=["60"], InstallDependencies=["True"])
        new = until("a process that burns", lambda: {process: ticks for process, ticks in hogs(lab).items() if process not in before})
        [process] = new
        until("half a second of CPU", lambda: hogs(lab).get(process, 0) - new[process] > 50)
        becomes("InProgress", lambda: (invocation(own.ssm, stress, own.id) or {}).get("Status"), "the command")

        def burned():
            now = datetime.datetime.now(datetime.timezone.utc)
            dimensions = [{"Name": "InstanceId", "Value": own.id}]
            asked = {"Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Dimensions": dimensions, "Statistics": ["Maximum"]}
            points = lab.client("cloudwatch").get_metric_statistics(**asked, StartTime=now - datetime.timedelta(minutes=5), EndTime=now + datetime.timedelta(minutes=1), Period=60)["Datapoints"]
            return max((point["Maximum"] for point in points), default=0) > 5

        until("CPUUtilization of the instance", burned)
        killing = own.send(commands=["sudo pkill -9 stress-ng || true"])
        same(own.ends(killing)["Status"], "Success")
        becomes(False, lambda: lives(process), "whether the process lives")
        assert own.ends(stress)["Status"] in ("Failed", "Success"), own.ends(stress)
        cancelled = own.send("AWSFIS-Run-CPU-Stress", DurationSeconds=["600"], CPU=["1"], LoadPercent=["20"])
        again = until("another process", lambda: set(hogs(lab)) - before)
        own.ssm.cancel_command(CommandId=cancelled)
        same(own.ends(cancelled)["Status"], "Cancelled")
        for process in again:
            becomes(False, lambda: lives(process), "whether the process lives")


def check_killing_dockerd_kills_tasks_and_they_come_back(lab):
    name = fresh("check")
    ecs = lab.client("ecs")
    ecs.create_cluster(clusterName=name)
    with Group(lab, size=1, kind="t3.small", user_data=joining(name)):
        [victim] = until("a host", lambda: hosts(lab, name))
        with Service(lab, count=2, task=definition(lab, compatibility="EC2"), launch="EC2", cluster=name) as service:
            service.stable()
            lost = service.tasks()
            processes = [stack.process_at(address_of(service.task_of(arn))) for arn in lost]
            ssm = lab.client("ssm")
            until("the agent", lambda: victim in [one["InstanceId"] for one in pages(ssm, "describe_instance_information", "InstanceInformationList", 50)[0]])
            command = ssm.send_command(InstanceIds=[victim], DocumentName="AWS-RunShellScript", Parameters={"commands": ["sudo kill -s KILL $(pidof dockerd)"]})["Command"]["CommandId"]
            same(ended(ssm, command, victim)["Status"], "Success")
            for process in processes:
                becomes(False, lambda: lives(process), "whether a task's process lives")
            for arn in lost:
                becomes("STOPPED", lambda: service.task_of(arn)["lastStatus"], "a task")
            until("two other tasks", lambda: len(service.tasks()) == 2 and not set(lost) & set(service.tasks()))
            service.stable()
            same(list(hosts(lab, name)), [victim])
    ecs.delete_cluster(cluster=name)
