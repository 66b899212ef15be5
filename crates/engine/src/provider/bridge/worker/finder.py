"""Serves the bundled modules from memory, after everything that is installed: a real chaoslib wins."""

import sys
from importlib.machinery import ModuleSpec

FOLDER = "<chaos-bridge>/"


class Bundle:
    """A finder and a loader of modules whose sources are in memory."""

    def __init__(self, sources):
        self.sources = sources

    def find_spec(self, name, path=None, target=None):
        if name not in self.sources or not self.owns_parent(name):
            return None
        spec = ModuleSpec(name, self, origin=self.file_of(name), is_package=self.is_package(name))
        spec.has_location = True
        return spec

    def owns_parent(self, name):
        """False below an installed package: a real chaoslib is not mixed with our own modules."""
        parent = sys.modules.get(name.rpartition(".")[0])
        return parent is None or getattr(parent, "__loader__", None) is self

    def is_package(self, name):
        return any(other.startswith(name + ".") for other in self.sources)

    def file_of(self, name):
        tail = "/__init__.py" if self.is_package(name) else ".py"
        return FOLDER + name.replace(".", "/") + tail

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        name = module.__spec__.name
        exec(compile(self.sources[name], self.file_of(name), "exec"), module.__dict__)

    def get_source(self, name):
        """So that tracebacks show our lines too."""
        return self.sources.get(name)


def install(sources):
    sys.meta_path.append(Bundle(sources))
