"""ElastiCache: cache clusters and replication groups."""

from .asking import fresh, holds, lacking, patient, refused


def cluster(lab):
    elasticache = lab.client("elasticache")
    name = fresh("check")
    elasticache.create_cache_cluster(CacheClusterId=name, Engine="memcached", NumCacheNodes=2, CacheNodeType="cache.t3.micro")
    patient(elasticache, "cache_cluster_available", CacheClusterId=name)
    return name


def group(lab):
    elasticache = lab.client("elasticache")
    name = fresh("check")
    nodes = {"NumNodeGroups": 1, "ReplicasPerNodeGroup": 1, "AutomaticFailoverEnabled": True, "CacheNodeType": "cache.t3.micro", "Engine": "redis"}
    elasticache.create_replication_group(ReplicationGroupId=name, ReplicationGroupDescription="check", **nodes)
    patient(elasticache, "replication_group_available", ReplicationGroupId=name)
    return name


def check_clusters(lab):
    elasticache = lab.client("elasticache")
    name = cluster(lab)
    found = elasticache.describe_cache_clusters(CacheClusterId=name)["CacheClusters"][0]
    holds(found, {"CacheClusterId": name, "CacheClusterStatus": "available", "NumCacheNodes": 2, "Engine": "memcached"})
    elasticache.delete_cache_cluster(CacheClusterId=name)
    patient(elasticache, "cache_cluster_deleted", CacheClusterId=name)
    refused("CacheClusterNotFound", elasticache.describe_cache_clusters, CacheClusterId=name)
    refused("CacheClusterNotFound", elasticache.delete_cache_cluster, CacheClusterId=name)


def check_replication_groups(lab):
    elasticache = lab.client("elasticache")
    name = group(lab)
    holds(elasticache.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0], {"ReplicationGroupId": name, "Status": "available", "AutomaticFailover": "enabled"})
    elasticache.delete_replication_group(ReplicationGroupId=name)
    assert name not in [one["ReplicationGroupId"] for one in elasticache.describe_replication_groups()["ReplicationGroups"]]


@lacking("winterbaume-elasticache: the code is ReplicationGroupNotFound, and boto3's waiter replication_group_deleted does not know it")
def check_missing_replication_groups(lab):
    refused("ReplicationGroupNotFoundFault", lab.client("elasticache").describe_replication_groups, ReplicationGroupId="gone")


@lacking("winterbaume-elasticache: DescribeCacheClusters tells no nodes")
def check_nodes(lab):
    found = lab.client("elasticache").describe_cache_clusters(CacheClusterId=cluster(lab), ShowCacheNodeInfo=True)["CacheClusters"][0]
    assert [one["CacheNodeId"] for one in found.get("CacheNodes", [])] == ["0001", "0002"]


@lacking("winterbaume-elasticache: no RebootCacheCluster")
def check_reboots(lab):
    name = cluster(lab)
    found = lab.client("elasticache").reboot_cache_cluster(CacheClusterId=name, CacheNodeIdsToReboot=["0001"])["CacheCluster"]
    holds(found, {"CacheClusterId": name, "CacheClusterStatus": "rebooting cluster nodes"})


@lacking("winterbaume-elasticache: no TestFailover")
def check_failovers(lab):
    name = group(lab)
    holds(lab.client("elasticache").test_failover(ReplicationGroupId=name, NodeGroupId="0001")["ReplicationGroup"], {"ReplicationGroupId": name})
