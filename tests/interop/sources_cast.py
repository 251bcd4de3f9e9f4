#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Broadcasts LAUNCH-LINE by its rcastsink, with flashes and beeps every two seconds.

Elements of the line have a part to play by their names: `flash…` (videobalance) and `beep…`
(volume) make the marks, `vfr…` drops frames as a phone does, `counted…` stamps them with
n/30, `tee…` and `rec…` count what is recorded. Prints JSON, a line for each message.
"""

import json
import re
import signal
import sys
import time

import gi

gi.require_version('Gst', '1.0')
gi.require_version('GstController', '1.0')
from gi.repository import GLib, Gst, GstController  # noqa: E402

MARKS_HZ = 0.5
VFR_RATES = (60, 24, 5, 1, 30)
VFR_SECONDS = 4
END_MS = 5000


def say(event, **fields):
    print(json.dumps({'event': event, 'at': time.monotonic()} | fields), flush=True)


def oscillate(element, name, low, high):
    """A square wave of stream time."""
    wave = GstController.LFOControlSource()
    wave.set_property('waveform', GstController.LFOWaveform.SQUARE)
    wave.set_property('frequency', MARKS_HZ)
    wave.set_property('amplitude', (high - low) / 2)
    wave.set_property('offset', (high + low) / 2)
    element.add_control_binding(GstController.DirectControlBinding.new_absolute(element, name, wave))


class Phone:
    """Drops frames so that their rate changes; those at which marks change stay."""

    def __init__(self):
        self.last, self.half = 0, -1

    def on_frame(self, _pad, info):
        pts = info.get_buffer().pts
        rate = VFR_RATES[pts // (VFR_SECONDS * Gst.SECOND) % len(VFR_RATES)]
        half = pts // Gst.SECOND
        if half == self.half and pts - self.last < Gst.SECOND // rate - Gst.SECOND // 100:
            return Gst.PadProbeReturn.DROP
        self.last, self.half = pts, half
        return Gst.PadProbeReturn.OK


class Counter:
    """Stamps frames by their number, as a capture program that takes 29.97 for 30 does."""

    def __init__(self):
        self.number, self.first = 0, None

    def on_frame(self, _pad, info):
        buffer = info.get_buffer()
        if self.first is None:
            self.first = buffer.pts
        buffer.pts = self.first + self.number * Gst.SECOND // 30
        buffer.dts = Gst.CLOCK_TIME_NONE
        self.number += 1
        return Gst.PadProbeReturn.OK


class Count:
    def __init__(self, name):
        self.name, self.buffers, self.last, self.longest = name, 0, None, 0.0

    def on_data(self, _pad, info):
        now = time.monotonic()
        if self.last is not None:
            self.longest = max(self.longest, now - self.last)
        self.last = now
        self.buffers += 1
        return Gst.PadProbeReturn.OK


class Cast:
    def __init__(self, line):
        self.pipeline = Gst.parse_launch(line)
        self.loop = GLib.MainLoop()
        self.counts, self.kept = [], []
        for name in re.findall(r'\bname=(\w+)', line):
            self.prepare(self.pipeline.get_by_name(name), name)

    def probe(self, element, pad, handler):
        self.kept.append(handler)
        element.get_static_pad(pad).add_probe(Gst.PadProbeType.BUFFER, handler)

    def prepare(self, element, name):
        if name.startswith('flash'):
            oscillate(element, 'brightness', 0.0, 1.0)
        elif name.startswith('beep'):
            oscillate(element, 'volume', 0.0, 0.8)
        elif name.startswith('vfr'):
            self.probe(element, 'src', Phone().on_frame)
        elif name.startswith('counted'):
            self.probe(element, 'src', Counter().on_frame)
        elif name.startswith(('tee', 'rec')):
            self.counts.append(Count(name))
            self.probe(element, 'sink', self.counts[-1].on_data)

    def on_message(self, _bus, message):
        if message.type == Gst.MessageType.ERROR:
            say('error', text=str(message.parse_error()))
            self.loop.quit()
        elif message.type == Gst.MessageType.EOS:
            self.loop.quit()
        elif message.type == Gst.MessageType.WARNING:
            say('warning', text=message.parse_warning()[0].message)
        elif message.type == Gst.MessageType.ELEMENT and message.src.get_name() == 'r':
            fields = message.get_structure()
            say('message', name=fields.get_name(),
                **{key: fields.get_value(key) for key in ('pad', 'stage', 'detail')
                   if fields.has_field(key)})

    def end(self):
        self.pipeline.send_event(Gst.Event.new_eos())
        GLib.timeout_add(END_MS, self.loop.quit)
        return GLib.SOURCE_REMOVE

    def run(self):
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect('message', self.on_message)
        for number in (signal.SIGINT, signal.SIGTERM):
            GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, self.end)
        say('message', name='started')
        self.pipeline.set_state(Gst.State.PLAYING)
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)
        say('counts', **{c.name: [c.buffers, round(c.longest, 3)] for c in self.counts})


Gst.init(None)
Cast(' '.join(sys.argv[1:])).run()
