"""Stands in for the starter pack's module, which is not on PyPI, where the Python Chaos Toolkit runs our library."""

from chaosaws import aws_client


def get_parameter(name, configuration=None, secrets=None):
    """The value of an SSM parameter."""
    client = aws_client("ssm", configuration, secrets)
    return client.get_parameter(Name=name)["Parameter"]["Value"]
