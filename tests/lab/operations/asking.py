"""What the checks have in common."""

import time
import urllib.error
import urllib.request
import uuid

import botocore.exceptions


def fresh(name):
    """A name that nothing has yet."""
    return f"{name}-{uuid.uuid4().hex[:8]}"


def lacking(what):
    """Marks a check of something that AWS has and the lab does not (docs/lab.md tells so): it must fail, until the lab has it."""
    def mark(check):
        check.lacking = what
        return check

    return mark


def same(got, wanted, of=""):
    """Fails unless both are equal."""
    assert got == wanted, f"{of} is {got!r}, not {wanted!r}".strip()


def holds(whole, part):
    """Fails unless a dictionary has these members with these values."""
    found = {name: whole.get(name) for name in part}
    assert found == part, f"got {found!r}, not {part!r}"


def refused(code, call, **arguments):
    """Fails unless a call is refused with this error code; gives what was said."""
    try:
        answer = call(**arguments)
    except botocore.exceptions.ClientError as error:
        got = error.response["Error"]
        assert got["Code"] == code, f"refused with {got['Code']} ({got['Message']}), not {code}"
        return got["Message"]
    answer.pop("ResponseMetadata", None)
    raise AssertionError(f"not refused with {code}, but answered {answer!r:.300}")


def until(what, ask, seconds=60, pause=0.2):
    """Asks until the answer is truthy, and gives it."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what}; last answer {answer!r}")
        time.sleep(pause)


def becomes(wanted, ask, what="", seconds=60):
    """Asks until the answer is this one."""
    last = []

    def asked():
        last[:] = [ask()]
        return last[0] == wanted

    try:
        until(what or repr(wanted), asked, seconds)
    except AssertionError:
        raise AssertionError(f"waited {seconds} s for {what} {wanted!r}, but it is {last[0]!r}") from None


def patient(client, waiter, /, **arguments):
    """Waits with a waiter of boto3, in steps of half a second: the lab's clock is faster than AWS's."""
    client.get_waiter(waiter).wait(**arguments, WaiterConfig={"Delay": 0.5, "MaxAttempts": 180})


def pages(client, operation, key, size, **arguments):
    """All items of a paginator of boto3, and how many pages they came on."""
    found = list(client.get_paginator(operation).paginate(**arguments, PaginationConfig={"PageSize": size}))
    return [item for page in found for item in page[key]], len(found)


def fetch(url, body=None, timeout=10):
    """Status and text of an answer; 0 and the reason where none came."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=body), timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except OSError as error:
        return 0, str(error)


def vpc(lab):
    """The VPC of the deployment."""
    return lab.client("ssm").get_parameter(Name="/live/vpc/id")["Parameter"]["Value"]


def subnets(lab, kind="private"):
    """Its subnets, in zones a, b and c."""
    return lab.client("ssm").get_parameter(Name=f"/live/vpc/{kind}_subnets")["Parameter"]["Value"].split(",")
