"""Elastic Load Balancing: balancers that really answer, their rules, health checks, draining and metrics."""

import datetime
import http.server
import threading
import time

from . import stack
from .asking import becomes, fetch, fresh, holds, pages, patient, refused, same, subnets, until, vpc
from .stack import Balancer, Service, address_of


class Site:
    """A small server of our own at an address of the lab, to be a target."""

    def __init__(self, address, status=200, wait=0.0):
        site = self
        self.address, self.status, self.wait, self.asked = address, status, wait, []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                healthy = self.path == "/spam/health"
                if not healthy:
                    site.asked.append(self.path)
                    time.sleep(site.wait)
                self.send_response(site.health if healthy else site.status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_):
                pass

        self.health = 200
        self.server = http.server.ThreadingHTTPServer((address, 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.target = {"Id": address, "Port": self.port}

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def site_address(lab, last=250):
    """An address of the VPC that the lab itself does not give to anyone so soon."""
    block = lab.client("ec2").describe_subnets(SubnetIds=[subnets(lab)[0]])["Subnets"][0]["CidrBlock"]
    return block.rsplit(".", 1)[0] + f".{last}"


def check_load_balancers(lab):
    elb = lab.client("elbv2")
    with Balancer(lab) as balancer:
        patient(elb, "load_balancer_available", LoadBalancerArns=[balancer.arn])
        found = elb.describe_load_balancers(LoadBalancerArns=[balancer.arn])["LoadBalancers"][0]
        holds(found, {"Type": "application", "Scheme": "internet-facing", "VpcId": vpc(lab), "State": {"Code": "active"}})
        same(sorted(zone["ZoneName"] for zone in found["AvailabilityZones"]), ["us-east-1a", "us-east-1b", "us-east-1c"])
        same(elb.describe_load_balancers(Names=[found["LoadBalancerName"]])["LoadBalancers"][0]["LoadBalancerArn"], balancer.arn)
        refused("DuplicateLoadBalancerName", elb.create_load_balancer, Name=found["LoadBalancerName"], Subnets=subnets(lab))
        items, count = pages(elb, "describe_load_balancers", "LoadBalancers", 1)
        assert len(items) == count >= 3, (len(items), count)
        refused("ResourceInUse", elb.delete_target_group, TargetGroupArn=balancer.group)
        listeners = elb.describe_listeners(LoadBalancerArn=balancer.arn)["Listeners"]
        same([(one["Port"], one["Protocol"]) for one in listeners], [(80, "HTTP")])
        same(balancer.get(), 503, "an empty group's answer")
    refused("LoadBalancerNotFound", elb.describe_load_balancers, LoadBalancerArns=[balancer.arn])
    refused("LoadBalancerNotFound", elb.describe_load_balancers, Names=["gone"])
    refused("TargetGroupNotFound", elb.describe_target_groups, Names=["gone"])
    same(fetch(balancer.url)[0], 0, "what answers after its end")


def check_attributes_and_tags(lab):
    elb = lab.client("elbv2")
    with Balancer(lab) as balancer:
        attributes = lambda: {one["Key"]: one["Value"] for one in elb.describe_load_balancer_attributes(LoadBalancerArn=balancer.arn)["Attributes"]}
        holds(attributes(), {"idle_timeout.timeout_seconds": "60", "deletion_protection.enabled": "false", "load_balancing.cross_zone.enabled": "true"})
        protect = lambda value: elb.modify_load_balancer_attributes(LoadBalancerArn=balancer.arn, Attributes=[{"Key": "deletion_protection.enabled", "Value": value}])
        protect("true")
        same(attributes()["deletion_protection.enabled"], "true")
        refused("OperationNotPermitted", elb.delete_load_balancer, LoadBalancerArn=balancer.arn)
        protect("false")
        elb.add_tags(ResourceArns=[balancer.arn], Tags=[{"Key": "Role", "Value": "check"}])
        described = elb.describe_tags(ResourceArns=[balancer.arn, balancer.group])["TagDescriptions"]
        same({one["ResourceArn"]: one["Tags"] for one in described}, {balancer.arn: [{"Key": "Role", "Value": "check"}], balancer.group: []})
        elb.remove_tags(ResourceArns=[balancer.arn], TagKeys=["Role"])
        same(elb.describe_tags(ResourceArns=[balancer.arn])["TagDescriptions"][0]["Tags"], [])


def check_security_groups_and_subnets(lab):
    elb, ec2 = lab.client("elbv2"), lab.client("ec2")
    with Balancer(lab) as balancer:
        group = ec2.create_security_group(GroupName=fresh("check"), Description="check", VpcId=vpc(lab))["GroupId"]
        same(elb.set_security_groups(LoadBalancerArn=balancer.arn, SecurityGroups=[group])["SecurityGroupIds"], [group])
        same(elb.describe_load_balancers(LoadBalancerArns=[balancer.arn])["LoadBalancers"][0]["SecurityGroups"], [group])
        two = subnets(lab, "public")[:2]
        zones = elb.set_subnets(LoadBalancerArn=balancer.arn, Subnets=two)["AvailabilityZones"]
        same(sorted(zone["SubnetId"] for zone in zones), sorted(two))
        found = elb.describe_load_balancers(LoadBalancerArns=[balancer.arn])["LoadBalancers"][0]
        same(sorted(zone["ZoneName"] for zone in found["AvailabilityZones"]), ["us-east-1a", "us-east-1b"])
        refused("SubnetNotFound", elb.set_subnets, LoadBalancerArn=balancer.arn, Subnets=[two[0], "subnet-00000000000000000"])
        refused("ValidationError", elb.set_subnets, LoadBalancerArn=balancer.arn, Subnets=two[:1])


def check_targets_are_checked(lab):
    with Site(site_address(lab)) as site, Balancer(lab) as balancer:
        elb = balancer.elb
        elb.register_targets(TargetGroupArn=balancer.group, Targets=[site.target])
        assert balancer.health()[(site.address, site.port)] in ("initial", "healthy"), balancer.health()
        patient(elb, "target_in_service", TargetGroupArn=balancer.group, Targets=[site.target])
        same(balancer.get("/"), 200)
        site.health = 500
        becomes({(site.address, site.port): "unhealthy"}, balancer.health, "the target")
        found = elb.describe_target_health(TargetGroupArn=balancer.group)["TargetHealthDescriptions"][0]["TargetHealth"]
        same(found["Reason"], "Target.ResponseCodeMismatch")
        assert "500" in found["Description"], found
        # with none that is healthy, requests go to all
        same(balancer.get("/"), 200)
        site.health = 200
        becomes({(site.address, site.port): "healthy"}, balancer.health, "the target")
        elb.deregister_targets(TargetGroupArn=balancer.group, Targets=[site.target])
        assert set(balancer.health().values()) <= {"draining"}, balancer.health()
        patient(elb, "target_deregistered", TargetGroupArn=balancer.group, Targets=[site.target])
        same(balancer.get("/"), 503)
        refused("TargetGroupNotFound", elb.describe_target_health, TargetGroupArn=balancer.group + "0")


def check_one_sick_target_gets_nothing(lab):
    with Site(site_address(lab)) as well, Site(site_address(lab, 251)) as sick, Balancer(lab) as balancer:
        balancer.elb.register_targets(TargetGroupArn=balancer.group, Targets=[well.target, sick.target])
        until("two healthy targets", lambda: len(balancer.healthy()) == 2)
        for _ in range(10):
            same(balancer.get("/"), 200)
        same((len(well.asked), len(sick.asked)), (5, 5), "in turn, the requests of each")
        sick.health, sick.status = 503, 500
        becomes({(well.address, well.port)}, balancer.healthy, "the healthy target")
        same({balancer.get("/") for _ in range(10)}, {200})
        same(len(sick.asked), 5)


def check_a_target_that_drains_ends_its_requests(lab):
    with Site(site_address(lab), wait=1.5) as site, Balancer(lab) as balancer:
        balancer.elb.register_targets(TargetGroupArn=balancer.group, Targets=[site.target])
        until("a healthy target", balancer.healthy)
        answers = []
        visitor = threading.Thread(target=lambda: answers.append(balancer.get("/slow")))
        visitor.start()
        until("the request", lambda: site.asked)
        balancer.elb.deregister_targets(TargetGroupArn=balancer.group, Targets=[site.target])
        same(balancer.health(), {(site.address, site.port): "draining"})
        same(balancer.get("/new"), 503)
        visitor.join()
        same(answers, [200])


def check_a_dead_target_is_a_bad_gateway(lab):
    with Balancer(lab) as balancer:
        with Site(site_address(lab)) as site:
            balancer.elb.register_targets(TargetGroupArn=balancer.group, Targets=[site.target])
            until("a healthy target", balancer.healthy)
        same(balancer.get("/"), 502)
        until("an unhealthy target", lambda: list(balancer.health().values()) == ["unhealthy"])
        found = balancer.elb.describe_target_health(TargetGroupArn=balancer.group)["TargetHealthDescriptions"][0]["TargetHealth"]
        assert found["Reason"] in ("Target.FailedHealthChecks", "Target.Timeout"), found
        counted = lambda name: total(lab, name, balancer.dimensions)
        becomes(1.0, lambda: counted("HTTPCode_ELB_502_Count"), "HTTPCode_ELB_502_Count")
        same((counted("HTTPCode_ELB_5XX_Count"), counted("TargetConnectionErrorCount")), (1.0, 1.0))


def check_rules(lab):
    elb = lab.client("elbv2")
    with Balancer(lab) as balancer:
        fixed = lambda text, status="200": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": status, "ContentType": "text/plain", "MessageBody": text}}]
        path = lambda *values: [{"Field": "path-pattern", "PathPatternConfig": {"Values": list(values)}}]
        made = elb.create_rule(ListenerArn=balancer.listener, Priority=10, Conditions=path("/a", "/a/*"), Actions=fixed("rule a"))
        rule = made["Rules"][0]["RuleArn"]
        elb.create_rule(ListenerArn=balancer.listener, Priority=5, Conditions=path("/a/first"), Actions=fixed("rule first", "404"))
        same(fetch(balancer.url + "/a/x"), (200, "rule a"))
        same(fetch(balancer.url + "/a/first"), (404, "rule first"))
        same(fetch(balancer.url + "/ab")[0], 503)
        refused("PriorityInUse", elb.create_rule, ListenerArn=balancer.listener, Priority=10, Conditions=path("/b"), Actions=fixed("b"))
        shown = elb.describe_rules(ListenerArn=balancer.listener)["Rules"]
        same([one["Priority"] for one in shown], ["5", "10", "default"])
        elb.modify_rule(RuleArn=rule, Actions=fixed("changed"))
        same(fetch(balancer.url + "/a"), (200, "changed"))
        elb.modify_listener(ListenerArn=balancer.listener, DefaultActions=fixed("nothing here", "404"))
        same(fetch(balancer.url + "/ab"), (404, "nothing here"))
        elb.delete_rule(RuleArn=rule)
        same(fetch(balancer.url + "/a"), (404, "nothing here"))
        refused("RuleNotFound", elb.delete_rule, RuleArn=rule)


def total(lab, name, dimensions, namespace="AWS/ApplicationELB", statistic="Sum"):
    """A metric of the last ten minutes, as one number."""
    now = datetime.datetime.now(datetime.timezone.utc)
    asked = {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions, "Statistics": [statistic]}
    found = lab.client("cloudwatch").get_metric_statistics(**asked, StartTime=now - datetime.timedelta(minutes=10), EndTime=now + datetime.timedelta(minutes=1), Period=60)
    values = [point[statistic] for point in found["Datapoints"]]
    return (sum(values) if statistic == "Sum" else max(values, default=0.0)) if values else 0.0


def check_metrics_count_what_happened(lab):
    with Site(site_address(lab)) as site, Balancer(lab) as balancer:
        balancer.elb.register_targets(TargetGroupArn=balancer.group, Targets=[site.target])
        until("a healthy target", balancer.healthy)
        for status, times in ((200, 7), (301, 1), (404, 3), (500, 2)):
            site.status = status
            for _ in range(times):
                balancer.get("/x")
        site.status, site.wait = 200, 0.3
        balancer.get("/slow")
        both = balancer.dimensions + balancer.group_dimensions
        for dimensions in (balancer.dimensions, both):
            becomes(14.0, lambda: total(lab, "RequestCount", dimensions), "RequestCount")
            same([total(lab, f"HTTPCode_Target_{part}XX_Count", dimensions) for part in (2, 3, 4, 5)], [8.0, 1.0, 3.0, 2.0])
            longest = total(lab, "TargetResponseTime", dimensions, statistic="Maximum")
            assert 0.3 <= longest < 5, longest
        same(total(lab, "HTTPCode_ELB_5XX_Count", balancer.dimensions), 0.0)
        same(total(lab, "RequestCountPerTarget", balancer.group_dimensions), 14.0)
        becomes(1.0, lambda: total(lab, "HealthyHostCount", both, statistic="Maximum"), "HealthyHostCount")


def check_target_groups(lab):
    elb = lab.client("elbv2")
    with Balancer(lab) as balancer:
        found = elb.describe_target_groups(TargetGroupArns=[balancer.group])["TargetGroups"][0]
        holds(found, {"Protocol": "HTTP", "Port": 8000, "TargetType": "ip", "HealthCheckPath": "/spam/health", "HealthCheckIntervalSeconds": 10})
        same(found["LoadBalancerArns"], [balancer.arn])
        of_balancer = elb.describe_target_groups(LoadBalancerArn=balancer.arn)["TargetGroups"]
        same([one["TargetGroupArn"] for one in of_balancer], [balancer.group])
        elb.modify_target_group(TargetGroupArn=balancer.group, HealthCheckPath="/other")
        same(elb.describe_target_groups(TargetGroupArns=[balancer.group])["TargetGroups"][0]["HealthCheckPath"], "/other")
        items, count = pages(elb, "describe_target_groups", "TargetGroups", 1)
        assert len(items) == count >= 4, (len(items), count)


def check_targets_can_be_instances(lab):
    elb = lab.client("elbv2")
    instances = lab.client("ec2").describe_instances(Filters=[{"Name": "instance-state-name", "Values": ["running"]}])["Reservations"]
    own = instances[0]["Instances"][0]["InstanceId"]
    group = elb.create_target_group(Name=fresh("check"), Protocol="HTTP", Port=8000, VpcId=vpc(lab), TargetType="instance")["TargetGroups"][0]["TargetGroupArn"]
    elb.modify_target_group_attributes(TargetGroupArn=group, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "10"}])
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": own}])
    found = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"][0]
    same((found["Target"], found["TargetHealth"]["State"]), ({"Id": own, "Port": 8000}, "unused"))
    refused("InvalidTarget", elb.register_targets, TargetGroupArn=group, Targets=[{"Id": "i-00000000000000000"}])
    elb.deregister_targets(TargetGroupArn=group, Targets=[{"Id": own}])
    becomes([], lambda: elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"], "the targets")
    elb.delete_target_group(TargetGroupArn=group)


def check_a_running_task_serves_no_more_once_deregistered(lab):
    """As an experiment takes a target out, behind the back of its service."""
    with Balancer(lab) as balancer, Service(lab, balancer=balancer) as service:
        service.stable()
        victim = address_of(service.task_of(service.tasks()[0]))
        balancer.elb.deregister_targets(TargetGroupArn=balancer.group, Targets=[{"Id": victim, "Port": 8000}])
        before = stack.requests_at(victim)
        same({fetch(balancer.url + "/spam/check", b'{"content": "Hello"}')[0] for _ in range(10)}, {200})
        same(stack.requests_at(victim), before, "requests of the target")
