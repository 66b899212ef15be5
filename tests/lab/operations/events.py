"""EventBridge: rules and their targets; no rule ever fires."""

from .asking import fresh, holds, refused, same


def check_rules(lab):
    events = lab.client("events")
    name = fresh("check")
    events.put_rule(Name=name, ScheduleExpression="rate(5 minutes)", State="ENABLED")
    state = lambda: events.describe_rule(Name=name)["State"]
    events.disable_rule(Name=name)
    same(state(), "DISABLED")
    events.enable_rule(Name=name)
    same(state(), "ENABLED")
    targets = [{"Id": str(number), "Arn": f"arn:aws:lambda:us-east-1:123456789012:function:check-{number}", "Input": '{"a": 1}'} for number in (1, 2)]
    holds(events.put_targets(Rule=name, Targets=targets), {"FailedEntryCount": 0})
    same(events.list_targets_by_rule(Rule=name)["Targets"], targets)
    refused("ValidationException", events.delete_rule, Name=name)
    holds(events.remove_targets(Rule=name, Ids=["1", "2"]), {"FailedEntryCount": 0})
    same(events.list_targets_by_rule(Rule=name)["Targets"], [])
    events.delete_rule(Name=name)
    for call in (events.disable_rule, events.enable_rule, events.describe_rule):
        refused("ResourceNotFoundException", call, Name=name)
    refused("ResourceNotFoundException", events.put_targets, Rule=name, Targets=targets)
    refused("ResourceNotFoundException", events.list_targets_by_rule, Rule=name)
