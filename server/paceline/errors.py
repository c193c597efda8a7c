"""Everything Paceline raises on purpose.

    PacelineError
    ├── UnusableRequest        what was asked for cannot be done as asked; exit status 2
    │   ├── TargetNotFound     no such file or function
    │   ├── AmbiguousTarget    the name stands more than once
    │   ├── UnsupportedLanguage
    │   ├── InvalidReplacement the candidate is not a replacement of the target
    │   ├── InvalidSettings    settings that cannot be read at all
    │   └── NotTrusted         the workspace's code may not run yet
    ├── IsolationUnavailable   this machine offers no sandbox and none was waived
    └── WorkerFailed           a judge's worker broke its protocol (ours, not the candidate's, fault)

Every message says what happened, where, and what to do next.
"""

from __future__ import annotations


class PacelineError(Exception):
    """Base of every error Paceline raises on purpose."""


class UnusableRequest(PacelineError):
    """The request cannot be served as it stands; the person has to change it."""


class TargetNotFound(UnusableRequest):
    """No such file, or no such function in it."""


class AmbiguousTarget(UnusableRequest):
    """The name stands for more than one function of the file."""


class UnsupportedLanguage(UnusableRequest):
    """No language entry covers this file."""


class InvalidReplacement(UnusableRequest):
    """The text does not hold a replacement of the target."""


class InvalidSettings(UnusableRequest):
    """A settings file cannot be read at all. Single bad values are problems, not errors."""


class NotTrusted(UnusableRequest):
    """The workspace is not trusted, and the request needs its code to run."""


class IsolationUnavailable(PacelineError):
    """No sandbox is to be had on this machine, and the person has not waived it."""


class WorkerFailed(PacelineError):
    """A worker of the judge broke the protocol. Not the candidate's fault; the run goes on without it."""
