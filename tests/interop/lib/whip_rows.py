# SPDX-License-Identifier: LGPL-2.1-or-later
"""Rows of a table, each a broadcast by gst-launch to a WHIP server of its own on aiortc."""

import asyncio
import contextlib
import signal
import sys

try:
    from aiohttp import web
    import aiortc  # noqa: F401
except ImportError as missing:
    print(missing, '- no test without it')
    sys.exit(77)

from lib.aiortc_front import front as WHIP  # noqa: E402

PATIENCE_S = 60
AT_ONCE = 3


@contextlib.asynccontextmanager
async def serve(front):
    """Its URL"""
    app = web.Application()
    app.router.add_post('/whip', front.post)
    app.router.add_patch('/whip/session/{id}', front.patch)
    app.router.add_delete('/whip/session/{id}', front.delete)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, '127.0.0.1', 0)
    await site.start()
    yield f'whip+http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/whip'
    for session in list(front.sessions.values()):
        await session.close()
    await runner.cleanup()


async def broadcast(front, line):
    """Until front.has_enough(). Returns whether it has, and what gst-launch printed."""
    process = await asyncio.create_subprocess_exec(
        'gst-launch-1.0', *line.split(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    output = asyncio.ensure_future(process.stdout.read())
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE_S
    while not front.has_enough() and process.returncode is None and loop.time() < end:
        await asyncio.sleep(0.1)
    enough = front.has_enough()
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
    await process.wait()
    return enough, (await output).decode(errors='replace')


def run(try_one, names):
    """try_one(name): a coroutine; whether it went well. Exits."""
    async def in_turn(turn, name):
        async with turn:
            return await try_one(name)

    async def run_all():
        turn = asyncio.Semaphore(AT_ONCE)
        return await asyncio.gather(*(in_turn(turn, name) for name in names))

    sys.exit(0 if all(asyncio.run(run_all())) else 1)
