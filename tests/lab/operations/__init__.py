"""The checks of operations.py: a module for each service, a function `check_…(lab)` for each thing that must hold."""
