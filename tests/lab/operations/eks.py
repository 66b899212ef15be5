"""EKS: clusters by name."""

from .asking import fresh, holds, patient, refused


def check_clusters(lab):
    eks = lab.client("eks")
    name = fresh("check")
    made = eks.create_cluster(name=name, roleArn="arn:aws:iam::123456789012:role/check", resourcesVpcConfig={"subnetIds": ["subnet-1", "subnet-2"]})["cluster"]
    assert made["status"] in ("CREATING", "ACTIVE"), made["status"]
    patient(eks, "cluster_active", name=name)
    holds(eks.describe_cluster(name=name)["cluster"], {"name": name, "status": "ACTIVE", "arn": f"arn:aws:eks:us-east-1:123456789012:cluster/{name}"})
    assert name in eks.list_clusters()["clusters"]
    refused("ResourceInUseException", eks.create_cluster, name=name, roleArn="arn:aws:iam::123456789012:role/check", resourcesVpcConfig={"subnetIds": ["subnet-1", "subnet-2"]})
    eks.delete_cluster(name=name)
    patient(eks, "cluster_deleted", name=name)
    refused("ResourceNotFoundException", eks.describe_cluster, name=name)
    refused("ResourceNotFoundException", eks.delete_cluster, name=name)
