#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A WHIP server on aiortc (WebRTC in Python): decodes what arrives, cannot restart ICE.

Command line and output are those of lib/front.cjs.
"""

import argparse
import asyncio
import json
import secrets
import signal
import sys
import time
import uuid

from aiohttp import web
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import candidate_from_sdp

STATS_INTERVAL = 0.5
SDP = 'application/sdp'
FRAGMENT = 'application/trickle-ice-sdpfrag'


def say(event, **fields):
    print(json.dumps({'event': event} | fields), flush=True)


def fail(kind, message):
    say('error', status=kind.status_code, message=message)
    raise kind(text=message + '\n')


def attributes(text, name):
    prefix = f'a={name}:'
    return [line[len(prefix):] for line in text.splitlines() if line.startswith(prefix)]


def codec_names(answer):
    """The first codec of each kind of media in an answer."""
    names, kind = {}, None
    for line in answer.splitlines():
        if line.startswith('m='):
            kind = line[2:].split(' ')[0]
        elif line.startswith('a=rtpmap:') and kind not in names:
            names[kind] = line.split(' ')[1].split('/')[0]
    return names


class Stream:
    """What arrives on one track, decoded."""

    def __init__(self, track, receiver):
        self.kind, self.track, self.receiver = track.kind, track, receiver
        self.frames, self.energy, self.size = 0, 0.0, None
        self.longest_silence, self.arrived = 0.0, None
        self.frame = None       # the last one

    async def run(self):
        try:
            while True:
                frame = await self.track.recv()
                now = time.monotonic()
                if self.arrived is not None:
                    self.longest_silence = max(self.longest_silence, now - self.arrived)
                self.arrived = now
                self.frames += 1
                self.frame = frame
                if self.kind == 'video':
                    self.size = [frame.width, frame.height]
                else:
                    samples = frame.to_ndarray().astype('float32') / 32768
                    self.energy += float((samples ** 2).mean())
        except MediaStreamError:
            pass

    async def report(self, codecs):
        stats = await self.receiver.getStats()
        inbound = next((s for s in stats.values() if s.type == 'inbound-rtp'), None)
        return {
            'kind': self.kind, 'codec': codecs.get(self.kind),
            'ssrc': inbound and inbound.ssrc, 'packets': inbound.packetsReceived if inbound else 0,
            'missing': inbound.packetsLost if inbound else 0, 'frames': self.frames,
            'size': self.size, 'energy': self.energy,
            'longest_silence_ms': round(self.longest_silence * 1000),
        }


class Session:
    def __init__(self, on_end):
        self.id = str(uuid.uuid4())
        self.etag = f'"{secrets.token_hex(8)}"'
        # No servers: the default asks a public one, and host candidates do.
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.streams, self.tasks, self.codecs = [], [], {}
        self.reachable = asyncio.Event()
        self.on_end = on_end
        self.pc.on('connectionstatechange', self.on_state)
        self.pc.on('track', self.on_track)
        self.pc.on('datachannel', self.on_channel)

    def on_track(self, track):
        receiver = next(r for r in self.pc.getReceivers() if r.track is track)
        stream = Stream(track, receiver)
        self.streams.append(stream)
        self.tasks.append(asyncio.ensure_future(stream.run()))

    def on_channel(self, channel):
        """What is said is said back."""
        channel.on('message', channel.send)

    async def on_state(self):
        if self.pc.connectionState == 'connected':
            say('connected')
        elif self.pc.connectionState in ('failed', 'closed'):
            await self.on_end(self, 'peer')

    def wait_for_candidates(self):
        """aioice gives up at once if it starts with none; those of a trickling
        client come after the answer."""
        for transport in {r.transport.transport for r in self.pc.getReceivers()}:
            start = transport.start

            async def later(parameters, start=start):
                await self.reachable.wait()
                await start(parameters)

            transport.start = later

    async def answer(self, offer):
        await self.pc.setRemoteDescription(RTCSessionDescription(offer, 'offer'))
        if attributes(offer, 'candidate'):
            self.reachable.set()
        else:
            self.wait_for_candidates()
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        self.ufrag = attributes(offer, 'ice-ufrag')[0]
        answer = self.pc.localDescription.sdp
        self.codecs = codec_names(answer)
        return answer

    async def add(self, fragment):
        candidates = attributes(fragment, 'candidate')
        mid = (attributes(fragment, 'mid') or [None])[0]
        for text in candidates:
            # aioice knows neither TCP nor the names of mDNS.
            if text.split(' ')[2].lower() != 'udp' or text.split(' ')[4].endswith('.local'):
                continue
            candidate = candidate_from_sdp(text)
            candidate.sdpMid = mid
            await self.pc.addIceCandidate(candidate)
            self.reachable.set()
        return len(candidates)

    async def report(self):
        return [await stream.report(self.codecs) for stream in self.streams]

    async def close(self):
        self.reachable.set()
        for task in self.tasks:
            task.cancel()
        await self.pc.close()


class Front:
    def __init__(self, kind=Session):
        self.sessions, self.kind = {}, kind

    async def end(self, session, reason):
        if self.sessions.pop(session.id, None) is None:
            return
        say('closed', reason=reason, streams=await session.report())
        await session.close()

    def find(self, request):
        session = self.sessions.get(request.match_info['id'])
        if session is None:
            fail(web.HTTPNotFound, 'no such session')
        return session

    async def post(self, request):
        if request.content_type != SDP:
            fail(web.HTTPUnsupportedMediaType, f'POST wants {SDP}')
        session = self.kind(self.end)
        try:
            answer = await session.answer(await request.text())
        except Exception as error:  # whatever the stack says of an offer, it is the client's
            await session.close()
            fail(web.HTTPUnprocessableEntity, f'{type(error).__name__}: {error}')
        self.sessions[session.id] = session
        say('session')
        return web.Response(status=201, text=answer, content_type=SDP, headers={
            'Location': f'/whip/session/{session.id}', 'ETag': session.etag})

    async def patch(self, request):
        session = self.find(request)
        if request.content_type != FRAGMENT:
            fail(web.HTTPUnsupportedMediaType, f'PATCH wants {FRAGMENT}')
        match = request.headers.get('If-Match')
        if match is None:
            fail(web.HTTPPreconditionRequired, 'If-Match is missing')
        if match == '*':
            fail(web.HTTPUnprocessableEntity, 'no ICE restart here')
        if match != session.etag:
            fail(web.HTTPPreconditionFailed, f'not {match}')
        fragment = await request.text()
        if attributes(fragment, 'ice-ufrag')[:1] != [session.ufrag]:
            fail(web.HTTPUnprocessableEntity, 'other credentials')
        say('trickle', candidates=await session.add(fragment),
            end='a=end-of-candidates' in fragment)
        return web.Response(status=204)

    async def delete(self, request):
        await self.end(self.find(request), 'delete')
        return web.Response(status=200)

    async def options(self, request):
        return web.Response(status=204, headers={'Accept-Post': SDP})

    async def run(self, host, port):
        app = web.Application()
        app.router.add_post('/whip', self.post)
        app.router.add_route('OPTIONS', '/whip', self.options)
        app.router.add_patch('/whip/session/{id}', self.patch)
        app.router.add_delete('/whip/session/{id}', self.delete)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, host, port)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]
        say('listening', url=f'http://{host}:{port}/whip')

        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        while not stop.is_set():
            try:
                await asyncio.wait_for(stop.wait(), STATS_INTERVAL)
            except asyncio.TimeoutError:
                for session in list(self.sessions.values()):
                    say('stats', streams=await session.report())
        for session in list(self.sessions.values()):
            await self.end(session, 'exit')
        await runner.cleanup()


def main(title=__doc__, kind=Session):
    parser = argparse.ArgumentParser(description=title.splitlines()[0])
    parser.add_argument('--host', default='127.0.0.1')
    parser.add_argument('--port', type=int, default=0)
    arguments = parser.parse_args()
    try:
        asyncio.run(Front(kind).run(arguments.host, arguments.port))
    except BrokenPipeError:
        sys.exit(0)


if __name__ == '__main__':
    main()
