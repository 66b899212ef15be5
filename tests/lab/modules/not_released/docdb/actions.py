"""Stands in for chaosaws.docdb.actions."""


def failover_docdb_cluster(docdb_cluster_identifier: str, target_docdb_instance_identifier: str = None, configuration=None, secrets=None):
    """Has a signature only."""
    raise NotImplementedError


__all__ = ["failover_docdb_cluster"]
