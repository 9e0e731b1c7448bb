"""What became of a case, and of a run: passed, failed, errored, not applicable, or known to fail.

Failed is a judgement of the implementation. Errored means that there was nothing to judge: the target gave no
transcript. That is the target's fault; a fault of ours (:class:`harness.errors.FixtureError`) stops the run instead.
Neither what is not applicable nor what is known is ever counted as passed. A result is made for people and files, so no
key is in it.
"""

from __future__ import annotations

from harness.results.known import Objection, Review, Unasked, held, reviewed
from harness.results.result import Answer, Errored, Failed, Held, Known, NotApplicable, Passed, Result, result_of
from harness.results.summary import About, AreaCount, BrokenRule, KnownFailure, Summary, facts, summary_of
from harness.suite.expectations import Entry

__all__ = [
    "About", "Answer", "AreaCount", "BrokenRule", "Entry", "Errored", "Failed", "Held", "Known", "KnownFailure",
    "NotApplicable", "Objection", "Passed", "Result", "Review", "Summary", "Unasked", "facts", "held",
    "result_of", "reviewed", "summary_of",
]  # fmt: skip
