"""The places in a request's body, and the body with one of them changed: how a schema is shown to mind each."""

import copy


def places(value, free, path=()):
    """Return the path to each value below a value; what is inside of free JSON is free."""
    found = []
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        found.append((*path, key))
        if isinstance(inner, dict | list) and key not in free:
            found += places(inner, free, (*path, key))
    return found


def at(value, path):
    for key in path:
        value = value[key]
    return value


def changed(body, path, value):
    other = copy.deepcopy(body)
    at(other, path[:-1])[path[-1]] = value
    return other
