"""Stands in for the starter pack's module, which is not on PyPI, where the Python Chaos Toolkit runs our library."""

import math

from chaosaws import aws_client


def send_command(
    document_name,
    targets=None,
    targets_percent=100,
    targets_count=None,
    document_version="$DEFAULT",
    parameters=None,
    timeout_seconds=60,
    max_concurrency=None,
    max_errors="0",
    configuration=None,
    secrets=None,
):
    """Runs a document on so many, or so many percent, of the managed instances that match."""
    client = aws_client("ssm", configuration, secrets)
    pages = client.get_paginator("describe_instance_information").paginate(Filters=targets or [])
    found = [one["InstanceId"] for page in pages for one in page["InstanceInformationList"]]
    count = targets_count or math.ceil(len(found) * targets_percent / 100)
    return client.send_command(
        DocumentName=document_name,
        DocumentVersion=document_version,
        InstanceIds=found[:count],
        Parameters=parameters or {},
        TimeoutSeconds=timeout_seconds,
        MaxConcurrency=max_concurrency or "100%",
        MaxErrors=max_errors,
    )
