"""Everything Paceline raises on purpose.

    PacelineError
    ├── UnusableRequest        what was asked for cannot be done as asked; exit status 2
    │   ├── TargetNotFound     no such file or function
    │   ├── AmbiguousTarget    the name stands more than once
    │   ├── NothingProfiled    no profile is kept that names what is hot
    │   ├── UnsupportedLanguage
    │   ├── InvalidReplacement the candidate is not a replacement of the target
    │   ├── InvalidSettings    settings that cannot be read at all
    │   ├── EnginesMisconfigured   what is said of the team's engines cannot be
    │   ├── EngineCannotStart  something that an engine needs is missing
    │   │   ├── VllmMissing
    │   │   ├── GpuMissing
    │   │   ├── WeightsMissing
    │   │   └── PortTaken      another program listens there
    │   └── NotTrusted         the workspace's code may not run yet
    ├── ModelFailed            a model gave no usable answer; costs its member's turn, never the run
    │   ├── EngineNotReady     the launcher's engine is not up yet, or has given up
    │   ├── EndpointUnreachable    nothing answers at its address, or the connection was lost
    │   ├── EndpointRefused        the server does not take the request: its key, the model's name, its form
    │   ├── EndpointBroken         the server is overloaded or fails, time and again
    │   ├── AnswerTimedOut         no answer in time
    │   ├── AnswerIncomplete       the answer ended before it was whole
    │   ├── AnswerTooLong          the answer does not end
    │   ├── AnswerUnusable         the answer is whole and holds nothing that was asked for
    │   └── PromptTooLong          the function does not fit into the model's context
    ├── IsolationUnavailable   this machine offers no sandbox and none was waived
    ├── WorkerFailed           a judge's worker broke its protocol (ours, not the candidate's, fault)
    └── RunsEnded              the process that the language server runs jobs in was lost

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


class NothingProfiled(UnusableRequest):
    """No profile is kept of the workspace, or none that names a function which is still as it was."""


class UnsupportedLanguage(UnusableRequest):
    """No language entry covers this file."""


class InvalidReplacement(UnusableRequest):
    """The text does not hold a replacement of the target."""


class InvalidSettings(UnusableRequest):
    """A settings file cannot be read at all. Single bad values are problems, not errors."""


class EnginesMisconfigured(UnusableRequest):
    """What the settings say of the team's engines cannot be: two models behind one address, say."""


class EngineCannotStart(UnusableRequest):
    """Something is missing that an engine needs. Found out before anything is started."""


class VllmMissing(EngineCannotStart):
    """No vLLM is installed where it was looked for."""


class GpuMissing(EngineCannotStart):
    """The vLLM that is there needs a GPU, and there is none."""


class WeightsMissing(EngineCannotStart):
    """The model's weights are not on this machine, and nobody said that they may be downloaded."""


class PortTaken(EngineCannotStart):
    """Another program listens at the engine's address."""


class NotTrusted(UnusableRequest):
    """The workspace is not trusted, and the request needs its code to run."""


class ModelFailed(PacelineError):
    """A model gave no usable answer. Its message never holds a key."""

    is_lasting = False
    """Asking again in the same run would end the same way."""


class EngineNotReady(ModelFailed):
    """The engine that Paceline runs for the model is still starting, or has given up."""


class EndpointUnreachable(ModelFailed):
    """Nothing answers at the model's address, or the connection was lost before an answer began."""


class EndpointRefused(ModelFailed):
    """The server does not take the request as it is: a key is missing, it has no such model, ..."""

    is_lasting = True


class EndpointBroken(ModelFailed):
    """The server is overloaded or failed, and did so again when it was asked again."""


class AnswerTimedOut(ModelFailed):
    """No answer, or no further part of it, came in time."""


class AnswerIncomplete(ModelFailed):
    """The answer ended before it was whole: the connection was lost, or its tokens were used up."""


class AnswerTooLong(ModelFailed):
    """The answer grew beyond what was asked for, and was broken off."""


class AnswerUnusable(ModelFailed):
    """The answer is whole, but it is empty, garbled, or holds nothing of what was asked for."""


class PromptTooLong(ModelFailed):
    """The function and what must be said about it do not fit into the model's context."""

    is_lasting = True


class IsolationUnavailable(PacelineError):
    """No sandbox is to be had on this machine, and the person has not waived it."""


class WorkerFailed(PacelineError):
    """A worker of the judge broke the protocol. Not the candidate's fault; the run goes on without it."""


class RunsEnded(PacelineError):
    """The process that the language server runs jobs in failed or was killed. The next one starts another."""
