"""Stands in for chaosaws.docdb."""
