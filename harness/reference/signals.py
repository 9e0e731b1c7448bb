"""Where a request says what ends it: ``request.signal`` and ``abortController.signal`` (§6.7, §8, §15.3).

§6.7 names both, §8 asks the second only where the first is missing, §15.3 only the first; we read it as: whichever is
set counts. What stands there and is no signal is refused: whoever put it there believes that the call can be ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.errors import InputError
from harness.protocol.language_model import Signal

_MISSING = object()
_NO_REQUEST = (str, bytes, bytearray, int, float, complex, list, tuple, set, frozenset)


def signals_in(options: Mapping[str, Any]) -> list[Signal]:
    """Return the signals of a request, that of ``request`` before that of ``abortController``.

    A signal has ``aborted``, true or false, and an async ``wait()``; a controller has a ``signal``, as attribute or
    key. Wherever one of them is looked for, the other is taken too, and None is none. A request may be any object, and
    need say nothing about a signal. Raises :class:`InputError`, with the place, for all else, and for what cannot be
    read.
    """
    request, controller = options.get("request"), options.get("abortController")
    found = [
        None if _is_a_request_without(request) else _held("request", request),
        _held("abortController", controller),
    ]
    return [signal for signal in found if signal is not None]


def _is_a_request_without(holder: object) -> bool:
    """Tell whether this is a request that says nothing about a signal, and not something else that has none."""
    if isinstance(holder, _NO_REQUEST):
        return False
    return all(_member(holder, name, "request") is _MISSING for name in ("signal", "aborted", "wait"))


def _held(place: str, holder: object) -> Any:
    """Return the signal of what holds one, in itself or in a controller; a signal holds itself."""
    if holder is None or _is_signal(holder, place):
        return holder
    held, place_of_it = _member(holder, "signal", place), f"{place}.signal"
    if held is _MISSING:
        raise _neither(holder, place)
    if held is None or _is_signal(held, place_of_it):
        return held
    inner = _member(held, "signal", place_of_it)
    if not _is_signal(inner, f"{place_of_it}.signal"):
        raise _neither(held, place_of_it)
    return inner


def _is_signal(given: object, place: str) -> bool:
    if isinstance(given, Mapping):
        return False
    return isinstance(_member(given, "aborted", place), bool) and callable(_member(given, "wait", place))


def _member(holder: object, name: str, place: str) -> Any:
    try:
        if isinstance(holder, Mapping):
            return holder.get(name, _MISSING)
        return getattr(holder, name, _MISSING)
    except Exception as error:  # the caller's own object, whose properties may raise anything
        raise InputError(f"{place} cannot be read: {type(error).__name__} at its {name}") from error


def _neither(given: object, place: str) -> InputError:
    return InputError(
        f"{place} is a {type(given).__name__}: neither a signal, which has `aborted`, true or false, and an async "
        "`wait()`, nor a controller, which has a `signal`"
    )
