"""FIS: templates of experiments."""

from .asking import fresh, holds, lacking, refused, same


def template(lab):
    made = lab.client("fis").create_experiment_template(
        clientToken=fresh("check"),
        description="check",
        stopConditions=[{"source": "none"}],
        targets={"all": {"resourceType": "aws:ec2:instance", "resourceTags": {"Name": "check"}, "selectionMode": "ALL"}},
        actions={"stop": {"actionId": "aws:ec2:stop-instances", "targets": {"Instances": "all"}}},
        roleArn="arn:aws:iam::123456789012:role/check",
        tags={"Role": "check"},
    )
    return made["experimentTemplate"]


def check_templates(lab):
    fis = lab.client("fis")
    made = template(lab)
    holds(made, {"description": "check", "tags": {"Role": "check"}})
    same(made["actions"]["stop"]["actionId"], "aws:ec2:stop-instances")
    fis.tag_resource(resourceArn=made["arn"], tags={"More": "b"})
    same(fis.get_experiment_template(id=made["id"])["experimentTemplate"]["tags"], {"Role": "check", "More": "b"})
    same(fis.delete_experiment_template(id=made["id"])["experimentTemplate"]["id"], made["id"])
    refused("ResourceNotFoundException", fis.delete_experiment_template, id=made["id"])


@lacking("winterbaume-fis: no StartExperiment, GetExperiment, ListExperiments, StopExperiment")
def check_experiments(lab):
    fis = lab.client("fis")
    made = fis.start_experiment(clientToken=fresh("check"), experimentTemplateId=template(lab)["id"], tags={"Run": "check"})["experiment"]
    holds(fis.get_experiment(id=made["id"])["experiment"], {"id": made["id"], "tags": {"Run": "check"}})
    assert made["id"] in [one["id"] for one in fis.list_experiments()["experiments"]]
    assert fis.stop_experiment(id=made["id"])["experiment"]["state"]["status"] in ("stopping", "stopped")
