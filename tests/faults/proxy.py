"""A small TCP proxy in a thread of its own: what runs through it can be delayed, throttled, cut or left hanging."""

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

_PIECE = 16_384
_TICK = 0.05


@dataclass(frozen=True, slots=True)
class Weather:
    """What happens to everything that passes: seconds of delay, bytes a second (0: no limit), or nothing at all."""

    delay: float = 0.0
    rate: int = 0
    hanging: bool = False


@dataclass(slots=True)
class Proxy:
    """Ports that lead to other ports on the loopback address."""

    ways: Mapping[int, int]  # from, to
    weather: dict[int, Weather] = field(default_factory=dict)  # by port ``from``
    _open: dict[int, set[asyncio.StreamWriter]] = field(default_factory=dict)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Listen."""
        self.weather = {port: Weather() for port in self.ways}
        self._open = {port: set() for port in self.ways}
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        """Cut everything and listen no more."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread:
            self._thread.join()

    def cut(self, port: int) -> None:
        """End all connections of a port at once, as a switch does that is turned off and on."""
        self._loop.call_soon_threadsafe(self._cut, port)

    def _cut(self, port: int) -> None:
        for writer in [*self._open[port]]:
            writer.transport.abort()

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        servers = [self._loop.run_until_complete(self._listen(port)) for port in self.ways]
        ready.set()
        self._loop.run_forever()
        for server in servers:
            server.close()
        for port in self.ways:
            self._cut(port)
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _listen(self, port: int) -> asyncio.Server:
        async def come(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._connect(port, reader, writer)

        return await asyncio.start_server(come, "127.0.0.1", port)

    async def _connect(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.ways[port])
        except OSError:
            writer.transport.abort()
            return
        both = {writer, far_writer}
        self._open[port] |= both
        try:
            await asyncio.gather(self._pump(port, reader, far_writer), self._pump(port, far_reader, writer))
        finally:
            self._open[port] -= both
            for each in both:
                each.transport.abort()

    async def _pump(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(_PIECE):
                while self.weather[port].hanging:  # noqa: ASYNC110 - set from another thread
                    await asyncio.sleep(_TICK)
                weather = self.weather[port]
                if weather.delay:
                    await asyncio.sleep(weather.delay)
                if weather.rate:
                    await asyncio.sleep(len(piece) / weather.rate)
                writer.write(piece)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        writer.transport.abort()
