"""Records of the logger `chaostoolkit` go to the other side instead of a handler here."""

import logging

NAME = "chaostoolkit"


class Forward(logging.Handler):
    def __init__(self, link):
        super().__init__(logging.DEBUG)
        self.link = link

    def emit(self, record):
        try:
            self.link.send({"log": self.told(record)})
        except Exception:
            self.handleError(record)

    def told(self, record):
        return {
            "level": record.levelno,
            "message": self.format(record),
            "module": record.module,
            "line": record.lineno,
            "function": record.funcName,
        }


def install(link):
    logger = logging.getLogger(NAME)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(Forward(link))
