"""Signatures and annotations, also where an annotation names what is not there when the program runs.

From Python 3.14 on annotations are evaluated when somebody asks for them (PEP 649), so asking raises whatever
evaluating does: NameError for what is imported under ``if TYPE_CHECKING``. The same names are then given as
forward references, which is what earlier versions have where annotations are texts.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import inspect
from typing import Any, Dict


def signature_of(function: Any) -> inspect.Signature:
    """Return the signature of a function or class. Raises TypeError or ValueError where there is none."""
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        raise
    except Exception as error:
        form = _forward()
        if form is None:
            raise ValueError(f"no signature: {error}") from error
        try:
            return inspect.signature(function, annotation_format=form)  # type: ignore[call-arg, unused-ignore]
        except Exception as again:
            raise ValueError(f"no signature: {again}") from again


def annotations_of(owner: Any) -> Dict[str, Any]:
    """Return a function's or class's own annotations as they stand: evaluated, or texts, or references."""
    try:
        return dict(getattr(owner, "__annotations__", None) or {})
    except Exception:
        form = _forward()
    if form is None:
        return {}
    try:
        import annotationlib  # type: ignore[import-not-found, unused-ignore]

        return dict(annotationlib.get_annotations(owner, format=form))
    except Exception:
        return {}


def _forward() -> Any:
    try:
        import annotationlib
    except ImportError:
        return None
    return annotationlib.Format.FORWARDREF
