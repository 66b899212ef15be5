"""Tags across services, and incidents: what the lab does not have."""

from .asking import lacking


@lacking("GetResources knows none of the lab's resources")
def check_resources_by_tag(lab):
    found = lab.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "Environment", "Values": ["live"]}])
    assert found["ResourceTagMappingList"]


@lacking("no Incident Manager")
def check_incidents(lab):
    assert "incidentRecordSummaries" in lab.client("ssm-incidents").list_incident_records()
