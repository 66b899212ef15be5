"""CloudWatch: metrics, and alarms that tell."""

import datetime
import json
import threading
import time

from .asking import becomes, fresh, holds, pages, refused, same, until


def moment(minutes=0):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)


def put(lab, namespace, value, name="Load", **more):
    lab.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[{"MetricName": name, "Value": value, "Unit": "Count", **more}])


def check_statistics_of_own_metrics(lab):
    cloudwatch = lab.client("cloudwatch")
    space = fresh("Check")
    dimensions = [{"Name": "Part", "Value": "one"}]
    for value in (1, 2, 6):
        put(lab, space, value, Dimensions=dimensions)
    put(lab, space, 100, Dimensions=[{"Name": "Part", "Value": "other"}])
    asked = {"Namespace": space, "MetricName": "Load", "StartTime": moment(-10), "EndTime": moment(1), "Period": 3600}
    found = cloudwatch.get_metric_statistics(**asked, Dimensions=dimensions, Statistics=["Sum", "Average", "Minimum", "Maximum", "SampleCount"])
    same(found["Label"], "Load")
    points = found["Datapoints"]
    # an hour may begin between two of them
    same(sum(point["Sum"] for point in points), 9.0)
    same((sum(point["SampleCount"] for point in points), min(point["Minimum"] for point in points), max(point["Maximum"] for point in points)), (3.0, 1.0, 6.0))
    assert len(points) > 1 or points[0]["Average"] == 3.0
    same(points[0]["Unit"], "Count")
    found = cloudwatch.get_metric_statistics(**asked, Dimensions=dimensions, ExtendedStatistics=["p50"])
    assert found["Datapoints"][0]["ExtendedStatistics"]["p50"] > 0, found
    same(cloudwatch.get_metric_statistics(**asked, Statistics=["Sum"])["Datapoints"], [], "without its dimensions, the metric")
    refused("MissingParameter", cloudwatch.get_metric_statistics, **asked)


def check_sets_of_statistics_and_counts(lab):
    cloudwatch = lab.client("cloudwatch")
    space = fresh("Check")
    data = [
        {"MetricName": "Load", "StatisticValues": {"SampleCount": 4, "Sum": 20, "Minimum": 1, "Maximum": 9}},
        {"MetricName": "Load", "Values": [2.0, 3.0], "Counts": [5.0, 1.0]},
    ]
    cloudwatch.put_metric_data(Namespace=space, MetricData=data)
    points = cloudwatch.get_metric_statistics(Namespace=space, MetricName="Load", StartTime=moment(-10), EndTime=moment(1), Period=60, Statistics=["Sum", "SampleCount", "Maximum"])["Datapoints"]
    same((sum(point["Sum"] for point in points), sum(point["SampleCount"] for point in points)), (33.0, 10.0))


def check_metric_data(lab):
    cloudwatch = lab.client("cloudwatch")
    space = fresh("Check")
    for name, value in (("Good", 3), ("Good", 5), ("Bad", 2)):
        put(lab, space, value, name)
    query = lambda name: {"Id": name.lower(), "MetricStat": {"Metric": {"Namespace": space, "MetricName": name}, "Period": 60, "Stat": "Sum"}, "ReturnData": False}
    queries = [query("Good"), query("Bad"), {"Id": "share", "Expression": "bad / (good + bad) * 100", "Label": "Share of bad"}]
    asked = {"MetricDataQueries": queries, "StartTime": moment(-10), "EndTime": moment(1)}
    found = cloudwatch.get_metric_data(**asked)["MetricDataResults"]
    same([one["Id"] for one in found], ["share"])
    holds(found[0], {"Label": "Share of bad", "StatusCode": "Complete"})
    same(len(found[0]["Values"]), len(found[0]["Timestamps"]))
    assert found[0]["Values"] == [20.0] or len(found[0]["Values"]) > 1, found
    all_at_once = [{**one, "ReturnData": True} for one in queries]
    results = {one["Id"]: sum(one["Values"]) for one in cloudwatch.get_metric_data(MetricDataQueries=all_at_once, StartTime=moment(-10), EndTime=moment(1))["MetricDataResults"]}
    same((results["good"], results["bad"]), (8.0, 2.0))
    items, _ = pages(cloudwatch, "get_metric_data", "MetricDataResults", 1, **asked)
    assert items
    refused("ValidationError", cloudwatch.get_metric_data, MetricDataQueries=[{"Id": "Upper", "Expression": "1"}], StartTime=moment(-10), EndTime=moment(1))


