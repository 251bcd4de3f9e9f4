#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""whip-aiortc.py with a stopwatch: when flashes and beeps arrive, and when nothing does.

A line on its standard input is a fault: `cut 5` (no datagram passes for 5 s), `loss 5` (one of
five is lost) or `close` (sessions are closed by the server).
"""

import argparse
import asyncio
import collections
import random
import sys
import time

import aioice.ice
import numpy as np
from aiortc import rtcrtpreceiver
from aiortc.rtp import RtcpSrPacket

from lib.aiortc_front import front

WHITE = 215         # mean luma; of all else it is below 180
LOUD = 0.05
QUIET_S = 0.3       # between two beeps
SILENCE_S = 1.5     # a hole that is told
KEPT = 4000         # arrival times
LOSS = 0.2
NTP_FRACTION = 1 << 32
RTP_WRAP = 1 << 32


class Link:
    """The network, as far as this end can spoil it."""

    def __init__(self):
        self.until, self.share = 0.0, 0.0
        self.random = random.Random(1)

    def spoil(self, seconds, share):
        self.until, self.share = time.monotonic() + seconds, share

    def drops(self):
        return time.monotonic() < self.until and self.random.random() < self.share


link = Link()


def on_link(name):
    original = getattr(aioice.ice.StunProtocol, name)

    def passed(self, *arguments):
        if not link.drops():
            return original(self, *arguments)

    setattr(aioice.ice.StunProtocol, name, passed)


class Clocks:
    """Of one receiver: arrival of each RTP timestamp, the first one, the last sender report."""

    def __init__(self):
        self.origin = 0
        self.arrivals = collections.OrderedDict()
        self.report = None

    def arrived(self, timestamp):
        self.arrivals.setdefault(timestamp, time.monotonic())
        if len(self.arrivals) > KEPT:
            self.arrivals.popitem(last=False)

    def to_ntp(self, timestamp, rate):
        if not self.report:
            return None
        ntp, rtp = self.report
        ahead = (timestamp - rtp + RTP_WRAP // 2) % RTP_WRAP - RTP_WRAP // 2
        return ntp / NTP_FRACTION + ahead / rate


clocks = collections.defaultdict(Clocks)


def listen():
    kind = rtcrtpreceiver.RTCRtpReceiver
    handle_rtp, handle_rtcp = kind._handle_rtp_packet, kind._handle_rtcp_packet

    async def on_rtp(self, packet, arrival_time_ms):
        clocks[self].arrived(packet.timestamp)
        result = await handle_rtp(self, packet, arrival_time_ms)
        clocks[self].origin = getattr(self._RTCRtpReceiver__timestamp_mapper, 'origin', 0)
        return result

    async def on_rtcp(self, packet):
        if isinstance(packet, RtcpSrPacket):
            info = packet.sender_info
            clocks[self].report = (info.ntp_timestamp, info.rtp_timestamp)
        return await handle_rtcp(self, packet)

    class Mapper(rtcrtpreceiver.TimestampMapper):
        """aiortc counts frames from the first one of a receiver."""

        def map(self, timestamp):
            mapped = super().map(timestamp)
            self.origin = timestamp - mapped
            return mapped

    rtcrtpreceiver.TimestampMapper = Mapper
    kind._handle_rtp_packet, kind._handle_rtcp_packet = on_rtp, on_rtcp


class Stream(front.Stream):
    """Reports each flash and beep, and each hole."""

    def __init__(self, track, receiver):
        super().__init__(track, receiver)
        self.bright, self.quiet_for, self.last_pts = None, 0.0, None

    def find_edge(self, frame):
        """Returns how many samples (video: none) into the frame it is, or None."""
        if self.kind == 'video':
            plane = frame.planes[0]
            luma = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:, :frame.width]
            bright = float(luma.mean()) > WHITE
            edge = 0 if bright and self.bright is False else None
            self.bright = bright
            return edge
        samples = np.abs(frame.to_ndarray().astype('float32').reshape(-1, 2)[:, 0]) / 32768
        loud = np.flatnonzero(samples > LOUD)
        edge = int(loud[0]) if len(loud) and self.quiet_for >= QUIET_S else None
        self.quiet_for = 0.0 if len(loud) else self.quiet_for + frame.samples / frame.sample_rate
        return edge

    def look(self, name, frame):
        edge = self.find_edge(frame)
        rate = round(1 / frame.time_base)
        step = 0 if self.last_pts is None else (frame.pts - self.last_pts) / rate
        self.last_pts = frame.pts
        if edge is None:
            return
        clock = clocks[self.receiver]
        timestamp = (frame.pts + clock.origin) % RTP_WRAP
        ntp = clock.to_ntp(timestamp + edge, rate)
        front.say('edge', stream=name, ntp=ntp, step=step,
                  arrival=clock.arrivals.get(timestamp, time.monotonic()) + edge / rate)

    async def run(self):
        name = f'{self.kind}{self.number}'
        arrived = None
        try:
            while True:
                frame = await self.track.recv()
                now = time.monotonic()
                if arrived is None:
                    front.say('begin', stream=name, at=now)
                elif now - arrived > SILENCE_S:
                    front.say('hole', stream=name, start=arrived, end=now)
                arrived = now
                self.frames += 1
                if self.kind == 'video':
                    self.size = [frame.width, frame.height]
                self.look(name, frame)
        except front.MediaStreamError:
            pass
        finally:
            if arrived is not None:
                front.say('end', stream=name, at=arrived, frames=self.frames, size=self.size)


class Session(front.Session):
    def on_track(self, track):
        super().on_track(track)
        stream = self.streams[-1]
        stream.number = sum(s.kind == stream.kind for s in self.streams) - 1


class Front(front.Front):
    async def read_faults(self):
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := (await reader.readline()).decode().split():
            if line[0] == 'close':
                for session in list(self.sessions.values()):
                    await self.end(session, 'server')
            else:
                link.spoil(float(line[1]), 1.0 if line[0] == 'cut' else LOSS)

    async def run(self, host, port):
        faults = asyncio.ensure_future(self.read_faults())
        await super().run(host, port)
        faults.cancel()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--host', default='127.0.0.1')
    parser.add_argument('--port', type=int, default=0)
    arguments = parser.parse_args()
    front.Stream = Stream
    for name in ('datagram_received', 'send_stun', 'send_data'):
        on_link(name)
    listen()
    asyncio.run(Front(Session).run(arguments.host, arguments.port))


if __name__ == '__main__':
    main()
