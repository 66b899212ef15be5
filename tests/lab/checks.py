"""Runs checks one after the other."""


def run_all(checks):
    """Calls each of these pairs of a name and what takes no argument, tells how it went, and gives how many failed."""
    failed = 0
    for name, check in checks:
        try:
            check()
            print(f"ok   {name}", flush=True)
        except Exception as error:  # pylint: disable=broad-except
            failed += 1
            print(f"FAIL {name}: {type(error).__name__}: {error}", flush=True)
    return failed
