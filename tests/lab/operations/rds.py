"""RDS: databases that listen, and whose connections break."""

import socket
import struct

from .asking import becomes, fresh, holds, pages, patient, refused, same, until

LIVE = "live-chaos-comments-db"


class Connection:
    """A connection to a MySQL server that has greeted us."""

    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port), timeout=30)
        header = self.read(4)
        size = struct.unpack("<I", header[:3] + b"\0")[0]
        self.greeting = self.read(size)
        assert self.greeting[0] == 10, f"no greeting of MySQL: {self.greeting!r}"

    def read(self, size):
        found = b""
        while len(found) < size:
            part = self.socket.recv(size - len(found))
            if not part:
                raise ConnectionError("the server closed the connection")
            found += part
        return found

    def is_cut(self):
        """Whether the server has ended it; asked without waiting."""
        self.socket.setblocking(False)
        try:
            return self.socket.recv(1 << 16) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True


def connection(database):
    return Connection(database["Endpoint"]["Address"], database["Endpoint"]["Port"])


def answers(database):
    try:
        return connection(database) is not None
    except (OSError, AssertionError):
        return False


def instance(lab, name):
    return lab.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def status(lab, name):
    return instance(lab, name)["DBInstanceStatus"]


class Instance:
    """An instance of our own."""

    def __init__(self, lab, **more):
        self.lab, self.rds, self.name, self.more = lab, lab.client("rds"), fresh("check"), more

    def __enter__(self):
        made = self.create()["DBInstance"]
        same(made["DBInstanceStatus"], "creating")
        patient(self.rds, "db_instance_available", DBInstanceIdentifier=self.name)
        return self

    def __exit__(self, *_):
        self.rds.delete_db_instance(DBInstanceIdentifier=self.name, SkipFinalSnapshot=True)
        patient(self.rds, "db_instance_deleted", DBInstanceIdentifier=self.name)

    def create(self):
        user = {"MasterUsername": "check", "MasterUserPassword": "not-a-secret"}
        return self.rds.create_db_instance(DBInstanceIdentifier=self.name, DBInstanceClass="db.t3.micro", Engine="mysql", AllocatedStorage=20, **user, **self.more)

    def describe(self):
        return instance(self.lab, self.name)


def check_an_instance_lives(lab):
    rds = lab.client("rds")
    with Instance(lab, Tags=[{"Key": "Role", "Value": "check"}]) as own:
        found = own.describe()
        holds(found, {"Engine": "mysql", "DBInstanceClass": "db.t3.micro", "MultiAZ": False, "MasterUsername": "check", "AllocatedStorage": 20})
        same(found["TagList"], [{"Key": "Role", "Value": "check"}])
        assert answers(found), f"nothing answers at {found['Endpoint']}"
        refused("DBInstanceAlreadyExists", own.create)
        open_one = connection(found)
        same(rds.stop_db_instance(DBInstanceIdentifier=own.name)["DBInstance"]["DBInstanceStatus"], "stopping")
        becomes("stopped", lambda: status(lab, own.name), "the instance")
        assert open_one.is_cut() and not answers(found)
        refused("InvalidDBInstanceState", rds.reboot_db_instance, DBInstanceIdentifier=own.name)
        rds.start_db_instance(DBInstanceIdentifier=own.name)
        patient(rds, "db_instance_available", DBInstanceIdentifier=own.name)
        assert answers(own.describe())


def check_a_reboot_cuts_connections(lab):
    rds = lab.client("rds")
    with Instance(lab) as own:
        found = own.describe()
        open_one = connection(found)
        assert not open_one.is_cut()
        same(rds.reboot_db_instance(DBInstanceIdentifier=own.name)["DBInstance"]["DBInstanceStatus"], "rebooting")
        until("the cut", open_one.is_cut)
        same(own.describe()["DBInstanceStatus"], "rebooting")
        refused("InvalidDBInstanceState", rds.reboot_db_instance, DBInstanceIdentifier=own.name)
        patient(rds, "db_instance_available", DBInstanceIdentifier=own.name)
        assert answers(own.describe())
        told = [event["Message"] for event in rds.describe_events(SourceIdentifier=own.name, SourceType="db-instance", Duration=60)["Events"]]
        assert any("restarted" in message for message in told), told


def check_a_failover_changes_the_zone(lab):
    rds = lab.client("rds")
    with Instance(lab) as own:
        refused("InvalidParameterCombination", rds.reboot_db_instance, DBInstanceIdentifier=own.name, ForceFailover=True)
    with Instance(lab, MultiAZ=True) as own:
        before = own.describe()
        open_one = connection(before)
        rds.reboot_db_instance(DBInstanceIdentifier=own.name, ForceFailover=True)
        until("the cut", open_one.is_cut)
        patient(rds, "db_instance_available", DBInstanceIdentifier=own.name)
        after = own.describe()
        same(after["AvailabilityZone"], before["SecondaryAvailabilityZone"])
        same(after["Endpoint"]["Address"], before["Endpoint"]["Address"])
        assert answers(after)


def check_instances_are_found(lab):
    rds = lab.client("rds")
    holds(instance(lab, LIVE), {"DBInstanceIdentifier": LIVE, "MultiAZ": True, "DBName": "comments"})
    assert LIVE in [one["DBInstanceIdentifier"] for one in pages(rds, "describe_db_instances", "DBInstances", 20)[0]]
    refused("DBInstanceNotFound", rds.describe_db_instances, DBInstanceIdentifier="gone")
    for call in (rds.reboot_db_instance, rds.stop_db_instance, rds.start_db_instance):
        refused("DBInstanceNotFound", call, DBInstanceIdentifier="gone")
    refused("DBInstanceNotFound", rds.delete_db_instance, DBInstanceIdentifier="gone", SkipFinalSnapshot=True)
    filters = [{"Name": "engine", "Values": ["mysql"]}]
    assert LIVE in [one["DBInstanceIdentifier"] for one in rds.describe_db_instances(Filters=filters)["DBInstances"]]


