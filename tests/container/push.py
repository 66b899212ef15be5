#!/usr/bin/env python3
"""What push_to_ecr.sh does and when it refuses to, with programs that stand in for the AWS CLI and the container engines; and, where they are
given, with the real AWS CLI against moto.

    python tests/container/push.py [--aws PATH --moto PATH-OF-moto_server]
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import fakes

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests", "lab"))

from checks import run_all  # noqa: E402  pylint: disable=wrong-import-position
REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
MISSING = "error: An error occurred (RepositoryNotFoundException) when calling the DescribeRepositories operation"
CHANGES = ("create-repository", "put-lifecycle-policy", "login", "build", "push")


class Told:
    """What a call of the script did."""

    def __init__(self, done, folder):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr
        self.calls, self.password = [], None
        try:
            with open(os.path.join(folder, "calls"), encoding="utf-8") as file:
                self.calls = [" ".join(json.loads(line)) for line in file]
            with open(os.path.join(folder, "password"), encoding="utf-8") as file:
                self.password = file.read()
        except OSError:
            pass

    def changes(self):
        """The calls that change something, in their order."""
        return [call for call in self.calls if any(f" {word} " in call for word in CHANGES)]


def push(*options, programs=("aws", "docker"), answers=None, environment=None, aws=None):
    """Calls the script."""
    with tempfile.TemporaryDirectory() as folder:
        path = fakes.install(folder, programs, answers or {})
        if aws:
            os.symlink(aws, os.path.join(path, "aws"))
        surroundings = {"PATH": path, "HOME": folder, "FAKES": folder, **({"AWS_REGION": "eu-west-1"} if environment is None else environment)}
        command = [os.path.join(ROOT, "push_to_ecr.sh"), *options]
        done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=120)
        return Told(done, folder)


def expect(condition, told):
    """An assertion that says what happened."""
    if not condition:
        raise AssertionError(f"exit code {told.code}\ncalls: {told.calls}\nout: {told.out}\nerr: {told.err}")


def refused(code, message, *options, changes=(), **surroundings):
    """The script ends with a message, before it changed more than this."""
    told = push(*options, **surroundings)
    expect(told.code == code and message in told.err and not told.out, told)
    expect([call.split(" --")[0] for call in told.changes()] == list(changes), told)


def docker_builds_pushes_and_tells_the_digest():
    told = push("--tag", "v1")
    expect(told.code == 0 and told.out == f"{REGISTRY}/chaos-starter-pack@{fakes.DIGEST}\n", told)
    login, build = told.changes()[-2:]
    expect(login == f"docker login --username AWS --password-stdin {REGISTRY}", told)
    expect(build.startswith("docker buildx build --target chaos "), told)
    expect(f"--tag {REGISTRY}/chaos-starter-pack:v1 --push" in build and build.endswith(" ."), told)


def the_password_is_given_by_standard_input_only():
    told = push()
    expect(told.password == fakes.PASSWORD, told)
    expect(fakes.PASSWORD not in "\n".join(told.calls) + told.out + told.err, told)


def podman_and_buildah_push_what_they_built():
    for engine in ("podman", "buildah"):
        told = push("--tag", "v1", programs=("aws", engine))
        expect(told.out == f"{REGISTRY}/chaos-starter-pack@{fakes.DIGEST}\n", told)
        build, pushed = told.changes()[-2:]
        expect(build == f"{engine} build --target chaos --tag {REGISTRY}/chaos-starter-pack:v1 .", told)
        expect(pushed.startswith(f"{engine} push --digestfile ") and pushed.endswith(f"{REGISTRY}/chaos-starter-pack:v1"), told)


def several_platforms_are_pushed_as_one_image():
    both = "linux/amd64,linux/arm64"
    told = push("--platform", both)
    expect(f" --platform {both} " in told.changes()[-1], told)
    told = push("--platform", both, "--tag", "v1", programs=("aws", "podman"))
    build, pushed = told.changes()[-2:]
    expect(f" --platform {both} --manifest localhost/chaos-starter-pack-v1 " in build, told)
    expect(pushed.startswith("podman manifest push --all ") and pushed.endswith(f" docker://{REGISTRY}/chaos-starter-pack:v1"), told)
    expect(told.out.endswith(f"@{fakes.DIGEST}\n"), told)


def a_missing_repository_is_created_once():
    told = push("--immutable", "--keep", "30", answers={"ecr describe-repositories": MISSING})
    create, lifecycle = told.changes()[:2]
    expect("create-repository --repository-name chaos-starter-pack --image-tag-mutability IMMUTABLE" in create, told)
    expect("scanOnPush=true" in create and '"countNumber": 30' in lifecycle, told)
    told = push(answers={"ecr describe-repositories": MISSING})
    expect("--image-tag-mutability MUTABLE" in told.changes()[0] and not any("lifecycle" in call for call in told.calls), told)
    told = push()
    expect(not any("create-repository" in call for call in told.calls), told)


def settings_come_from_the_environment_and_options_go_first():
    environment = {
        "AWS_DEFAULT_REGION": "cn-north-1",
        "ECR_REPOSITORY": "team/hog",
        "IMAGE_TAG": "from-environment",
        "IMAGE_TARGET": "ecs-container-hog",
        "IMAGE_PLATFORM": "linux/arm64",
        "CONTAINER_ENGINE": "podman",
    }
    told = push(programs=("aws", "docker", "podman"), environment=environment)
    expect(told.out == f"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/team/hog@{fakes.DIGEST}\n", told)
    expect("podman build --target ecs-container-hog --platform linux/arm64 " in told.changes()[-2], told)
    options = ("--tag", "v2", "--target", "comments-web", "--region", "eu-west-1", "--engine", "docker", "--account", "210987654321")
    told = push(*options, "--", "--build-arg", "A=b", programs=("aws", "docker", "podman"), environment=environment)
    expect(told.changes()[-1].startswith("docker buildx build --target comments-web --platform linux/arm64 --build-arg A=b "), told)
    expect("--tag 210987654321.dkr.ecr.eu-west-1.amazonaws.com/team/hog:v2 " in told.changes()[-1], told)


def each_target_has_a_repository_of_its_own():
    told = push("--target", "comments-api")
    expect(told.out.startswith(f"{REGISTRY}/comments-api@"), told)


def a_dry_run_changes_nothing():
    told = push("--dry-run", "--keep", "5", answers={"ecr describe-repositories": MISSING})
    expect(told.code == 0 and not told.changes() and not told.out, told)
    for word in ("create-repository", "put-lifecycle-policy", "get-login-password", "buildx build"):
        expect(word in told.err, told)
    for engine in ("podman", "buildah"):
        told = push("--dry-run", "--platform", "linux/amd64,linux/arm64", programs=("aws", engine))
        expect(told.code == 0 and not told.changes() and "manifest push" in told.err, told)


def what_is_missing_is_told_before_anything_is_built():
    refused(1, "the AWS CLI is missing", programs=("docker",))
    refused(1, "no container engine", programs=("aws",))
    refused(1, "no container engine: podman", "--engine", "podman")
    refused(1, "no container engine", answers={"fails": ["docker info"]})
    refused(1, "no container engine", answers={"fails": ["docker buildx version"]})
    refused(2, "no region", environment={}, answers={"configure get": None})
    refused(1, "does not take the credentials", answers={"sts get-caller-identity": "error: ExpiredToken"})
    refused(1, "AccessDenied", answers={"ecr describe-repositories": "error: AccessDenied"})
    refused(1, "there is no repository", "--no-create", answers={"ecr describe-repositories": MISSING})
    refused(1, "only account 210987654321 itself", "--account", "210987654321", answers={"ecr describe-repositories": MISSING})
    refused(1, "cannot be overwritten", answers={"ecr describe-repositories": "IMMUTABLE"})
    refused(1, "gives no password", answers={"ecr get-login-password": None})
    refused(1, "does not take the password", answers={"fails": ["docker login"]}, changes=["docker login"])


def the_region_of_the_profile_is_used():
    told = push("--profile", "work", environment={}, answers={"configure get": "eu-west-1"})
    expect(told.out.startswith(f"{REGISTRY}/"), told)


def an_immutable_repository_takes_a_new_tag():
    told = push(answers={"ecr describe-repositories": "IMMUTABLE", "ecr describe-images": "error: ImageNotFoundException"})
    expect(told.code == 0, told)


def another_engine_is_taken_for_one_that_does_not_work():
    told = push(programs=("aws", "docker", "podman"), answers={"fails": ["docker info"]})
    expect(told.changes()[-1].startswith("podman push"), told)


def a_failed_build_pushes_nothing():
    told = push(programs=("aws", "podman"), answers={"fails": ["podman build"]})
    expect(told.code != 0 and not told.out and not any("podman push" in call for call in told.calls), told)
    told = push(answers={"fails": ["docker buildx build"]})
    expect(told.code != 0 and not told.out, told)


def bad_input_calls_nobody():
    for option, value in (
        ("--region", "Europe"), ("--account", "12"), ("--repository", "Upper"), ("--repository", "a b"), ("--tag", "-x"), ("--tag", "a;b"),
        ("--target", "nothing"), ("--platform", "windows"), ("--engine", "lxc"), ("--keep", "0"), ("--tag", ""),
    ):
        told = push(option, value)
        expect(told.code == 2 and not told.calls and not told.out and "push_to_ecr.sh: " in told.err, told)
    for options in (("--tag",), ("--what",), ("chaos",)):
        told = push(*options)
        expect(told.code == 2 and not told.calls and "push_to_ecr.sh: " in told.err, told)
    told = push("--help")
    expect(told.code == 0 and not told.calls and "Usage:" in told.out, told)


def with_the_real_aws_cli(aws, moto):
    """The repository is made in moto, with what was asked for."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    environment = {
        "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
    }
    server = subprocess.Popen([moto, "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        answers(endpoint)
        for _ in range(2):
            told = push("--immutable", "--keep", "7", programs=("podman",), environment=environment, aws=aws)
            expect(told.code == 0 and told.out == f"{REGISTRY}/chaos-starter-pack@{fakes.DIGEST}\n" and told.password, told)
        look = [aws, "ecr", "describe-repositories", "--region", "eu-west-1", "--repository-names", "chaos-starter-pack"]
        seen = json.loads(subprocess.run(look, env={**os.environ, **environment}, capture_output=True, check=True).stdout)["repositories"][0]
        if (seen["imageTagMutability"], seen["imageScanningConfiguration"]["scanOnPush"]) != ("IMMUTABLE", True):
            raise AssertionError(seen)
    finally:
        server.kill()
        server.wait()


def answers(endpoint, seconds=60):
    """Waits for moto."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(endpoint + "/moto-api/", timeout=5):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


CHECKS = (
    docker_builds_pushes_and_tells_the_digest,
    the_password_is_given_by_standard_input_only,
    podman_and_buildah_push_what_they_built,
    several_platforms_are_pushed_as_one_image,
    a_missing_repository_is_created_once,
    settings_come_from_the_environment_and_options_go_first,
    each_target_has_a_repository_of_its_own,
    a_dry_run_changes_nothing,
    what_is_missing_is_told_before_anything_is_built,
    the_region_of_the_profile_is_used,
    an_immutable_repository_takes_a_new_tag,
    another_engine_is_taken_for_one_that_does_not_work,
    a_failed_build_pushes_nothing,
    bad_input_calls_nobody,
)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--aws", help="the real AWS CLI")
    parser.add_argument("--moto", help="moto_server")
    args = parser.parse_args()
    checks = [(check.__name__, check) for check in CHECKS]
    if args.aws and args.moto:
        aws, moto = os.path.abspath(args.aws), os.path.abspath(args.moto)
        checks.append(("with_the_real_aws_cli", lambda: with_the_real_aws_cli(aws, moto)))
    return 1 if run_all(checks) else 0


if __name__ == "__main__":
    sys.exit(main())
