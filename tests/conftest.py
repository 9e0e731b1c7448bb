"""Properties are held without a clock: a slow machine is no counter-example.

A shell that starts the tests in the background has them, and all that they start, ignore Ctrl-C; some tests press it.
"""

import signal

from hypothesis import HealthCheck, settings

settings.register_profile(
    "suite",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],  # it counts seconds too
)
settings.load_profile("suite")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
