# SPDX-License-Identifier: LGPL-2.1-or-later
"""A pipeline with an rcastsrc in this process, and what is seen of it: pads, frames, messages, states.

For programs that let publishers and servers die beside it. Ends with 77 where Python has no GStreamer.
"""

import ctypes
import json
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

try:
    import gi
    gi.require_version('Gst', '1.0')
    from gi.repository import GLib, Gst
except (ImportError, ValueError) as error:
    print(f'skipped: {error}')
    sys.exit(77)
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'faults'))
import lab  # noqa: E402

# PyGObject makes each of these at its first use, and two streaming threads see half of it.
USED = (Gst.PadProbeType.BUFFER, Gst.PadProbeReturn.OK, Gst.PadProbeInfo.get_buffer, Gst.Pad.link,
        Gst.Buffer.extract_dup, Gst.Caps.get_structure, Gst.Structure.get_int, Gst.Bin.add,
        Gst.Element.get_static_pad, Gst.ElementFactory.make, Gst.State.NULL)

libc = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1
PATIENCE_S = 60
# What is wanted, in s
BACK_S = 1.0


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


class Heap(ctypes.Structure):
    """struct mallinfo2 of glibc's allocator: mallinfo2 (3)"""

    _fields_ = [(name, ctypes.c_size_t) for name in (
        'arena', 'ordblks', 'smblks', 'hblks', 'hblkhd', 'usmblks', 'fsmblks', 'uordblks', 'fordblks', 'keepcost')]


libc.mallinfo2.restype = Heap


def heap_in_use():
    """KiB of this process"""
    heap = libc.mallinfo2()
    return (heap.uordblks + heap.hblkhd) // 1024


def die_with_parent():
    """However that ends"""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Program:
    """A process whose lines are waited for, while the main context runs."""

    def __init__(self, name, argv):
        self.name, self.lines = name, []
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True,
                                        stderr=subprocess.STDOUT, preexec_fn=die_with_parent)
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


def until(condition, what, patience=PATIENCE_S):
    limit = time.monotonic() + patience
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


class Viewer:
    """A pipeline with an rcastsrc, and all that is seen of it."""

    # Names of the elements of which the statistics are told
    told = ('s', 'r')
    # That shall be there at the end
    wanted = ['audio_0', 'video_0']

    def __init__(self, launch, decode=False, prepare=None):
        """PREPARE: called with the rcastsrc before it starts"""
        self.source, self.settled = None, None
        self.pads, self.messages, self.states, self.error = [], [], [], None
        # Others whose state explains what is missing here
        self.beside = []
        self.sizes = {}
        self.frames = {'video': [], 'audio': []}
        self.pipeline = self.make(launch)
        if decode:
            self.source.connect('pad-added', self.decode)
        if prepare:
            prepare(self.source)
        self.bus = self.pipeline.get_bus()
        self.bus.add_signal_watch()
        self.bus.connect('message', self.on_message)
        self.pipeline.set_state(Gst.State.PLAYING)

    def make(self, launch):
        """The pipeline"""
        pipeline = Gst.Pipeline()
        pipeline.add(Gst.parse_bin_from_description(launch, False))
        self.follow(pipeline.get_by_name('s'))
        return pipeline

    def follow(self, source):
        """SOURCE: the rcastsrc"""
        self.source = source
        source.connect('pad-added', lambda _, pad: self.pads.append(pad.get_name()))
        source.connect('pad-removed', lambda _, pad: self.pads.append('-' + pad.get_name()))

    @classmethod
    def decoding(cls, location):
        return cls(f'rcastsrc name=s location="{location}"', True)

    def decode(self, _, pad):
        # The first of each kind goes by that; others have their pad's name.
        kind = pad.get_name().removesuffix('_0')
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

    def on_frame(self, pad, info, kind):
        caps = pad.get_current_caps()
        self.sizes[kind] = caps.get_structure(0).get_int('width')[1]
        self.frames.setdefault(kind, []).append((time.monotonic(), info.get_buffer().pts))
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
        return next((at for at, _ in list(self.frames.get(kind, ())) if at > after), None)

    def list_links(self):
        """Of each element that is told of: statistics and pads"""
        for element in filter(None, map(self.pipeline.get_by_name, self.told)):
            yield f'{element.get_name()}: {element.get_property("stats").to_string()}'
            for pad in element.pads:
                peer, caps = pad.get_peer(), pad.get_current_caps()
                yield (f'{element.get_name()}.{pad.get_name()}: '
                       f'{"linked" if peer else "not linked"}, {caps and caps.to_string()}')

    def tell(self):
        return '\n'.join([str(self.error), str(self.pads),
                          *(text for _, _, text in self.messages[-12:]),
                          *self.list_links(), *(other.tell() for other in self.beside)])

    def wait_frames(self, count, after=0.0):
        until(lambda: self.error or all(
            sum(at > after for at, _ in list(frames)) >= count
            for frames in list(self.frames.values())),
            lambda: f'no {count} frames after {after}\n{self.tell()}')
        assert not self.error, self.tell()
        until(self.settle, self.tell)

    def settle(self):
        """Whether all is in PLAYING: an element that comes later is asynchronous once."""
        if self.settled is None and not self.bus.have_pending() \
                and self.pipeline.get_state(0)[:2] == (Gst.StateChangeReturn.SUCCESS, Gst.State.PLAYING):
            self.settled = len(self.states)
        return self.settled is not None

    def check(self):
        """Same pads, in PLAYING all the time, and time that only grows."""
        assert not self.error, self.tell()
        assert sorted(self.pads) == self.wanted, self.pads
        assert not self.states[self.settled:], self.states
        for kind, frames in list(self.frames.items()):
            times = [pts for _, pts in frames]
            assert times == sorted(times), f'{kind}: time goes back'

    def end(self):
        """Twice is fine."""
        self.pipeline.set_state(Gst.State.NULL)
        if self.bus:
            self.bus.remove_signal_watch()
        self.bus = None


