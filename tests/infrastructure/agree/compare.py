"""Compares the three; what may differ stands here, each with the reason."""

import re

from tf.report import meant

ANY = r".*"
# kind, name, field: the reason why the two may differ there. Names are regular expressions; the field `is there` is for
# what only one of them has.
EXCEPTIONS = (
    ("parameter", r"/live/app/comments/(db_security_group_id|kms_key_arn)", "is there",
     "parts of the deployment tell them to each other; no experiment asks for them"),
    ("bucket", "live-chaos-comment-alb-logs", "is there", "load balancers of the lab keep no access logs"),
    ("instance tag", "AmazonECSManaged=true", "is there", "ECS wants it on groups of its capacity providers"),
)


def compare(lab, terraform, library, exceptions=EXCEPTIONS):
    """What does not agree, as sentences; and the exceptions that nothing needs."""
    told, needed = [], set()

    def differ(kind, name, field, sentence):
        reason = next((entry for entry in exceptions if entry[0] == kind and entry[2] == field
                       and re.fullmatch(entry[1], name)), None)
        if reason:
            needed.add(reason)
        else:
            told.append(f"{kind} `{name}`: {sentence}")

    for kind in sorted({*lab, *terraform}):
        both(kind, lab.get(kind, {}), terraform.get(kind, {}), differ)
    for (kind, name), experiments in sorted(library.items(), key=str):
        used(kind, name, experiments, lab, terraform, differ)
    told += [f"the exception for {entry[0]} `{entry[1]}` is needed no more" for entry in exceptions if entry not in needed]
    return told


def both(kind, lab, terraform, differ):
    """Tells of names that one does not have, and of values that are not the same."""
    for name in sorted({*lab, *terraform}):
        if name not in terraform:
            differ(kind, name, "is there", f"only the lab has it{meant(name, terraform)}")
        elif name not in lab:
            differ(kind, name, "is there", f"only Terraform has it{meant(name, lab)}")
        else:
            fields(kind, name, lab[name], terraform[name], differ)


def fields(kind, name, lab, terraform, differ):
    for field in sorted({*lab, *terraform}):
        if lab.get(field) != terraform.get(field):
            differ(kind, name, field, f"{field} is {lab.get(field)} in the lab and {terraform.get(field)} in Terraform")


def used(kind, name, experiments, lab, terraform, differ):
    """Tells of a name of the library that one does not have."""
    for which, facts in (("the lab", lab), ("Terraform", terraform)):
        known = facts.get(kind, {}) if kind else {name: None for of_kind in facts.values() for name in of_kind}
        if name not in known:
            users = ", ".join(sorted(set(experiments)))
            differ(kind or "name", name, "is used", f"{users} uses it, and {which} does not have it{meant(name, known)}")
