"""The environment and the working folder, kept equal on both sides."""

import os
import threading


def is_text(value):
    """False for what is not UTF-8, which stays on this side only."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def environment():
    while True:
        try:
            entries = list(os.environ.items())
        except RuntimeError:
            # another thread changed it meanwhile
            continue
        return {name: value for name, value in entries if is_text(name) and is_text(value)}


def folder():
    try:
        return os.getcwd()
    except OSError:
        return None


def enter(path):
    try:
        os.chdir(path)
    except OSError:
        # it is gone: whatever needs it tells so better
        pass


class Surroundings:
    """What the other side knows of them."""

    def __init__(self, env):
        self.lock = threading.Lock()
        self.env, self.cwd = environment(), folder()
        # what the interpreter's launcher added goes, for functions see what processes see
        self.absorb({"set": env, "unset": [name for name in self.env if name not in env]})

    def absorb(self, news):
        """Makes the changes of the other side here."""
        with self.lock:
            for name in news.get("unset", ()):
                os.environ.pop(name, None)
                self.env.pop(name, None)
            os.environ.update(news.get("set", {}))
            self.env.update(news.get("set", {}))
            if news.get("cwd"):
                enter(news["cwd"])
                self.cwd = folder()

    def news(self):
        """The changes made here since the other side was last told, or nothing."""
        with self.lock:
            before, self.env = self.env, environment()
            known, self.cwd = self.cwd, folder() or self.cwd
        changed = {name: value for name, value in self.env.items() if before.get(name) != value}
        gone = [name for name in before if name not in self.env]
        news = {"set": changed, "unset": gone} if changed or gone else {}
        if self.cwd != known:
            news["cwd"] = self.cwd
        return news
