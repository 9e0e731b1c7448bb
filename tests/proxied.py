"""A recording proxy in front of a test's provider, and what became of each exchange."""

from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from harness.cassettes.cassette import read
from harness.cassettes.recorder import Recorder
from harness.cassettes.shelf import Shelf
from harness.model.upstream import asked
from harness.replay.listening import bound
from harness.replay.proxy import RecordingProxy


@dataclass
class Proxied:
    """``url`` is asked in place of the provider; ``told`` is complete once the proxy was left."""

    url: str
    folder: object
    told: list = field(default_factory=list)

    @property
    def files(self):
        return sorted(path.name for path in self.folder.iterdir())

    @property
    def only(self):
        """What was recorded of the only exchange."""
        [one] = self.told
        assert one.file is not None, one.why
        return read(one.file).only


@contextmanager
def proxied(upstream, folder, *, wire="openai-chat", keep_encoding=False, ask=asked):
    told = []
    recorder = Recorder(Shelf(folder, "test"), lambda _: wire, told.append)
    proxy = RecordingProxy(bound("127.0.0.1", 0), upstream, ask, recorder, keep_encoding=keep_encoding)
    with closing(recorder), proxy:
        yield Proxied(proxy.url, folder, told)
