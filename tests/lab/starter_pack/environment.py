"""What three experiments of the starter pack find in their authors' account and not in the lab: made here by AWS's own calls, as any
environment would have them."""

import http.server
import json
import os
import threading
import urllib.error
import urllib.request

CLUSTER = "live-chaos-comment-cluster"
SERVICE = "comments-api-service"


class Proxy:
    """The instance with Toxiproxy that the pack's Terraform makes: it has an address of its own in the VPC. Its proxies listen
    everywhere (0.0.0.0), on ports that are taken at other addresses of this machine; here "everywhere" is this address."""

    def __init__(self, lab):
        self.address = address_in_vpc(lab, "0.200")
        self.toxiproxy = lab.environment["TOXIPROXY_URL"]

    def __enter__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            """Passes a request on to the lab's Toxiproxy."""

            def do_GET(handler):  # pylint: disable=invalid-name,no-self-argument
                self.pass_on(handler)

            do_POST = do_DELETE = do_PATCH = do_GET

            def log_message(handler, *_):  # pylint: disable=no-self-argument,arguments-differ
                """Tells nothing."""

        self.server = http.server.ThreadingHTTPServer((self.address, 8474), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def pass_on(self, handler):
        """Gives the lab's answer."""
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        status, answer = self.ask(handler.command, handler.path, body.replace(b'"0.0.0.0:', f'"{self.address}:'.encode()))
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(answer)))
        handler.end_headers()
        handler.wfile.write(answer)

    def ask(self, method, path, body=b""):
        """A request to the lab's Toxiproxy."""
        request = urllib.request.Request(self.toxiproxy + path, data=body or None, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def door(self, port, upstream):
        """Lets this address lead elsewhere at a port."""
        asked = {"name": f"port-{port}", "listen": f"{self.address}:{port}", "upstream": upstream}
        status, answer = self.ask("POST", "/proxies", json.dumps(asked).encode())
        if status != 201:
            raise RuntimeError(f"port {port} cannot be listened to, which below 1024 needs root: {answer.decode()}")


def address_in_vpc(lab, host):
    """127.n.<host>, of the lab's VPC."""
    web = lab.web.split("//")[1]
    return ".".join(web.split(".")[:2] + [host])


def parameter(lab, name):
    """The value of an SSM parameter."""
    return lab.client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]


def database_with_schema(lab, schema):
    """Makes a database with this schema, for the user of the application's own; gives its address."""
    rds = lab.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="starter-pack-db",
        DBInstanceClass="db.t3.micro",
        Engine="mysql",
        DBName=schema,
        AllocatedStorage=20,
        MasterUsername=parameter(lab, "/live/app/comments/db_username"),
        MasterUserPassword=parameter(lab, "/live/app/comments/db_password"),
    )
    rds.get_waiter("db_instance_available").wait(
        DBInstanceIdentifier="starter-pack-db", WaiterConfig={"Delay": 1, "MaxAttempts": 90}
    )
    return rds.describe_db_instances(DBInstanceIdentifier="starter-pack-db")["DBInstances"][0]["Endpoint"]["Address"]


def name_container(lab, name):
    """Gives the container of the service another name, as a deployment would."""
    ecs = lab.client("ecs")
    service = ecs.describe_services(cluster=CLUSTER, services=[SERVICE])["services"][0]
    old = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    known = ecs.meta.service_model.operation_model("RegisterTaskDefinition").input_shape.members
    new = {key: value for key, value in old.items() if key in known}
    new["containerDefinitions"][0]["name"] = name
    definition = ecs.register_task_definition(**new)["taskDefinition"]["taskDefinitionArn"]
    balancers = [{**balancer, "containerName": name} for balancer in service["loadBalancers"]]
    ecs.update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=definition, loadBalancers=balancers)
    ecs.get_waiter("services_stable").wait(
        cluster=CLUSTER, services=[SERVICE], WaiterConfig={"Delay": 1, "MaxAttempts": 90}
    )


def datasource(lab, _proxy):
    """ecs-service-slow-datasource wants the schema COMMENTS_SCHEMA."""
    return {"db_instance_address": database_with_schema(lab, "COMMENTS_SCHEMA")}


def dependency(lab, proxy):
    """ecs-service-slow-dependency wants another parameter, port 80 at what it names, and a container `comments_api`."""
    proxy.door(80, parameter(lab, "/live/app/comments/internal_alb_dns_name"))
    lab.client("ssm").put_parameter(
        Name="/app/comments/live/internal_alb_dns_name", Value=proxy.address, Type="String"
    )
    name_container(lab, "comments_api")
    return {}
