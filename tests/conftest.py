"""Properties are held without a clock: a slow machine is no counter-example."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "suite",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],  # it counts seconds too
)
settings.load_profile("suite")
