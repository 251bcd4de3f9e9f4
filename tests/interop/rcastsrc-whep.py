#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""rcastsrc at a WHEP server, while publishers and servers die and come back.

rcastsrc-whep.py [--outage SECONDS] LOOPBACK [CASE…]. What comes is decoded in this process: pads,
frames, messages and the state of the pipeline are watched. Prints a line of figures for each case;
77 if what it takes is not installed.
"""

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

try:
    import gi
    gi.require_version('Gst', '1.0')
    from gi.repository import GLib, Gst
except (ImportError, ValueError) as error:
    print(f'skipped: {error}')
    sys.exit(77)

PATIENCE_S = 60
# What is wanted, in s; a machine that is late gets that on top, and five times of it.
BACK_S = 1.0
GENEROUS = 5
PUBLISHER = ('rcastsink name=r location=whip+{url} videotestsrc is-live=true'
             ' ! video/x-raw,width=160,height=120,framerate=30/1 ! vp8enc deadline=1 cpu-used=8'
             ' keyframe-max-dist={gop} ! r. audiotestsrc is-live=true ! opusenc ! r.')


class Clock:
    """How late this machine runs what is due."""

    def __init__(self):
        self.worst, self.due = 0.0, time.monotonic() + 0.05
        GLib.timeout_add(50, self.tick)

    def tick(self):
        now = time.monotonic()
        self.worst = max(self.worst, now - self.due)
        self.due = now + 0.05
        return True


class Program:
    """A process whose lines are waited for, while the main context runs."""

    def __init__(self, name, argv):
        self.name, self.lines = name, []
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True,
                                        stderr=subprocess.STDOUT)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append((time.monotonic(), line.rstrip()))

    def find(self, pattern, after=0.0):
        return next((found for at, line in list(self.lines) if at >= after
                     for found in [re.search(pattern, line)] if found), None)

    def time_of(self, pattern, after=0.0):
        return next((at for at, line in list(self.lines)
                     if at >= after and re.search(pattern, line)), None)

    def end(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(PATIENCE_S)


def until(condition, what):
    limit = time.monotonic() + PATIENCE_S
    context = GLib.MainContext.default()
    timer = GLib.timeout_add(10, lambda: True)
    try:
        while True:
            result = condition()
            if result:
                return result
            if time.monotonic() > limit:
                raise AssertionError(what() if callable(what) else what)
            context.iteration(True)
    finally:
        GLib.source_remove(timer)


class Server(Program):
    def __init__(self, loopback, *switches, port=0):
        settings = [word for switch in switches for word in ('--set', switch)]
        super().__init__('server', [loopback, '--port', str(port), *settings])
        found = until(lambda: self.find(r'event=listening url=(\S+)'), 'no server')
        self.url = found[1]
        self.port = int(re.search(r':(\d+)/', self.url)[1])

    def publish(self, gop=3000):
        words = PUBLISHER.format(url=f'{self.url}whip/demo', gop=gop).split()
        return Program('publisher', ['gst-launch-1.0', '-q', *words])


class Viewer:
    """A pipeline with an rcastsrc, and all that is seen of it."""

    def __init__(self, launch, decode=False):
        self.pads, self.messages, self.states, self.error = [], [], [], None
        self.settled = None
        self.frames = {'video': [], 'audio': []}
        self.pipeline = Gst.Pipeline()
        self.pipeline.add(Gst.parse_bin_from_description(launch, False))
        self.source = self.pipeline.get_by_name('s')
        self.source.connect('pad-added', lambda _, pad: self.pads.append(pad.get_name()))
        self.source.connect('pad-removed', lambda _, pad: self.pads.append('-' + pad.get_name()))
        if decode:
            self.source.connect('pad-added', self.decode)
        self.bus = self.pipeline.get_bus()
        self.bus.add_signal_watch()
        self.bus.connect('message', self.on_message)
        self.pipeline.set_state(Gst.State.PLAYING)

    @classmethod
    def decoding(cls, url):
        return cls(f'rcastsrc name=s location=whep+{url}', True)

    def decode(self, _, pad):
        kind = pad.get_name().split('_')[0]
        decoder = Gst.ElementFactory.make('decodebin')
        decoder.connect('pad-added', self.sink, kind)
        self.source.get_parent().add(decoder)
        decoder.sync_state_with_parent()
        pad.link(decoder.get_static_pad('sink'))

    def sink(self, _, pad, kind):
        sink = Gst.ElementFactory.make('fakesink')
        sink.set_property('sync', False)
        sink.set_property('async', False)
        self.source.get_parent().add(sink)
        sink.sync_state_with_parent()
        pad.add_probe(Gst.PadProbeType.BUFFER, self.on_frame, kind)
        pad.link(sink.get_static_pad('sink'))

    def on_frame(self, _, info, kind):
        self.frames[kind].append((time.monotonic(), info.get_buffer().pts))
        return Gst.PadProbeReturn.OK

    def on_message(self, _, message):
        if message.type == Gst.MessageType.ERROR:
            self.error = message.parse_error()[0].message
        elif message.type == Gst.MessageType.EOS:
            self.error = 'EOS'
        elif message.type == Gst.MessageType.STATE_CHANGED and message.src == self.pipeline:
            self.states.append(message.parse_state_changed()[1])
        elif message.type == Gst.MessageType.ELEMENT:
            structure = message.get_structure()
            self.messages.append((time.monotonic(), structure.get_name(), structure.to_string()))

    def time_of(self, name, after=0.0):
        return next((at for at, n, _ in self.messages if n == name and at >= after), None)

    def first(self, kind, after):
        return next((at for at, _ in self.frames[kind] if at > after), None)

    def tell(self):
        return '\n'.join([str(self.error), str(self.pads),
                          *(text for _, _, text in self.messages[-12:])])

    def wait_frames(self, count, after=0.0):
        until(lambda: self.error or all(
            sum(at > after for at, _ in list(self.frames[kind])) >= count for kind in self.frames),
            lambda: f'no {count} frames after {after}\n{self.tell()}')
        assert not self.error, self.tell()
        if self.settled is None:
            self.settled = len(self.states)

    def check(self):
        """Same pads, in PLAYING all the time, and time that only grows."""
        assert not self.error, self.tell()
        assert sorted(self.pads) == ['audio_0', 'video_0'], self.pads
        # decodebin, which comes later, is asynchronous once.
        assert not self.states[self.settled:], self.states
        for kind, frames in self.frames.items():
            times = [pts for _, pts in frames]
            assert times == sorted(times), f'{kind}: time goes back'

    def end(self):
        self.pipeline.set_state(Gst.State.NULL)
        self.bus.remove_signal_watch()


def sleep(seconds):
    """The outage itself: nothing is waited for."""
    end = time.monotonic() + seconds
    until(lambda: time.monotonic() >= end, 'time stands still')


def judge(clock, **figures):
    """Times in s, against what is wanted: name=(time, wanted)."""
    late = clock.worst
    for name, (seconds, wanted) in figures.items():
        limit = GENEROUS * (wanted + late)
        assert seconds is not None and seconds <= limit, f'{name}: {seconds}, not {limit}'
    return {name: round(seconds, 3) for name, (seconds, _) in figures.items()}


def publisher_killed(loopback, outage, *switches, asked=False):
    """Killed without a goodbye, and back. ASKED: the server has to be asked whether it is, at steps
    that grow with the time it takes."""
    server, clock = Server(loopback, *switches), Clock()
    publisher = server.publish()
    until(lambda: server.find('event=live'), 'nobody publishes')
    viewer = Viewer.decoding(server.url + 'whep/demo')
    viewer.wait_frames(15)
    killed = time.monotonic()
    publisher.end(signal.SIGKILL)
    sleep(outage)
    started = time.monotonic()
    publisher = server.publish()
    live = until(lambda: server.time_of('event=live', started), 'nobody publishes again')
    viewer.wait_frames(15, live)
    viewer.check()
    wanted = BACK_S + (live - killed if asked else 0)
    figures = judge(clock, first_frame=(viewer.first('video', live) - live, wanted))
    for name, since in (('stream_disconnected', killed), ('stream_connected', live)):
        at = viewer.time_of(name, since - 0.1)
        figures[name] = round(at - since, 3) if at else None
    viewer.end()
    publisher.end()
    server.end()
    return figures


def session_ended(loopback, outage):
    """A server that keeps no viewer without a publisher, answers 404, and sends events."""
    return publisher_killed(loopback, outage, 'viewers=end', 'no-stream-status=404',
                            'stream-timeout-ms=500', 'events=post', asked=True)


def server_killed(loopback, outage):
    server, clock = Server(loopback), Clock()
    publisher = server.publish()
    until(lambda: server.find('event=live'), 'nobody publishes')
    viewer = Viewer.decoding(server.url + 'whep/demo')
    viewer.wait_frames(15)
    server.end(signal.SIGKILL)
    sleep(outage)
    again = Server(loopback, port=server.port)
    live = until(lambda: again.time_of('event=live'), 'nobody publishes again')
    viewer.wait_frames(15, live)
    viewer.check()
    # Both have waited for the server; the viewer asks until there is a publisher.
    figures = judge(clock, first_frame=(viewer.first('video', live) - live, 2 * BACK_S))
    viewer.end()
    publisher.end()
    again.end()
    return figures


def late_publisher(loopback, outage):
    """Nobody publishes yet: this is no error."""
    server, clock = Server(loopback), Clock()
    begun, viewer = time.monotonic(), Viewer.decoding(server.url + 'whep/demo')
    sleep(outage)
    publisher = server.publish()
    live = until(lambda: server.time_of('event=live'), 'nobody publishes')
    viewer.wait_frames(15, live)
    viewer.check()
    figures = judge(clock, first_frame=(viewer.first('video', live) - live,
                                          BACK_S + live - begun))
    viewer.end()
    publisher.end()
    server.end()
    return figures


def relay(loopback, outage):
    """rcastsrc ! rcastsink, without transcoding, while each side loses its server."""
    origin, target, clock = Server(loopback), Server(loopback), Clock()
    publisher = origin.publish()
    until(lambda: origin.find('event=live'), 'nobody publishes')
    middle = Viewer(f'rcastsrc name=s location=whep+{origin.url}whep/demo rcastsink name=r'
                    f' location=whip+{target.url}whip/demo s.video_0 ! r. s.audio_0 ! r.')
    until(lambda: target.find('event=live'), middle.tell)
    viewer = Viewer.decoding(target.url + 'whep/demo')
    viewer.wait_frames(15)
    publisher.end(signal.SIGKILL)
    sleep(outage)
    publisher = origin.publish()
    live = until(lambda: origin.time_of('event=live', time.monotonic() - 1), 'nobody publishes')
    viewer.wait_frames(15, live)
    target.end(signal.SIGKILL)
    sleep(outage)
    target = Server(loopback, port=target.port)
    again = until(lambda: target.time_of('event=live'), middle.tell)
    viewer.wait_frames(15, again)
    viewer.check()
    figures = judge(clock, source=(viewer.first('video', live) - live, 2 * BACK_S),
                    target=(viewer.first('video', again) - again, 2 * BACK_S))
    for pipeline in (viewer, middle):
        pipeline.end()
    publisher.end()
    for server in (origin, target):
        server.end()
    return figures


def play(path):
    """Number of decoded frames of a file; their times only grow."""
    pipeline = Gst.parse_launch(f'filesrc location={path} ! decodebin ! videoconvert ! appsink'
                                ' name=a sync=false max-buffers=0')
    pipeline.set_state(Gst.State.PLAYING)
    sink, times = pipeline.get_by_name('a'), []
    while sample := sink.emit('pull-sample'):
        times.append(sample.get_buffer().pts)
    pipeline.set_state(Gst.State.NULL)
    assert times == sorted(times), f'{path}: time goes back'
    return len(times)


def record(loopback, outage):
    """Segments of a recording over the death of the publisher: each one plays."""
    with tempfile.TemporaryDirectory() as folder:
        server, clock = Server(loopback), Clock()
        publisher = server.publish(gop=30)
        until(lambda: server.find('event=live'), 'nobody publishes')
        viewer = Viewer(f'rcastsrc name=s location=whep+{server.url}whep/demo splitmuxsink name=m'
                        f' location={folder}/%03d.mkv max-size-time=1000000000'
                        ' muxer-factory=matroskamux'
                        ' s.video_0 ! queue ! m.video s.audio_0 ! queue ! m.audio_0')
        count = lambda: len(list(Path(folder).glob('*.mkv')))
        until(lambda: viewer.error or count() >= 2, viewer.tell)
        publisher.end(signal.SIGKILL)
        sleep(outage)
        publisher = server.publish(gop=30)
        before = count()
        until(lambda: viewer.error or count() >= before + 2, viewer.tell)
        assert not viewer.error, viewer.tell()
        viewer.pipeline.send_event(Gst.Event.new_eos())
        until(lambda: viewer.error, 'no end of the recording')
        assert viewer.error == 'EOS', viewer.error
        viewer.end()
        publisher.end()
        server.end()
        frames = [play(path) for path in sorted(Path(folder).glob('*.mkv'))]
        assert all(frames), frames
        return {'segments': len(frames), 'frames': sum(frames)}


def foreign_server(loopback, outage):
    """aiortc: another stack, which knows no ICE restart; killed, and back."""
    start = lambda port: Program('aiortc', [
        '/usr/bin/python3', str(Path(__file__).parent / 'whep-aiortc.py'), '--port', str(port)])
    server, clock = start(0), Clock()
    url = until(lambda: server.find(r'"url": "(http://[^"]+)"'), server.lines)[1]
    viewer = Viewer.decoding(url)
    viewer.wait_frames(15)
    server.end(signal.SIGKILL)
    sleep(outage)
    server = start(int(re.search(r':(\d+)/', url)[1]))
    up = until(lambda: server.time_of('"listening"'), server.lines)
    viewer.wait_frames(15, up)
    viewer.check()
    figures = judge(clock, first_frame=(viewer.first('video', up) - up, 3 * BACK_S))
    viewer.end()
    server.end()
    return figures


CASES = {function.__name__.replace('_', '-'): function for function in (
    publisher_killed, session_ended, server_killed, late_publisher, foreign_server,
    relay, record)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('loopback')
    parser.add_argument('cases', nargs='*', choices=[*CASES, []])
    parser.add_argument('--outage', type=float, default=1.0)
    arguments = parser.parse_args()
    Gst.init(None)
    if not Gst.ElementFactory.find('rcastsrc'):
        print('skipped: no rcastsrc')
        sys.exit(77)
    for name in arguments.cases or CASES:
        print(name, json.dumps(CASES[name](arguments.loopback, arguments.outage)), flush=True)


if __name__ == '__main__':
    main()