def check_metrics_are_listed(lab):
    cloudwatch = lab.client("cloudwatch")
    space = fresh("Check")
    put(lab, space, 1, Dimensions=[{"Name": "Part", "Value": "one"}])
    found = cloudwatch.list_metrics(Namespace=space)["Metrics"]
    same(found, [{"Namespace": space, "MetricName": "Load", "Dimensions": [{"Name": "Part", "Value": "one"}]}])


def check_what_is_wrong_is_refused(lab):
    cloudwatch = lab.client("cloudwatch")
    refused("InvalidParameterValue", cloudwatch.put_metric_data, Namespace="AWS/ECS", MetricData=[{"MetricName": "CPUUtilization", "Value": 1}])
    same(cloudwatch.describe_alarms(AlarmNames=["gone"])["MetricAlarms"], [])
    refused("ResourceNotFound", cloudwatch.set_alarm_state, AlarmName="gone", StateValue="OK", StateReason="check")


class Alarm:
    """An alarm on a metric of our own."""

    def __init__(self, lab, **more):
        self.lab, self.cloudwatch, self.space, self.name = lab, lab.client("cloudwatch"), fresh("Check"), fresh("check")
        self.more = {"Period": 60, "EvaluationPeriods": 1, "Statistic": "Average", "ComparisonOperator": "GreaterThanThreshold", "Threshold": 10, **more}
        self.value, self.ended = None, threading.Event()

    def __enter__(self):
        self.cloudwatch.put_metric_alarm(AlarmName=self.name, Namespace=self.space, MetricName="Load", **self.more)
        self.feeder = threading.Thread(target=self.feed)
        self.feeder.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.feeder.join()
        self.cloudwatch.delete_alarms(AlarmNames=[self.name])
        assert not self.cloudwatch.describe_alarms(AlarmNames=[self.name])["MetricAlarms"]

    def feed(self):
        """Measures the value over and over, as long as there is one."""
        while not self.ended.wait(0.5):
            if self.value is not None:
                put(self.lab, self.space, self.value)

    def describe(self):
        return self.cloudwatch.describe_alarms(AlarmNames=[self.name])["MetricAlarms"][0]

    def state(self):
        return self.describe()["StateValue"]

    def goes(self, state, value):
        self.value = value
        becomes(state, self.state, "the alarm", seconds=90)


def queue_of_topic(lab):
    """A topic, and a queue that gets what it is told."""
    name = fresh("check")
    topic = lab.client("sns").create_topic(Name=name)["TopicArn"]
    url = lab.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    queue = lab.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    lab.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    return topic, url


def received(lab, url):
    """What a message in a queue says, as its topic's subscriber reads it."""
    def receive():
        return lab.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages")

    [message] = until("a message", receive)
    lab.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    envelope = json.loads(message["Body"])
    return envelope, json.loads(envelope["Message"])


def check_an_alarm_goes_off_and_ends_and_tells(lab):
    topic, url = queue_of_topic(lab)
    with Alarm(lab, AlarmActions=[topic], OKActions=[topic]) as alarm:
        same(alarm.state(), "INSUFFICIENT_DATA")
        alarm.goes("OK", 1)
        envelope, told = received(lab, url)
        same((told["OldStateValue"], told["NewStateValue"]), ("INSUFFICIENT_DATA", "OK"))
        alarm.goes("ALARM", 99)
        envelope, told = received(lab, url)
        holds(envelope, {"Type": "Notification", "TopicArn": topic})
        assert alarm.name in envelope["Subject"] and "ALARM" in envelope["Subject"], envelope["Subject"]
        holds(told, {"AlarmName": alarm.name, "OldStateValue": "OK", "NewStateValue": "ALARM", "AWSAccountId": "123456789012"})
        holds(told["Trigger"], {"MetricName": "Load", "Namespace": alarm.space, "Threshold": 10.0})
        assert alarm.describe()["StateReason"], alarm.describe()
        alarm.goes("OK", 1)
        _, told = received(lab, url)
        same((told["OldStateValue"], told["NewStateValue"]), ("ALARM", "OK"))


