"""The settings of the run."""

import os

from chaoslib.documents import read

__all__ = ["get_loaded_settings", "load_settings", "CHAOSTOOLKIT_CONFIG_PATH"]
CHAOSTOOLKIT_CONFIG_PATH = os.path.expanduser("~/.chaostoolkit/settings.yaml")


def load_settings(settings_path=CHAOSTOOLKIT_CONFIG_PATH):
    return read(settings_path) if os.path.exists(settings_path) else None


def get_loaded_settings():
    """Those that the run was started with, once it has passed them to a control."""
    from _chaos_bridge.live import LIVE

    return LIVE.objects.get("settings")
