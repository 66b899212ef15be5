"""X-Ray: traces that clients put are there to be read."""

import datetime
import json
import time
import uuid

from .asking import holds, lacking, same


def trace(lab):
    """A trace of two services, the first of which failed."""
    now = time.time()
    own = f"1-{int(now):08x}-{uuid.uuid4().hex[:24]}"
    segment = lambda name, number, **more: json.dumps({"trace_id": own, "id": f"{number:016x}", "name": name, "start_time": now - 1, "end_time": now, **more})
    answer = {"request": {"url": "http://check.test/", "method": "GET"}, "response": {"status": 500}}
    documents = [segment("web", 1, http=answer, fault=True), segment("api", 2, parent_id=f"{1:016x}")]
    left = lab.client("xray").put_trace_segments(TraceSegmentDocuments=documents)
    same(left.get("UnprocessedTraceSegments", []), [])
    return own


def lately():
    now = datetime.datetime.now(datetime.timezone.utc)
    return {"StartTime": now - datetime.timedelta(minutes=2), "EndTime": now + datetime.timedelta(minutes=1)}


def check_traces(lab):
    xray = lab.client("xray")
    own = trace(lab)
    found = {one["Id"]: one for one in xray.get_trace_summaries(**lately())["TraceSummaries"]}
    holds(found[own], {"HasFault": True, "HasError": False})
    batch = xray.batch_get_traces(TraceIds=[own, "1-00000000-000000000000000000000000"])
    same([one["Id"] for one in batch["Traces"]], [own])
    same(sorted(json.loads(segment["Document"])["name"] for segment in batch["Traces"][0]["Segments"]), ["api", "web"])


@lacking("winterbaume-xray: GetTraceSummaries ignores FilterExpression")
def check_filters(lab):
    trace(lab)
    same(lab.client("xray").get_trace_summaries(**lately(), FilterExpression='service("nothing")')["TraceSummaries"], [])


@lacking("winterbaume-xray: GetServiceGraph is always empty")
def check_graph(lab):
    trace(lab)
    same(sorted(one["Name"] for one in lab.client("xray").get_service_graph(**lately())["Services"]), ["api", "web"])
