"""Differences that the comparison must find, planted in what was read: a comparison that finds nothing is worth nothing."""

import copy

from .compare import compare

ALARM = "ELB_5XX_Response-Count/live/comments/public-alb"
SERVICE = "comments-web-service"

# which side, the kind, the name, the field (None: the name itself), the value put there, and what must be said
DIFFERENCES = (
    ("terraform", "alarm", ALARM, "threshold", 11.0, "threshold is 10.0 in the lab and 11.0 in Terraform"),
    ("terraform", "alarm", ALARM, "metric", "RequestCount", "metric is"),
    ("terraform", "alarm", ALARM, "statistic", "Average", "statistic is"),
    ("terraform", "alarm", ALARM, "period", 300.0, "period is"),
    ("terraform", "alarm", ALARM, "evaluation periods", 1.0, "evaluation periods is"),
    ("terraform", "alarm", ALARM, "datapoints to alarm", None, "datapoints to alarm is"),
    ("lab", "alarm", ALARM, "missing data", "breaching", "missing data is"),
    ("lab", "target group", "live-chaos-comment-api", "health check path", "/", "health check path is"),
    ("lab", "service", SERVICE, "cluster", "another", "cluster is"),
    ("lab", "scaling policy", f"service/live-chaos-comment-cluster/{SERVICE} cpu", "target", 50.0, "target is"),
    ("terraform", "rule", "/api /api/*", "forwards to", [], "forwards to is"),
    ("terraform", "container", "live-chaos-comment-api", "SPAMCHECK_FALLBACK", "refuse", "SPAMCHECK_FALLBACK is"),
    ("terraform", "job definition", "live-chaos-experiment", "attempts", 1.0, "attempts is"),
    ("lab", "alarm", ALARM, None, None, "only Terraform has it"),
    ("terraform", "alarm", ALARM, None, None, "only the lab has it"),
    ("terraform", "alarm", ALARM, None, None, "and Terraform does not have it"),
    ("terraform", "cluster", "live-chaos-comment-cluster", None, None, "only the lab has it"),
    ("terraform", "parameter", "/live/app/comments/web_url", None, None, "and Terraform does not have it"),
    ("lab", "database", "live-chaos-comments-db", None, None, "and the lab does not have it"),
    ("lab", "group", "live-chaos-comment-ec2-autoscaling-ondemand", None, None, "only Terraform has it"),
    ("terraform", "topic", "live-chaos-comment-sre-updates", None, None, "only the lab has it"),
    ("terraform", "instance tag", "Application=comments", None, None, "and Terraform does not have it"),
)


def try_out(lab, terraform, uses):
    """The planted differences that are not found, as sentences."""
    before = set(compare(lab, terraform, uses))
    missed = []
    for side, kind, name, field, value, says in DIFFERENCES:
        sides = {"lab": copy.deepcopy(lab), "terraform": copy.deepcopy(terraform)}
        if name not in sides[side].get(kind, {}):
            missed.append(f"{kind} `{name}` is not on the side of {side}: nothing can be planted there")
            continue
        if field is None:
            del sides[side][kind][name]
        else:
            sides[side][kind][name][field] = value
        new = set(compare(sides["lab"], sides["terraform"], uses)) - before
        if not any(f"`{name}`" in sentence and says in sentence for sentence in new):
            missed.append(f"{kind} `{name}`: `{says}` was planted on the side of {side} and not found")
    return missed
