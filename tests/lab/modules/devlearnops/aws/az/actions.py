"""Has the functions of the starter pack's module, which is not on PyPI, for `chaos validate`; they do nothing."""

from chaoslib.exceptions import ActivityFailed


def fail_azs(
    azs, targets, namespace=None, state_table=None, capture_output=False, configuration=None, secrets=None
):
    raise ActivityFailed("only the starter pack's own module fails zones")


def recover_azs(namespace=None, state_table=None, capture_output=False, configuration=None, secrets=None):
    raise ActivityFailed("only the starter pack's own module recovers zones")