def cluster(lab, name):
    return lab.client("rds").describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]


def check_a_cluster_fails_over(lab):
    rds = lab.client("rds")
    name = fresh("check")
    made = rds.create_db_cluster(DBClusterIdentifier=name, Engine="aurora-mysql", MasterUsername="check", MasterUserPassword="not-a-secret")["DBCluster"]
    holds(made, {"DBClusterIdentifier": name, "Status": "creating", "Engine": "aurora-mysql"})
    members = [f"{name}-{number}" for number in (1, 2)]
    for member in members:
        rds.create_db_instance(DBInstanceIdentifier=member, DBClusterIdentifier=name, DBInstanceClass="db.r6g.large", Engine="aurora-mysql")
    for member in members:
        patient(rds, "db_instance_available", DBInstanceIdentifier=member)
    patient(rds, "db_cluster_available", DBClusterIdentifier=name)
    writer = lambda: [one["DBInstanceIdentifier"] for one in cluster(lab, name)["DBClusterMembers"] if one["IsClusterWriter"]]
    [first] = writer()
    same(sorted(one["DBInstanceIdentifier"] for one in cluster(lab, name)["DBClusterMembers"]), members)
    other = next(member for member in members if member != first)
    found = cluster(lab, name)
    open_one = Connection(found["Endpoint"], found["Port"])
    rds.failover_db_cluster(DBClusterIdentifier=name, TargetDBInstanceIdentifier=other)
    until("the cut", open_one.is_cut)
    becomes([other], writer, "the writer")
    patient(rds, "db_cluster_available", DBClusterIdentifier=name)
    Connection(found["Endpoint"], found["Port"])
    endpoint = fresh("readers")
    rds.create_db_cluster_endpoint(DBClusterIdentifier=name, DBClusterEndpointIdentifier=endpoint, EndpointType="READER")
    endpoints = rds.describe_db_cluster_endpoints(DBClusterIdentifier=name)["DBClusterEndpoints"]
    assert endpoint in [one.get("DBClusterEndpointIdentifier") for one in endpoints], endpoints
    rds.delete_db_cluster_endpoint(DBClusterEndpointIdentifier=endpoint)
    rds.stop_db_cluster(DBClusterIdentifier=name)
    becomes("stopped", lambda: cluster(lab, name)["Status"], "the cluster")
    refused("InvalidDBClusterStateFault", rds.failover_db_cluster, DBClusterIdentifier=name)
    rds.start_db_cluster(DBClusterIdentifier=name)
    patient(rds, "db_cluster_available", DBClusterIdentifier=name)
    refused("InvalidDBClusterStateFault", rds.delete_db_cluster, DBClusterIdentifier=name, SkipFinalSnapshot=True)
    for member in members:
        rds.delete_db_instance(DBInstanceIdentifier=member, SkipFinalSnapshot=True)
    for member in members:
        patient(rds, "db_instance_deleted", DBInstanceIdentifier=member)
    rds.delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)
    patient(rds, "db_cluster_deleted", DBClusterIdentifier=name)


def check_missing_clusters(lab):
    rds = lab.client("rds")
    for call in (rds.describe_db_clusters, rds.failover_db_cluster, rds.stop_db_cluster):
        refused("DBClusterNotFoundFault", call, DBClusterIdentifier="gone")
    refused("DBClusterEndpointNotFoundFault", rds.delete_db_cluster_endpoint, DBClusterEndpointIdentifier="gone")
    assert isinstance(pages(rds, "describe_db_clusters", "DBClusters", 20)[0], list)


def check_documentdb(lab):
    """DocumentDB's API is that of RDS, with an engine of its own."""
    docdb = lab.client("docdb")
    name = fresh("check")
    docdb.create_db_cluster(DBClusterIdentifier=name, Engine="docdb", MasterUsername="check", MasterUserPassword="not-a-secret")
    members = [f"{name}-{number}" for number in (1, 2)]
    for member in members:
        docdb.create_db_instance(DBInstanceIdentifier=member, DBClusterIdentifier=name, DBInstanceClass="db.r6g.large", Engine="docdb")
    for member in members:
        patient(docdb, "db_instance_available", DBInstanceIdentifier=member)
    found = docdb.describe_db_clusters(DBClusterIdentifier=name, Filters=[{"Name": "engine", "Values": ["docdb"]}])["DBClusters"][0]
    holds(found, {"Engine": "docdb", "Status": "available"})
    writer = lambda: [one["DBInstanceIdentifier"] for one in cluster(lab, name)["DBClusterMembers"] if one["IsClusterWriter"]]
    [before] = writer()
    docdb.failover_db_cluster(DBClusterIdentifier=name)
    becomes([next(member for member in members if member != before)], writer, "the writer")
    becomes("available", lambda: cluster(lab, name)["Status"], "the cluster")
    for member in members:
        docdb.delete_db_instance(DBInstanceIdentifier=member)
    for member in members:
        patient(docdb, "db_instance_deleted", DBInstanceIdentifier=member)
    docdb.delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)
    becomes(True, lambda: not any(one["DBClusterIdentifier"] == name for one in docdb.describe_db_clusters()["DBClusters"]), "whether the cluster is gone")
