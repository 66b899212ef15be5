"""Batch: a job runs start-chaos as a process, with its log in CloudWatch Logs."""

import time

from .asking import fresh, holds, pages, refused, same, until


def make(lab, command):
    """An environment, a queue and a definition of our own; gives queue and definition."""
    batch = lab.client("batch")
    name = fresh("check")
    batch.create_compute_environment(
        computeEnvironmentName=name,
        type="MANAGED",
        computeResources={"type": "FARGATE", "maxvCpus": 4, "subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]},
    )
    valid = lambda: batch.describe_compute_environments(computeEnvironments=[name])["computeEnvironments"][0]["status"] == "VALID"
    until("the environment", valid)
    queue = batch.create_job_queue(jobQueueName=name, priority=1, computeEnvironmentOrder=[{"order": 1, "computeEnvironment": name}])["jobQueueArn"]
    until("the queue", lambda: batch.describe_job_queues(jobQueues=[name])["jobQueues"][0]["status"] == "VALID")
    container = {
        "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/chaos-starter-pack:latest",
        "command": command,
        "resourceRequirements": [{"type": "VCPU", "value": "0.25"}, {"type": "MEMORY", "value": "512"}],
        "executionRoleArn": "arn:aws:iam::123456789012:role/check",
    }
    defined = batch.register_job_definition(jobDefinitionName=name, type="container", platformCapabilities=["FARGATE"], containerProperties=container)
    return queue, defined["jobDefinitionArn"]


def job_of(lab, job):
    return lab.client("batch").describe_jobs(jobs=[job])["jobs"][0]


def over(lab, job):
    """A job once it has ended."""
    return until("the end of the job", lambda: job_of(lab, job)["status"] in ("SUCCEEDED", "FAILED") and job_of(lab, job))


def check_a_job_runs_with_its_log(lab):
    batch = lab.client("batch")
    queue, defined = make(lab, ["start-chaos", "--help"])
    job = batch.submit_job(jobName="check", jobQueue=queue, jobDefinition=defined)["jobId"]
    ended = over(lab, job)
    holds(ended, {"jobName": "check", "status": "SUCCEEDED", "jobQueue": queue, "jobDefinition": defined})
    same(ended["container"]["exitCode"], 0)
    assert ended["startedAt"] >= ended["createdAt"] and ended["stoppedAt"] >= ended["startedAt"]
    stream = ended["container"]["logStreamName"]
    events = lab.client("logs").get_log_events(logGroupName="/aws/batch/job", logStreamName=stream, startFromHead=True)["events"]
    said = "\n".join(event["message"] for event in events)
    assert "Usage" in said, said
    items, _ = pages(batch, "list_jobs", "jobSummaryList", 1, jobQueue=queue, jobStatus="SUCCEEDED")
    same([one["jobId"] for one in items], [job])


def check_a_job_that_fails(lab):
    batch = lab.client("batch")
    queue, defined = make(lab, ["start-chaos", "--no-such-option"])
    job = batch.submit_job(jobName="check", jobQueue=queue, jobDefinition=defined)["jobId"]
    ended = over(lab, job)
    same(ended["status"], "FAILED")
    same(ended["container"]["exitCode"], 2)
    assert "Essential container in task exited" in ended["statusReason"], ended["statusReason"]
    refused("ClientException", batch.submit_job, jobName="check", jobQueue="gone", jobDefinition=defined)
    same(batch.describe_jobs(jobs=["00000000-0000-4000-8000-000000000000"])["jobs"], [])


def check_logs(lab):
    logs = lab.client("logs")
    group, stream = "/" + fresh("check"), "one"
    logs.create_log_group(logGroupName=group)
    refused("ResourceAlreadyExistsException", logs.create_log_group, logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    now = int(time.time() * 1000)
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[{"timestamp": now + number, "message": f"line {number}"} for number in range(5)])
    got = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)["events"]
    same([event["message"] for event in got], [f"line {number}" for number in range(5)])
    same([event["message"] for event in logs.filter_log_events(logGroupName=group, filterPattern='"line 3"')["events"]], ["line 3"])
    items, count = pages(logs, "filter_log_events", "events", 2, logGroupName=group)
    assert len(items) == 5 and count >= 3, (len(items), count)
    same([one["logStreamName"] for one in logs.describe_log_streams(logGroupName=group)["logStreams"]], [stream])
    logs.delete_log_group(logGroupName=group)
    refused("ResourceNotFoundException", logs.get_log_events, logGroupName=group, logStreamName=stream)
