"""Images and containers of the checks in this folder, by buildah and podman in a storage of their own. The base images are made here, from
Debian's packages and this machine's Rust, so that no registry is asked."""

import json
import os
import shutil
import subprocess
import tempfile

RELEASE = "trixie"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
PROGRAMS = ("buildah", "podman", "runc", "debootstrap")
RUNTIME = f"localhost/base:{RELEASE}"

BUILDER = f"""FROM {RUNTIME}
RUN apt-get update -q && apt-get install -y -q --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
# those that this machine trusts, for downloads of crates
COPY ca-certificates.crt {CERTIFICATES}
ENV CARGO_HOME=/usr/local/cargo PATH=/usr/local/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
"""


def install_programs():
    """Installs with apt what is not there; only root can."""
    if all(shutil.which(program) for program in PROGRAMS):
        return
    subprocess.run(["apt-get", "update", "-q"], check=True)
    subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", *PROGRAMS], check=True)


def told(*command):
    """What a command tells."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


class Store:
    """A storage of images in a folder, which may be kept for the next time."""

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        self.storage, self.run = os.path.join(self.folder, "storage"), os.path.join(self.folder, "run")
        self.temporary = os.path.join(self.folder, "tmp")  # has caches of buildah too
        self.copies = []
        self.sysroot = told("rustc", "--print", "sysroot")

    def __enter__(self):
        os.makedirs(self.temporary, exist_ok=True)
        # what is known of containers is of another time, and may be of another machine
        shutil.rmtree(self.run, ignore_errors=True)
        shutil.rmtree(os.path.join(self.storage, "libpod"), ignore_errors=True)
        if self.podman("images", check=False, capture_output=True).returncode:
            print("the images that were kept cannot be used: they are made anew", flush=True)
            shutil.rmtree(self.storage, ignore_errors=True)
        return self

    def __exit__(self, *_):
        if self.copies:
            self.buildah("rm", *self.copies, check=False, stdout=subprocess.DEVNULL)

    def working(self, image):
        """A copy of an image that can be mounted; it is gone after this block."""
        self.copies.append(self.buildah("from", "--pull-never", image, stdout=subprocess.PIPE).stdout.strip())
        return self.copies[-1]

    def command(self, program, *arguments):
        """A command line of podman or buildah for this storage."""
        options = ["--root", self.storage, "--runroot", self.run, "--storage-driver", "overlay"]
        options += ["--log-level", "error"]
        return [program, *options, *arguments]

    def environment(self):
        return {**os.environ, "TMPDIR": self.temporary}

    def buildah(self, *arguments, check=True, **how):
        return subprocess.run(self.command("buildah", *arguments), env=self.environment(), check=check, text=True, **how)

    def podman(self, *arguments, check=True, **how):
        return subprocess.run(self.command("podman", *arguments), env=self.environment(), check=check, text=True, **how)

    def has(self, image):
        return self.podman("image", "exists", image, check=False).returncode == 0

    def inspected(self, image):
        """What is known of an image."""
        return json.loads(self.podman("image", "inspect", image, stdout=subprocess.PIPE).stdout)[0]

    def builder(self):
        """The name of the image with this machine's Rust; that is mounted, so the name tells which it is."""
        return f"localhost/rust:{told('rustc', '--version').split()[1]}-{RELEASE}"

    def make_bases(self, compiles):
        """Makes the base images, unless they are there."""
        if not self.has(RUNTIME):
            with tempfile.TemporaryDirectory(dir=self.temporary) as root:
                subprocess.run(["debootstrap", "--variant=minbase", "--include=ca-certificates", RELEASE, root], check=True, stdout=subprocess.DEVNULL)
                with subprocess.Popen(["tar", "-C", root, "-c", "."], stdout=subprocess.PIPE) as tar:
                    self.podman("import", "-q", "-", RUNTIME, stdin=tar.stdout, stdout=subprocess.DEVNULL)
        if compiles and not self.has(self.builder()):
            with tempfile.TemporaryDirectory() as context:
                shutil.copy(CERTIFICATES, context)
                with open(os.path.join(context, "Dockerfile"), "w", encoding="utf-8") as file:
                    file.write(BUILDER)
                self.buildah("bud", "--isolation", "chroot", "-q", "-t", self.builder(), context)

    def build(self, root, target, *options):
        """Builds a target of the Dockerfile (the last one without a name), with all layers kept; gives the image's name."""
        image = f"localhost/{target or 'default'}"
        build = ["bud", "--isolation", "chroot", "--layers", "-t", image, *options]
        build += ["--volume", f"{self.sysroot}:/usr/local/rust:ro"]
        build += ["--build-arg", f"RUST_IMAGE={self.builder()}", "--build-arg", f"RUNTIME_IMAGE={RUNTIME}"]
        build += ["--target", target] if target else []
        self.buildah(*build, root)
        return image

    def prune(self):
        """Drops layers that no named image stands on."""
        self.buildah("rmi", "--prune", check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
