"""Adds to chaosaws what its documentation has and its released package has not: stand-ins that are validated and never called."""

import os

import chaosaws

chaosaws.__path__.append(os.path.join(os.path.dirname(__file__), "not_released"))
