"""Where a program of an image runs: in a container, or where that cannot be, in a chroot of its files."""

import os
import resource
import subprocess
import threading
import uuid


#: Files and processes; the engine's own limits may be above those that it is allowed to set.
ENOUGH = 4096


class Run:
    """A program that runs. What it tells is read as it comes."""

    def __init__(self, command, stop):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.stop = stop
        self.lines = []
        self.news = threading.Condition()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            with self.news:
                self.lines.append(line)
                self.news.notify_all()
        with self.news:
            self.news.notify_all()

    def told(self):
        return "".join(self.lines)

    def wait_for(self, text, seconds=120):
        """Waits until it tells something."""
        with self.news:
            if not self.news.wait_for(lambda: text in self.told() or self.process.poll() is not None, seconds) or text not in self.told():
                raise AssertionError(f"no `{text}` in:\n{self.told()}")

    def end(self, seconds=300):
        """Waits for its end; gives its exit code and what it told."""
        try:
            code = self.process.wait(seconds)
        finally:
            self.process.kill()
            self.reader.join()
        return code, self.told()


class Containers:
    """Containers with the network of this machine."""

    name = "container"
    #: What can run containers depends on the kernel's control groups: the first that works is taken.
    runtimes = (("--runtime", "runc"), ("--runtime", "crun"), ("--runtime", "crun", "--cgroups", "disabled"))

    def __init__(self, store):
        self.store = store
        self.runtime = self.runtimes[0]

    def usable(self, image):
        """Why no container can be run here, or nothing."""
        why = []
        for self.runtime in self.runtimes:
            tried = self.store.podman(*self.options(), "--entrypoint", "true", image, check=False, capture_output=True)
            if tried.returncode == 0:
                return ""
            why.append(tried.stderr.strip())
        return "; ".join(why)

    def options(self):
        """No capability is needed, and no more privileges can be had."""
        name, value, *more = self.runtime
        limits = []
        for limit, number in (("nofile", resource.RLIMIT_NOFILE), ("nproc", resource.RLIMIT_NPROC)):
            hard = resource.getrlimit(number)[1]
            most = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
            limits += ["--ulimit", f"{limit}={most}:{most}"]
        return [name, value, "run", "--rm", *more, *limits, "--network", "host", "--cap-drop", "all", "--security-opt", "no-new-privileges"]

    def start(self, image, arguments, environment=None, entrypoint=None):
        name = f"check-{uuid.uuid4().hex}"
        settings = [word for key, value in (environment or {}).items() for word in ("--env", f"{key}={value}")]
        entry = ["--entrypoint", entrypoint] if entrypoint else []
        command = self.store.command("podman", *self.options(), "--name", name, *settings, *entry, image, *arguments)
        return Run(command, lambda how: self.store.podman("kill", "--signal", how.name, name, stdout=subprocess.DEVNULL))


class Chroots:
    """The closest to a container: the image's files as root folder, its user and its environment, and nothing more kept apart."""

    name = "chroot"

    def __init__(self, store):
        self.store = store
        self.mounted = {}  # by image

    def root(self, image):
        """The image's files."""
        if image not in self.mounted:
            working = self.store.working(image)
            self.mounted[image] = self.store.buildah("mount", working, stdout=subprocess.PIPE).stdout.strip()
            devices = os.path.join(self.mounted[image], "dev")
            os.makedirs(devices, exist_ok=True)
            for name in ("null", "zero", "random", "urandom"):
                like = os.stat(f"/dev/{name}")
                os.mknod(os.path.join(devices, name), like.st_mode, like.st_rdev)
                os.chmod(os.path.join(devices, name), 0o666)
        return self.mounted[image]

    def start(self, image, arguments, environment=None, entrypoint=None):
        config = self.store.inspected(image)["Config"]
        entry = [entrypoint] if entrypoint else config["Entrypoint"]
        settings = [*config["Env"], *(f"{key}={value}" for key, value in (environment or {}).items())]
        inside = ["chroot", f"--userspec={config['User']}", self.root(image), "/usr/bin/env", "-i", *settings]
        inside += ["/bin/sh", "-c", 'cd "$0" && exec "$@"', config.get("WorkingDir") or "/", *entry, *(arguments or config.get("Cmd") or [])]
        run = Run(inside, None)
        run.stop = run.process.send_signal
        return run


def place(store, image):
    """Containers, or with a warning that cannot be overlooked, chroots."""
    containers = Containers(store)
    why = containers.usable(image)
    if not why:
        return containers
    print(f"CONTAINERS CANNOT BE RUN HERE, so the image is checked in a chroot instead: {why}", flush=True)
    if os.geteuid() != 0:
        raise SystemExit("a chroot needs root")
    return Chroots(store)
