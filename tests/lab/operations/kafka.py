"""MSK: clusters and their brokers."""

from .asking import becomes, fresh, holds, lacking, refused, same

MISSING = "arn:aws:kafka:us-east-1:123456789012:cluster/gone/00000000-0000-4000-8000-000000000000-1"


def cluster(lab):
    nodes = {"ClientSubnets": ["subnet-1", "subnet-2", "subnet-3"], "InstanceType": "kafka.m5.large"}
    return lab.client("kafka").create_cluster(ClusterName=fresh("check"), KafkaVersion="3.6.0", NumberOfBrokerNodes=3, BrokerNodeGroupInfo=nodes)["ClusterArn"]


def check_clusters(lab):
    kafka = lab.client("kafka")
    arn = cluster(lab)
    holds(kafka.describe_cluster(ClusterArn=arn)["ClusterInfo"], {"ClusterArn": arn, "NumberOfBrokerNodes": 3})
    assert arn in [one["ClusterArn"] for one in kafka.list_clusters()["ClusterInfoList"]]
    same(kafka.delete_cluster(ClusterArn=arn)["State"], "DELETING")
    for call in (kafka.describe_cluster, kafka.delete_cluster, kafka.get_bootstrap_brokers):
        refused("NotFoundException", call, ClusterArn=MISSING)


@lacking("winterbaume-kafka: a cluster stays in CREATING")
def check_clusters_become_active(lab):
    arn = cluster(lab)
    becomes("ACTIVE", lambda: lab.client("kafka").describe_cluster(ClusterArn=arn)["ClusterInfo"]["State"], "the cluster", seconds=3)


@lacking("winterbaume-kafka: GetBootstrapBrokers finds no cluster")
def check_brokers(lab):
    assert lab.client("kafka").get_bootstrap_brokers(ClusterArn=cluster(lab))


@lacking("winterbaume-kafka: no RebootBroker")
def check_reboots(lab):
    arn = cluster(lab)
    same(lab.client("kafka").reboot_broker(ClusterArn=arn, BrokerIds=["1"])["ClusterArn"], arn)
