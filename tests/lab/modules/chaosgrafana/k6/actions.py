"""Has the functions of chaostoolkit-grafana's module, which is not on PyPI, for `chaos validate`; they make no load."""

from chaoslib.exceptions import ActivityFailed


def run_script(
    script_path, vus=None, duration=None, log_file=None, debug=False, stages=None, iterations=None, environ=None,
):
    raise ActivityFailed("only k6 runs scripts")


def stress_endpoint(endpoint, vus=None, duration=None, log_file=None, debug=False, stages=None, iterations=None):
    raise ActivityFailed("only k6 makes load")
