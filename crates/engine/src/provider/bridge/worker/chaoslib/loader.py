"""Loading an experiment from a file."""

import os

from chaoslib.documents import read
from chaoslib.exceptions import InvalidSource

__all__ = ["load_experiment", "parse_experiment_from_file"]


def load_experiment(experiment_source, settings=None, verify_tls=True):
    if not os.path.exists(experiment_source):
        raise InvalidSource("there is no file {}".format(experiment_source))
    return read(experiment_source)


parse_experiment_from_file = read
