"""Runs apart: the engine's work in a process of its own, so that no editor waits for it.

A run reads whole modules, matches recipes and does statistics, in Python. Beside an editor's event loop that
is a tenth of a second here and a quarter there in which no key is answered. So the server keeps one process
a project for its runs, and for judging the changes that persons teach. It speaks lines of JSON with it: never
pickle, and nothing but our own records (``engine.wire``).

    parent   what the server holds: an engine that runs and judges elsewhere
    child    the process: reads requests, runs the engine, writes its events
"""
