"""Everything lessonbank raises on purpose.

LessonBankError
├── UnreadableLesson     a record or file that is not a lesson; the rest of the bank stays usable
├── PickleRefused        a stored value is a pickle; reading it could run code, so it is not read
├── InvalidRecipe        a recipe file breaks the recipe format; the message names file, recipe and field
└── BankUnavailable      the folder cannot be read or written (permissions, disk full)
"""

from __future__ import annotations


class LessonBankError(Exception):
    """Base of every error lessonbank raises on purpose."""


class UnreadableLesson(LessonBankError):
    """A record that is not a lesson. The message says why."""


class PickleRefused(LessonBankError):
    """A stored value would have to be unpickled. It never is."""


class InvalidRecipe(LessonBankError):
    """A recipe that breaks the format. The message names the file, the recipe and the field."""


class BankUnavailable(LessonBankError):
    """The bank's folder cannot be used. The message says what to do."""
