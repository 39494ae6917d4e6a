"""The socket the pages are served on."""

from __future__ import annotations

import asyncio
import socket

from jalon.web.serving import bind


def test_small_answers_leave_at_once() -> None:
    """With Nagle's algorithm on, every answer of two pieces waits 40 ms for an acknowledgement."""

    async def nodelay() -> int:
        seen: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def on_connect(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            served = writer.get_extra_info("socket")
            seen.set_result(served.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listener = bind("127.0.0.1", 0)
        async with await asyncio.start_server(on_connect, sock=listener):
            _, writer = await asyncio.open_connection(*listener.getsockname())
            found = await asyncio.wait_for(seen, 10)
            writer.close()
            return found

    assert asyncio.run(nodelay()) == 1
