"""Given to the interpreter with -c: takes the bundle of modules off standard input and starts the worker.

Standard input is a socket. It is moved to a private descriptor, so that what the user's code starts cannot
inherit it, and descriptor 0 becomes /dev/null.
"""


def start():
    import json
    import os
    import sys

    # -c puts the working folder first, where the chaos command has none
    if sys.path and sys.path[0] == "":
        del sys.path[0]
    sys.argv[:] = ["chaos"]
    link = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)

    def read(size):
        parts = []
        while size:
            part = os.read(link, size)
            if not part:
                os._exit(0)
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    hello = json.loads(read(int.from_bytes(read(4), "big")).decode("utf-8"))
    # a module of this name holds the finder, which serves all the others
    finder = type(sys)("_chaos_bridge_finder")
    source = hello["modules"]["_chaos_bridge_finder"]
    exec(compile(source, "<chaos-bridge>/finder.py", "exec"), finder.__dict__)
    sys.modules[finder.__name__] = finder
    finder.install(hello["modules"])

    from _chaos_bridge import loop

    loop.Worker(link).run(hello["env"])


if __name__ == "__main__":
    start()
