"""Stands in for chaosaws.docdb.probes."""


def cluster_status(docdb_cluster_identifier: str = None, filters=None, configuration=None, secrets=None):
    """Has a signature only."""
    raise NotImplementedError


__all__ = ["cluster_status"]
