"""Paceline: proven faster versions of a function, from a local team that learns."""

__version__ = "0.1.0"
