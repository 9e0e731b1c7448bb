"""What providers answered, kept in files: vcrpy's YAML with our own words beside it.

A cassette holds bodies, not timing: vcrpy joins a streamed body into one piece even while it records.
"""