def check_missing_data(lab):
    breaching = Alarm(lab, TreatMissingData="breaching")
    fine = Alarm(lab, TreatMissingData="notBreaching")
    with breaching, fine, Alarm(lab, TreatMissingData="missing") as usual:
        becomes("ALARM", breaching.state, "an alarm over missing data that breaches")
        becomes("OK", fine.state, "an alarm over missing data that does not breach")
        same(usual.state(), "INSUFFICIENT_DATA")
        usual.goes("OK", 1)
        usual.goes("INSUFFICIENT_DATA", None)


def check_several_periods(lab):
    """One bad period of two is not enough."""
    with Alarm(lab, EvaluationPeriods=2, DatapointsToAlarm=2, Statistic="Maximum") as alarm:
        alarm.goes("OK", 1)
        put(lab, alarm.space, 99)
        began = time.monotonic()
        while time.monotonic() - began < 15:
            same(alarm.state(), "OK")
            time.sleep(0.5)
        alarm.goes("ALARM", 99)


def check_set_alarm_state(lab):
    topic, url = queue_of_topic(lab)
    with Alarm(lab, AlarmActions=[topic], Period=3600, EvaluationPeriods=24) as alarm:
        alarm.cloudwatch.set_alarm_state(AlarmName=alarm.name, StateValue="ALARM", StateReason="a drill")
        same(alarm.state(), "ALARM")
        _, told = received(lab, url)
        holds(told, {"NewStateValue": "ALARM", "NewStateReason": "a drill"})
        history = alarm.cloudwatch.describe_alarm_history(AlarmName=alarm.name, HistoryItemType="StateUpdate")["AlarmHistoryItems"]
        assert "ALARM" in history[0]["HistorySummary"], history


def check_alarms_are_found(lab):
    cloudwatch = lab.client("cloudwatch")
    names = [one["AlarmName"] for one in cloudwatch.describe_alarms(AlarmNamePrefix="ELB_5XX_Response-Count/")["MetricAlarms"]]
    same(names, ["ELB_5XX_Response-Count/live/comments/public-alb"])
    with Alarm(lab, TreatMissingData="breaching") as alarm:
        becomes("ALARM", alarm.state, "the alarm")
        assert alarm.name in [one["AlarmName"] for one in cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]]
        assert alarm.name not in [one["AlarmName"] for one in cloudwatch.describe_alarms(StateValue="OK")["MetricAlarms"]]
        items, count = pages(cloudwatch, "describe_alarms", "MetricAlarms", 3)
        assert alarm.name in [one["AlarmName"] for one in items] and count >= 3, count
        of_metric = cloudwatch.describe_alarms_for_metric(Namespace=alarm.space, MetricName="Load")["MetricAlarms"]
        same([one["AlarmName"] for one in of_metric], [alarm.name])


def check_metrics_of_services(lab):
    """CPU of tasks, and the counts that alarms of capacity look at."""
    cloudwatch = lab.client("cloudwatch")
    dimensions = [{"Name": "ClusterName", "Value": "live-chaos-comment-cluster"}, {"Name": "ServiceName", "Value": "comments-web-service"}]

    def average(namespace, name):
        asked = {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions, "Statistics": ["Average"]}
        points = cloudwatch.get_metric_statistics(**asked, StartTime=moment(-5), EndTime=moment(1), Period=60)["Datapoints"]
        return points and points[-1]["Average"]

    for name in ("CPUUtilization", "MemoryUtilization"):
        value = until(name, lambda: average("AWS/ECS", name))
        assert 0 < value <= 110, f"{name} is {value} per cent"
    same([average("ECS/ContainerInsights", name) for name in ("DesiredTaskCount", "RunningTaskCount", "PendingTaskCount")], [2.0, 2.0, 0.0])
