#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sources with odd timestamps, each a broadcast of its own to aiortc, which decodes and counts.

odd-times.py WHIP-SERVER; exits with 77 if GStreamer for Python or aiortc is missing.
"""

import json
import queue
import subprocess
import sys
import threading
import time

try:
    import aiohttp  # noqa: F401
    import aiortc  # noqa: F401
    import gi
    gi.require_version('Gst', '1.0')
    from gi.repository import Gst
except (ImportError, ValueError) as error:
    print(f'skipped: {error}')
    sys.exit(77)

FPS = 15
SAMPLES = 48000 // FPS
# The oddity begins when media has flowed for a while.
ODD_S, TALK_S, PAUSE_S = 2, 10, 6.5
START_S = 60
# Of the frames that were pushed on air, what has to arrive on a busy machine
ARRIVES = 0.8


class Source:
    """Video and audio by appsrc. shift: what is added to timestamps, by time; None: none."""

    def __init__(self, name, location, shift=lambda t: 0, pauses=False):
        self.name, self.shift, self.pauses = name, shift, pauses
        self.n, self.pushed, self.start, self.warned = 0, 0, None, []
        self.pipeline = Gst.parse_launch(
            f'rcastsink name=sink location={location}'
            ' appsrc name=video is-live=true format=time caps=video/x-raw,format=I420,'
            f'width=160,height=120,framerate={FPS}/1 ! queue ! sink.video_0'
            ' appsrc name=audio is-live=true format=time caps=audio/x-raw,format=S16LE,'
            'rate=48000,channels=2,layout=interleaved ! queue ! sink.audio_0')
        self.bus = self.pipeline.get_bus()
        self.on_air = False

    def push(self):
        self.read_bus()
        now = time.monotonic()
        if self.on_air and self.start is None:
            self.start = now
        since = now - self.start if self.start else 0
        self.n += 1
        if self.pauses and ODD_S < since < ODD_S + PAUSE_S:
            return
        luma = bytes([40 + self.n * 3 % 160]) * (160 * 120)
        self.push_one('video', luma + bytes([128]) * (160 * 60), since)
        self.push_one('audio', bytes(4 * SAMPLES), since)
        self.pushed += self.start is not None

    def push_one(self, name, data, since):
        buffer = Gst.Buffer.new_wrapped(data)
        shift = self.shift(since)
        if shift is not None:
            buffer.pts = int((self.n / FPS + shift) * Gst.SECOND)
        self.pipeline.get_by_name(name).emit('push-buffer', buffer)

    def read_bus(self):
        while message := self.bus.pop():
            if message.type == Gst.MessageType.ERROR:
                raise AssertionError(f'{self.name}: {message.parse_error()}')
            if message.type == Gst.MessageType.WARNING:
                details = message.parse_warning_details()
                self.warned.append(details.get_name() if details else '')
            structure = message.get_structure()
            if message.type == Gst.MessageType.ELEMENT and structure:
                name = structure.get_name()
                self.on_air |= name == 'broadcasting'
                assert not (self.on_air and name in (
                    'disconnected', 'reconnecting', 'reconnecting_broadcast')), \
                    f'{self.name}: {structure.to_string()}'


def check(source, streams):
    for stream in streams:
        # Opus has 20 ms in a packet, whatever the buffers are.
        expected = source.pushed * (1 if stream['kind'] == 'video' else 50 / FPS)
        assert stream['frames'] >= ARRIVES * expected, \
            f"{source.name}: {stream['frames']} of {expected} frames: {stream}"
        longest = 1000 * (PAUSE_S + 2 if source.pauses else 2)
        assert stream['longest_silence_ms'] <= longest, f'{source.name}: {stream}'
    assert len(streams) == 2, f'{source.name}: {streams}'
    print(f'{source.name}: {source.pushed} frames pushed, '
          + ', '.join(f"{s['kind']} {s['frames']}" for s in streams), flush=True)


def read_events(server, events):
    for line in server.stdout:
        events.put(json.loads(line))


def wait_for(events, name):
    while (event := events.get(timeout=START_S))['event'] != name:
        pass
    return event


def main():
    server = subprocess.Popen(['/usr/bin/python3', sys.argv[1], '--port', '0'],
                              stdout=subprocess.PIPE, text=True)
    events = queue.Queue()
    threading.Thread(target=read_events, args=(server, events), daemon=True).start()
    try:
        run('whip+' + wait_for(events, 'listening')['url'], events)
    finally:
        server.kill()


def talk(sources):
    """Real time on purpose: the pace of arrival is what counts."""
    begun = due = time.monotonic()
    while not all(s.start and due - s.start > TALK_S for s in sources):
        assert due - begun < START_S + TALK_S, \
            f'not on air: {[s.name for s in sources if not s.start]}'
        for source in sources:
            source.push()
        due += 1 / FPS
        time.sleep(max(0, due - time.monotonic()))


def run(location, events):
    rows = [
        ('far', lambda t: 3e6, False),
        ('ahead', lambda t: 3600 if t > ODD_S else 0, False),
        ('back', lambda t: -2.5 if t > ODD_S else 0, False),
        ('none', lambda t: None, False),
        ('pause', lambda t: 0, True),
    ]
    Gst.init(None)
    sources = [Source(name, location, shift, pauses) for name, shift, pauses in rows]
    for source in sources:
        source.pipeline.set_state(Gst.State.PLAYING)
    talk(sources)
    for source in sources:
        source.pipeline.set_state(Gst.State.NULL)
        check(source, wait_for(events, 'closed')['streams'])
        odd = source.name in ('far', 'ahead', 'back')
        assert ('stream-retimed' in source.warned) == odd, \
            f'{source.name}: warned of {source.warned}'


main()
