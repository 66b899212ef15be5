"""Finding the activities of the experiment by name."""

__all__ = ["lookup_activity"]


def lookup_activity(ref):
    """The activity that a `ref` means, or None: the hypothesis comes before the method, the last one wins."""
    from _chaos_bridge.live import LIVE

    experiment = LIVE.objects.get("experiment") or {}
    hypothesis = experiment.get("steady-state-hypothesis") or {}
    candidates = (experiment.get("method") or []) + hypothesis.get("probes", [])
    found = [activity for activity in candidates if activity.get("name") == ref]
    return found[-1] if found else None
