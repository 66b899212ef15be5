"""Lambda: functions as far as experiments change them; nothing runs."""

import io
import zipfile

from .asking import fresh, holds, lacking, refused, same

ROLE = "arn:aws:iam::123456789012:role/check"


def code():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("main.py", "def handler(event, context):\n    return event\n")
    return packed.getvalue()


def create(lab):
    name = fresh("check")
    what = {"Runtime": "python3.12", "Role": ROLE, "Handler": "main.handler", "Code": {"ZipFile": code()}}
    lab.client("lambda").create_function(FunctionName=name, **what, Timeout=3, MemorySize=128, Environment={"Variables": {"A": "1"}})
    return name


def check_functions(lab):
    functions = lab.client("lambda")
    name = create(lab)
    holds(functions.get_function_configuration(FunctionName=name), {"FunctionName": name, "Timeout": 3, "MemorySize": 128, "Environment": {"Variables": {"A": "1"}}})
    functions.update_function_configuration(FunctionName=name, Timeout=9, MemorySize=256, Environment={"Variables": {"B": "2"}})
    holds(functions.get_function_configuration(FunctionName=name), {"Timeout": 9, "MemorySize": 256, "Environment": {"Variables": {"B": "2"}}})
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=7)
    same(functions.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"], 7)
    functions.delete_function_concurrency(FunctionName=name)
    assert "ReservedConcurrentExecutions" not in functions.get_function_concurrency(FunctionName=name)
    same(functions.invoke(FunctionName=name, Payload=b"{}")["StatusCode"], 200)
    functions.delete_function(FunctionName=name)
    for call in (functions.get_function_configuration, functions.invoke, functions.get_function_concurrency):
        refused("ResourceNotFoundException", call, FunctionName=name)


def check_event_sources(lab):
    functions = lab.client("lambda")
    name = create(lab)
    made = functions.create_event_source_mapping(EventSourceArn="arn:aws:sqs:us-east-1:123456789012:check", FunctionName=name, BatchSize=5)["UUID"]
    assert made in [one["UUID"] for one in functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]]
    changed = functions.update_event_source_mapping(UUID=made, Enabled=False)
    assert changed["State"] in ("Disabling", "Disabled"), changed["State"]
    functions.delete_event_source_mapping(UUID=made)
    same(functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"], [])
    refused("ResourceNotFoundException", functions.delete_event_source_mapping, UUID=made)


def check_layers(lab):
    functions = lab.client("lambda")
    layer = fresh("check")
    made = functions.publish_layer_version(LayerName=layer, Content={"ZipFile": code()}, CompatibleRuntimes=["python3.12"])
    same(functions.get_layer_version(LayerName=layer, VersionNumber=1)["LayerVersionArn"], made["LayerVersionArn"])
    refused("ResourceNotFoundException", functions.get_layer_version, LayerName=layer + "-gone", VersionNumber=1)


@lacking("winterbaume-lambda: UpdateFunctionConfiguration drops Layers")
def check_layers_of_functions(lab):
    functions = lab.client("lambda")
    name = create(lab)
    layer = functions.publish_layer_version(LayerName=fresh("check"), Content={"ZipFile": code()})["LayerVersionArn"]
    functions.update_function_configuration(FunctionName=name, Layers=[layer])
    same([one["Arn"] for one in functions.get_function_configuration(FunctionName=name).get("Layers", [])], [layer])


@lacking("winterbaume-lambda: Invoke answers even where the function may not run at all")
def check_a_function_without_concurrency_is_throttled(lab):
    functions = lab.client("lambda")
    name = create(lab)
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    refused("TooManyRequestsException", functions.invoke, FunctionName=name, Payload=b"{}")


@lacking("winterbaume-lambda: ListEventSourceMappings ignores FunctionName and EventSourceArn")
def check_event_sources_of_one_function(lab):
    functions = lab.client("lambda")
    name = create(lab)
    made = functions.create_event_source_mapping(EventSourceArn="arn:aws:sqs:us-east-1:123456789012:check", FunctionName=name)["UUID"]
    others = functions.list_event_source_mappings(FunctionName=name + "-other")["EventSourceMappings"]
    functions.delete_event_source_mapping(UUID=made)
    same(others, [])