PUBLISHER = ('rcastsink name=r location=whip+{url} videotestsrc is-live=true'
             ' ! video/x-raw,width=160,height=120,framerate=30/1 ! {encoder} ! r.'
             ' audiotestsrc is-live=true ! opusenc ! r.')
# Key frames are made on request only.
ENCODERS = {'vp8': 'vp8enc deadline=1 cpu-used=8 keyframe-max-dist=3000',
            'h264': 'x264enc tune=zerolatency speed-preset=ultrafast key-int-max=3000'
                    ' ! video/x-h264,profile=constrained-baseline'}


class Server(Program):
    """The loopback server on this machine."""

    def __init__(self, loopback, *switches, port=0):
        settings = [word for switch in switches for word in ('--set', switch)]
        super().__init__('server', [loopback, '--port', str(port), *settings])
        found = until(lambda: self.find(r'event=listening url=(\S+)'), 'no server')
        self.url = found[1]
        self.port = int(re.search(r':(\d+)/', self.url)[1])

    def publish(self, more='', codec='vp8'):
        line = PUBLISHER.format(url=f'{self.url}whip/demo', encoder=ENCODERS[codec])
        words = (line + more).split()
        return Program('publisher', ['gst-launch-1.0', '-q', *words])

    def ask(self, path, **switches):
        """Its statistics, or with switches what it is to do"""
        body = json.dumps({name.replace('_', '-'): value for name, value in switches.items()})
        with urllib.request.urlopen(self.url + path, body.encode() if switches else None,
                                    PATIENCE_S) as answer:
            return json.loads(answer.read() or 'null')

    def tell(self):
        """What it says last, and its sessions and streams"""
        try:
            stats = self.ask('stats')
        except OSError as error:
            return f'{self.url}: {error}'
        lines = [line for _, line in list(self.lines)[-12:]]
        return '\n'.join([self.url, *lines, *(
            f'{name}: {json.dumps(stats[name])}' for name in ('channels', 'publishers', 'viewers'))])

    def list(self, role):
        """The ids of its sessions: role is publishers or viewers"""
        return [session['id'] for session in self.ask('stats')[role]]


def sleep(seconds):
    """The outage itself: nothing is waited for."""
    end = time.monotonic() + seconds
    until(lambda: time.monotonic() >= end, 'time stands still', seconds + PATIENCE_S)


def judge(clock, **figures):
    """Times in s, against what is wanted: name=(time, wanted)."""
    for name, (seconds, wanted) in figures.items():
        limit = lab.limit(wanted, clock.worst)
        assert seconds is not None and seconds <= limit, f'{name}: {seconds}, not {limit}'
    return {name: round(seconds, 3) for name, (seconds, _) in figures.items()}
