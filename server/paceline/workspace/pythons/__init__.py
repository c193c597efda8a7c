"""Where interpreters and environments are to be found, one file for each kind of place.

Every file has one function that yields clues in order of worth. Files and environment variables are read;
nothing is run, and no link is followed to its end, because an interpreter finds its packages by its own path.
"""
