#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is fed by rcastsrc, over random faults: a relay, a recording; and what is left of many sessions.

rcastsrc-faults.py [--faults N] [--seconds S] [--seed N] LOOPBACK CAST [CASE…]. CAST is the caster of the
fault lab. N faults come on each side of the relay, and over the recording, S s apart there; six times N are
the new sessions. 77 if what it takes is not installed.
"""

import argparse
import ctypes
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from array import array
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'faults'))
import lab
from watching import Clock, Gst, Program, Server, Viewer, sleep, until

# Longest outage of a fault
OUTAGE_S = 1.5
# What waits in the jitter buffer comes after it.
BUFFERED_S = 0.4
# Reconnections for each fault of the other cases
RECONNECTS = 6
# As in the fault lab's source: luma of the flash, level of the tone, 50 ms of 48 kHz before it
BRIGHT, LOUD, SILENT_SAMPLES = 160, 3000, 2400
# Of sound and picture at the end
OFFSET_S = 0.08


class Side:
    """A server, and how it fails. WHO: whose session it ends, if it ends one."""

    def __init__(self, loopback, who):
        self.loopback, self.who = loopback, who
        self.server = Server(loopback)

    def pause(self, rand):
        sleep(rand.uniform(0, OUTAGE_S))

    def killed(self, rand):
        self.server.end(signal.SIGKILL)
        self.pause(rand)
        self.server = Server(self.loopback, port=self.server.port)

    def frozen(self, rand):
        self.server.process.send_signal(signal.SIGSTOP)
        self.pause(rand)
        self.server.process.send_signal(signal.SIGCONT)

    def kicked(self, rand):
        for session in self.server.list(self.who):
            self.server.ask('control', kick=session)

    def forgotten(self, rand):
        for session in self.server.list(self.who):
            self.server.ask('control', forget=session)

    def busy(self, rand):
        self.server.ask('control', fail_status=503, fail_count=1, retry_after='1')
        self.kicked(rand)

    def choose(self, rand):
        """Does something. Returns what"""
        fault = rand.choice((self.killed, self.frozen, self.kicked, self.forgotten, self.busy))
        fault(rand)
        return fault.__name__


def back(viewer, since):
    """Until it is seen and heard again. Returns the longest time without a frame."""
    viewer.wait_frames(15, time.monotonic() + BUFFERED_S)
    times = [at for at, _ in viewer.frames['video']]
    return max(b - a for a, b in zip(times, times[1:]) if b >= since)


def relay(arguments, rand):
    """rcastsrc ! rcastsink, without transcoding, while each side fails as often."""
    source, target = Side(arguments.loopback, 'viewers'), Side(arguments.loopback, 'publishers')
    publisher = source.server.publish()
    until(lambda: source.server.find('event=live'), 'nobody publishes')
    middle = Viewer(f'rcastsrc name=s location=whep+{source.server.url}whep/demo rcastsink name=r'
                    f' location=whip+{target.server.url}whip/demo s.video_0 ! r. s.audio_0 ! r.')
    until(lambda: target.server.find('event=live'), middle.tell)
    viewer = Viewer.decoding(f'whep+{target.server.url}whep/demo')
    viewer.wait_frames(15)
    sides = [('source', source), ('target', target)] * arguments.faults
    rand.shuffle(sides)
    gaps = {}
    for name, side in sides:
        since = time.monotonic()
        fault = f'{name}-{side.choose(rand)}'
        gaps.setdefault(fault, []).append(round(back(viewer, since), 2))
    viewer.check()
    assert not middle.error, middle.tell()
    for pipeline in (viewer, middle):
        pipeline.end()
    for program in (publisher, source.server, target.server):
        program.end()
    return gaps


def find_flashes(samples):
    """When the picture becomes bright, in s"""
    flashes, before = [], True
    for buffer in samples:
        data = buffer.extract_dup(0, buffer.get_size())
        bright = statistics.fmean(data[::97]) > BRIGHT
        if bright and not before:
            flashes.append(buffer.pts / Gst.SECOND)
        before = bright
    return flashes


def find_beeps(samples):
    """When the tone begins, in s"""
    beeps, silent = [], 0
    for buffer in samples:
        values = array('h', buffer.extract_dup(0, buffer.get_size()))
        for i, value in enumerate(values):
            if abs(value) < LOUD:
                silent += 1
                continue
            if silent > SILENT_SAMPLES:
                beeps.append(buffer.pts / Gst.SECOND + i / 48000)
            silent = 0
    return beeps


def note_time(_, info, times):
    times.append(info.get_buffer().pts)
    return Gst.PadProbeReturn.OK


def play(path):
    """Decodes a segment, whose times only grow. Returns its frames, and how much later than the picture
    the sound is, at each mark."""
    pipeline = Gst.parse_launch(
        f'filesrc location={path} ! matroskademux name=d d.video_0 ! queue name=video'
        ' ! h264parse ! avdec_h264 ! videoconvert ! video/x-raw,format=GRAY8 ! appsink name=v sync=false'
        ' d.audio_0 ! queue name=audio ! opusdec ! audioconvert ! audioresample'
        ' ! audio/x-raw,format=S16LE,channels=1,rate=48000 ! appsink name=a sync=false')
    times = {'video': [], 'audio': []}
    for kind in times:
        pipeline.get_by_name(kind).get_static_pad('sink').add_probe(
            Gst.PadProbeType.BUFFER, note_time, times[kind])
    pipeline.set_state(Gst.State.PLAYING)
    samples = {}
    for name in 'v', 'a':
        sink, samples[name] = pipeline.get_by_name(name), []
        while sample := sink.emit('pull-sample'):
            samples[name].append(sample.get_buffer())
        assert samples[name], f'{path}: nothing comes of it'
    pipeline.set_state(Gst.State.NULL)
    for kind, seen in times.items():
        assert seen == sorted(seen), f'{path}: {kind}: time goes back: {seen}'
    flashes = find_flashes(samples['v'])
    late = [beep - flash for beep in find_beeps(samples['a']) for flash in flashes
            if abs(beep - flash) < 0.5]
    return len(samples['v']), late


def record(arguments, rand):
    """By splitmuxsink: each segment plays, and sound and picture are together at the end."""
    with tempfile.TemporaryDirectory() as folder:
        side, clock = Side(arguments.loopback, 'viewers'), Clock()
        publisher = Program('publisher', [arguments.cast, '--contestant=rcastsink',
                                          f'--url={side.server.url}whip/demo'])
        until(lambda: side.server.find('event=live'), 'nobody publishes')
        viewer = Viewer(f'rcastsrc name=s location=whep+{side.server.url}whep/demo splitmuxsink name=m'
                        f' location={folder}/%04d.mkv max-size-time=1000000000'
                        ' send-keyframe-requests=true muxer-factory=matroskamux s.video_0 ! h264parse ! queue ! m.video'
                        ' s.audio_0 ! queue ! m.audio_0')
        count = lambda: len(list(Path(folder).glob('*.mkv')))
        begun, faults = time.monotonic(), []
        for _ in range(arguments.faults):
            before = count()
            until(lambda: viewer.error or count() >= before + 2, viewer.tell)
            faults.append(side.choose(rand))
            sleep(rand.uniform(0, 2 * arguments.seconds))
        before = count()
        until(lambda: viewer.error or count() >= before + 4, viewer.tell)
        assert not viewer.error, viewer.tell()
        viewer.pipeline.send_event(Gst.Event.new_eos())
        until(lambda: viewer.error, 'no end of the recording')
        assert viewer.error == 'EOS', viewer.error
        viewer.end()
        publisher.end()
        side.server.end()
        took = time.monotonic() - begun
        played = [play(path) for path in sorted(Path(folder).glob('*.mkv'))]
        offsets = [offset for _, late in played[-4:] for offset in late]
        offset = statistics.median(offsets)
        assert abs(offset) < OFFSET_S + clock.worst, offsets
        return {'faults': faults, 'seconds': round(took), 'segments': len(played),
                'frames': sum(frames for frames, _ in played), 'offset': round(offset, 3)}


class Memory(ctypes.Structure):
    """mallinfo2 (3)"""
    _fields_ = [(name, ctypes.c_size_t) for name in (
        'arena', 'ordblks', 'smblks', 'hblks', 'hblkhd', 'usmblks', 'fsmblks', 'uordblks', 'fordblks',
        'keepcost')]


def count_use():
    lab.libc.mallinfo2.restype = Memory
    memory = lab.libc.mallinfo2()
    return {'fds': len(os.listdir('/proc/self/fd')), 'threads': len(os.listdir('/proc/self/task')),
            'in_use_kib': (memory.uordblks + memory.hblkhd) // 1024}


def settle(first=None):
    """The least, once what is left of the last connection is gone; if more than at first, that is given
    time."""
    least, end = count_use(), time.monotonic() + lab.SETTLE_S
    while time.monotonic() < end or (first and grown(first, least)
                                     and time.monotonic() < end + lab.PATIENCE_S):
        sleep(0.5)
        least = {what: min(least[what], n) for what, n in count_use().items()}
    return least


def grown(first, last):
    return {what: (n, last[what]) for what, n in first.items() if last[what] > n + lab.SLACK[what]}


def reconnects(arguments, rand):
    """One session after the other: what the process holds does not grow."""
    side, count = Side(arguments.loopback, 'viewers'), RECONNECTS * arguments.faults
    publisher = side.server.publish()
    until(lambda: side.server.find('event=live'), 'nobody publishes')
    viewer = Viewer('rcastsrc name=s reconnect-min-delay=0 reconnect-max-delay=1'
                    f' location=whep+{side.server.url}whep/demo', True)
    viewer.wait_frames(15)
    first = None
    for i in range(count + 1):
        if i == count // 10:
            first = settle()
        old = side.server.list('viewers')
        side.kicked(rand)
        until(lambda: set(side.server.list('viewers')) - set(old), viewer.tell)
        since = time.monotonic()
        viewer.wait_frames(2, since)
        # What this program remembers is none of what is counted.
        for frames in viewer.frames.values():
            del frames[:-2]
        del viewer.messages[:]
    last = settle(first)
    viewer.check()
    viewer.end()
    publisher.end()
    side.server.end()
    assert not grown(first, last), (first, last)
    return {'reconnects': count, 'first': first, 'last': last}


CASES = {function.__name__: function for function in (relay, record, reconnects)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('loopback')
    parser.add_argument('cast')
    parser.add_argument('cases', nargs='*', choices=[*CASES, []])
    parser.add_argument('--faults', type=int, default=3)
    parser.add_argument('--seconds', type=float, default=0)
    parser.add_argument('--seed', type=int, default=1)
    arguments = parser.parse_args()
    Gst.init(None)
    if not Gst.ElementFactory.find('rcastsrc'):
        print('skipped: no rcastsrc')
        sys.exit(77)
    for name in arguments.cases or CASES:
        print(name, json.dumps(CASES[name](arguments, random.Random(arguments.seed))), flush=True)


if __name__ == '__main__':
    main()
