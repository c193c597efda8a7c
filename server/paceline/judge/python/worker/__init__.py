"""Runs inside the sandbox, on the project's own interpreter (3.9 or newer), with the standard library alone.

The modules import each other as plain siblings. The controller imports only ``codec`` of them, to describe
values.
"""
