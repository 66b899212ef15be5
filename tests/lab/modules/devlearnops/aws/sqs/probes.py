"""Stands in for the starter pack's module, which is not on PyPI, where the Python Chaos Toolkit runs our library."""

import json
import time

from chaosaws import aws_client
from chaoslib.exceptions import ActivityFailed


def wait_for_alarm_notification(
    queue_url, topic_arn=None, alarm_name=None, consume_message=True, timeout=60, configuration=None, secrets=None
):
    """The notification of an alarm, once it is in a queue that is subscribed to the alarm's topic."""
    client = aws_client("sqs", configuration, secrets)
    deadline = time.monotonic() + float(timeout)
    while time.monotonic() < deadline:
        answer = client.receive_message(QueueUrl=queue_url, WaitTimeSeconds=1, VisibilityTimeout=5)
        for message in answer.get("Messages", []):
            body = json.loads(message["Body"])
            told = json.loads(body["Message"])
            if told.get("AlarmName") == alarm_name and topic_arn in (None, body.get("TopicArn")):
                if consume_message:
                    client.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
                return told
    raise ActivityFailed(f"no notification of {alarm_name} came within {timeout} s")
