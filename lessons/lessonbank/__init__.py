"""Lessons that last: records with evidence, a bank on disk, recipes, selection and credit.

Usable without the rest of Paceline: it imports nothing of it.
"""
