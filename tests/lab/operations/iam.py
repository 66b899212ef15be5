"""IAM and STS: roles, policies, and who one is."""

import json

from .asking import fresh, holds, pages, refused, same

NOBODY = json.dumps({"Version": "2012-10-17", "Statement": []})


def check_roles_and_policies(lab):
    iam = lab.client("iam")
    name = fresh("check")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=NOBODY)["Role"]
    same(role["Arn"], f"arn:aws:iam::123456789012:role/{name}")
    refused("EntityAlreadyExists", iam.create_role, RoleName=name, AssumeRolePolicyDocument=NOBODY)
    iam.tag_role(RoleName=name, Tags=[{"Key": "Role", "Value": "check"}])
    same(iam.list_role_tags(RoleName=name)["Tags"], [{"Key": "Role", "Value": "check"}])
    policies = [iam.create_policy(PolicyName=f"{name}-{number}", PolicyDocument=NOBODY)["Policy"]["Arn"] for number in (1, 2)]
    holds(iam.get_policy(PolicyArn=policies[0])["Policy"], {"Arn": policies[0], "AttachmentCount": 0, "DefaultVersionId": "v1"})
    iam.tag_policy(PolicyArn=policies[0], Tags=[{"Key": "Role", "Value": "check"}])
    same(iam.list_policy_tags(PolicyArn=policies[0])["Tags"], [{"Key": "Role", "Value": "check"}])
    for policy in policies:
        iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    found, _ = pages(iam, "list_attached_role_policies", "AttachedPolicies", 100, RoleName=name)
    same(sorted(one["PolicyArn"] for one in found), policies)
    same(iam.get_policy(PolicyArn=policies[0])["Policy"]["AttachmentCount"], 1)
    refused("DeleteConflict", iam.delete_policy, PolicyArn=policies[0])
    refused("DeleteConflict", iam.delete_role, RoleName=name)
    for policy in policies:
        iam.detach_role_policy(RoleName=name, PolicyArn=policy)
        iam.delete_policy(PolicyArn=policy)
    refused("NoSuchEntity", iam.detach_role_policy, RoleName=name, PolicyArn=policies[0])
    refused("NoSuchEntity", iam.get_policy, PolicyArn=policies[0])
    iam.delete_role(RoleName=name)
    refused("NoSuchEntity", iam.get_role, RoleName=name)
    refused("NoSuchEntity", iam.list_attached_role_policies, RoleName=name)


def check_who_one_is(lab):
    sts = lab.client("sts")
    same(sts.get_caller_identity()["Account"], "123456789012")
    assumed = sts.assume_role(RoleArn="arn:aws:iam::123456789012:role/chaos", RoleSessionName="check")
    same(assumed["AssumedRoleUser"]["Arn"], "arn:aws:sts::123456789012:assumed-role/chaos/check")
    assert all(assumed["Credentials"][name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"))
