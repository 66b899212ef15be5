"""The worker: one lane on the main thread, which can be interrupted, and a thread for each background request."""

import atexit
import os
import queue
import signal
import sys
import threading

from _chaos_bridge import logs, operations, wire
from _chaos_bridge.faults import Cancelled, told
from _chaos_bridge.surroundings import Surroundings

EXITS = {signal.SIGUSR1: "graceful", signal.SIGUSR2: "ungraceful", signal.SIGTERM: "terminate"}
# what the library's own handlers make of these signals
EXIT_CODES = {signal.SIGUSR1: 20, signal.SIGUSR2: 30}


class Worker:
    def __init__(self, link):
        self.link = wire.Link(link)
        self.requests = queue.SimpleQueue()
        self.main = threading.get_ident()
        # the request on the main thread
        self.current = None
        # background requests: number -> thread
        self.threads = {}
        # requests that nobody waits for any more; an entry leaves when its function was interrupted
        self.dropped = set()

    def run(self, env):
        """Serves requests until told to close, or until the other side is gone, which ends the process."""
        self.surroundings = Surroundings(env)
        logs.install(self.link)
        signal.signal(signal.SIGINT, self.on_interrupt)
        for number in EXITS:
            signal.signal(number, self.on_exit)
        os.register_at_fork(after_in_child=self.forget)
        # called after the exit functions of the user's code, which are registered later
        atexit.register(self.link.flush)
        threading.Thread(target=self.listen, daemon=True).start()
        self.serve()
        # from here on Python ends as ever: it awaits the user's threads, then calls exit functions

    def listen(self):
        """Hands requests to their lanes. The process does not outlive the other end of the link."""
        try:
            while True:
                self.route(self.link.receive())
        except (EOFError, OSError):
            os._exit(0)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(70)

    def route(self, message):
        if "cancel" in message:
            self.cancel(message["cancel"])
        elif message["op"] == "close":
            self.requests.put(None)
        elif message["background"]:
            threading.Thread(target=self.in_background, args=(message,), daemon=True).start()
        else:
            self.requests.put(message)

    def cancel(self, number):
        self.dropped.add(number)
        if number in self.threads:
            interrupt_thread(self.threads[number])
        elif self.current == number:
            # a signal, for it ends a sleep and the other calls into the system
            signal.pthread_kill(self.main, signal.SIGINT)

    def serve(self):
        while True:
            request = self.requests.get()
            if request is None:
                return
            try:
                try:
                    self.current = request["id"]
                    answer = self.answer(request)
                finally:
                    self.current = None
            except BaseException as error:
                answer = {"error": told(error)}
            self.reply(request, answer)

    def in_background(self, request):
        try:
            self.threads[request["id"]] = threading.get_ident()
            try:
                answer = self.answer(request)
            finally:
                del self.threads[request["id"]]
        except BaseException as error:
            answer = {"error": told(error)}
        self.reply(request, answer)

    def answer(self, request):
        if request["id"] in self.dropped:
            raise Cancelled
        if "host" in request:
            self.surroundings.absorb(request["host"])
        return operations.answer(request)

    def reply(self, request, answer):
        flush_prints()
        news = self.surroundings.news()
        more = {"id": request["id"], "host": news} if news else {"id": request["id"]}
        try:
            self.link.send(dict(answer, **more))
        except Exception as error:
            # an answer that does not fit a frame or the memory
            self.link.send(dict(more, error=told(error)))
        self.dropped.discard(request["id"])

    def on_interrupt(self, number, frame):
        """Only the link interrupts: a SIGINT from elsewhere is the run's business, which has its own."""
        if self.current is not None and self.current in self.dropped:
            self.dropped.discard(self.current)
            raise Cancelled

    def on_exit(self, number, frame):
        """What chaoslib.exit sends: it ends the function on the main thread, else the run is told."""
        if number in EXIT_CODES and self.current is not None:
            raise SystemExit(EXIT_CODES[number])
        self.link.send({"exit": EXITS[number]})

    def forget(self):
        """In a forked child: the link is the parent's, and so are these ways of handling signals."""
        self.link.close()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in EXITS:
            signal.signal(number, signal.SIG_DFL)


def flush_prints():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass


def interrupt_thread(ident):
    """Raises in another thread at its next step in Python; a call into the system goes on until its end."""
    import ctypes

    library = sys.modules.get("chaoslib.exceptions")
    error = getattr(library, "ExperimentExitedException", Cancelled)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(error))
