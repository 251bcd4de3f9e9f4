#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is fed by rcastsrc, over random faults: a relay, a recording; and what is left of many sessions.

rcastsrc-faults.py [--faults N] [--seconds S] [--seed N] [--codec CODEC] LOOPBACK CAST [CASE…]. CAST is the caster of
the fault lab. N faults come on each side of the relay, and over the recording, S s apart there; six times N are
the new sessions. Each step is told on standard error; one that hangs ends it all, with what every thread of
Python waits for. 77 if what it takes is not installed.
"""

import argparse
import faulthandler
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import time
import traceback
from array import array
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'faults'))
import lab
from watching import ENCODERS, PATIENCE_S, Clock, Gst, Program, Server, Viewer, heap_in_use, sleep, until

# Longest outage of a fault
OUTAGE_S = 1.5
# What waits in the jitter buffer comes after it.
BUFFERED_S = 0.4
# Reconnections for each fault of the other cases
RECONNECTS = 6
# As in the fault lab's source: luma of the flash, level of the tone, 50 ms of 48 kHz before it
BRIGHT, LOUD, SILENT_SAMPLES = 160, 3000, 2400
MS_SAMPLES = 48
# Of sound and picture, so long after the last fault
OFFSET_S, LAST_S = 0.08, 4
TOO_LATE_S = 0.5
# Of a step of a case: what takes longer, waits in a thread that is not ours
HANG_S = 150


def step(what, seconds=0):
    """Prints WHAT begins. It may take SECONDS more than other steps, but not for ever."""
    print(f'{time.monotonic() - BEGUN:7.1f} s: {what}', file=sys.stderr, flush=True)
    faulthandler.dump_traceback_later(HANG_S + seconds, exit=True)


BEGUN = time.monotonic()


class Side:
    """A server, and how it fails. WHO: whose session it ends, if it ends one."""

    def __init__(self, loopback, who):
        self.loopback, self.who = loopback, who
        self.server = Server(loopback)

    def tell(self):
        return self.server.tell()

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
        step(f'{self.who} {fault.__name__}')
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
    publisher = source.server.publish(codec=arguments.codec)
    until(lambda: source.server.find('event=live'), 'nobody publishes')
    middle = Viewer(f'rcastsrc name=s location=whep+{source.server.url}whep/demo rcastsink name=r'
                    f' location=whip+{target.server.url}whip/demo s.video_0 ! r. s.audio_0 ! r.')
    until(lambda: target.server.find('event=live'), middle.tell)
    viewer = Viewer.decoding(f'whep+{target.server.url}whep/demo')
    viewer.beside = [middle, source, target]
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
    step('stop')
    for pipeline in (viewer, middle):
        pipeline.end()
    for program in (publisher, source.server, target.server):
        program.end()
    return gaps


class Picture:
    """What is seen of a segment: frames, and when each became bright, in s."""

    chain = 'h264parse ! avdec_h264 max-threads=1 ! videoconvert ! video/x-raw,format=GRAY8'

    def __init__(self):
        self.marks, self.count, self.bright = [], 0, True

    def look(self, data, start):
        samples = data[::97]
        bright = sum(samples) > BRIGHT * len(samples)
        if bright and not self.bright:
            self.marks.append(start)
        self.bright = bright
        self.count += 1


class Sound:
    """What is heard of a segment: buffers, and when each tone begins, in s, to a millisecond."""

    chain = ('opusdec ! audioconvert ! audioresample'
             ' ! audio/x-raw,format=S16LE,channels=1,rate=48000')

    def __init__(self):
        self.marks, self.count, self.silent = [], 0, 0

    def look(self, data, start):
        values = array('h', data)
        for i in range(0, len(values), MS_SAMPLES):
            part = values[i:i + MS_SAMPLES]
            if max(part) < LOUD and min(part) > -LOUD:
                self.silent += len(part)
                continue
            if self.silent > SILENT_SAMPLES:
                self.marks.append(start + i / 48000)
            self.silent = 0
        self.count += 1


def on_decoded(_, info, track):
    buffer = info.get_buffer()
    track.look(buffer.extract_dup(0, buffer.get_size()), buffer.pts / Gst.SECOND)
    return Gst.PadProbeReturn.OK


def on_coded(_, info, times):
    times.append(info.get_buffer().pts)
    return Gst.PadProbeReturn.OK


def on_track(_, pad, pipeline, tracks, times):
    """A track that the segment has: one that it lacks must not be waited for."""
    kind = pad.get_name().split('_')[0]
    track = tracks[kind]
    # Nothing prerolls: a track may be empty.
    part = Gst.parse_bin_from_description(
        f'queue max-size-time=0 max-size-buffers=0 ! {track.chain} ! fakesink name=end sync=false'
        ' async=false', True)
    pad.add_probe(Gst.PadProbeType.BUFFER, on_coded, times[kind])
    part.get_by_name('end').get_static_pad('sink').add_probe(
        Gst.PadProbeType.BUFFER, on_decoded, track)
    pipeline.add(part)
    part.sync_state_with_parent()
    pad.link(part.get_static_pad('sink'))


def play(path):
    """Decodes a segment, whose times only grow. Returns its frames, and how much later than the picture
    the sound is, at each mark."""
    step(f'play {path}')
    pipeline = Gst.parse_launch(f'filesrc location={path} ! matroskademux name=d')
    picture, sound = tracks = Picture(), Sound()
    times = {'video': [], 'audio': []}
    pipeline.get_by_name('d').connect('pad-added', on_track, pipeline,
                                      dict(zip(times, tracks)), times)
    pipeline.set_state(Gst.State.PLAYING)
    end = pipeline.get_bus().timed_pop_filtered(
        int(PATIENCE_S * Gst.SECOND), Gst.MessageType.EOS | Gst.MessageType.ERROR)
    pipeline.set_state(Gst.State.NULL)
    assert end, f'{path}: no end of it after {PATIENCE_S} s: {picture.count} frames'
    assert end.type == Gst.MessageType.EOS, f'{path}: {end.parse_error()}'
    assert times['video'] or times['audio'], f'{path}: nothing is in it'
    for track, (kind, seen) in zip(tracks, times.items()):
        # Of sound more: what was lost is concealed.
        assert track.count >= len(seen), f'{path}: {kind}: {track.count} of {len(seen)} decoded'
        assert seen == sorted(seen), f'{path}: {kind}: time goes back: {seen}'
    late = [beep - flash for beep in sound.marks for flash in picture.marks
            if abs(beep - flash) < 0.5]
    return picture.count, late


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
            calm = rand.uniform(0, 2 * arguments.seconds)
            step(f'calm for {calm:.1f} s', calm)
            sleep(calm)
        before, last = count(), time.monotonic()
        until(lambda: viewer.error or (count() >= before + 4 and time.monotonic() > last + LAST_S),
              viewer.tell)
        assert not viewer.error, viewer.tell()
        step('EOS')
        viewer.pipeline.send_event(Gst.Event.new_eos())
        until(lambda: viewer.error, 'no end of the recording')
        assert viewer.error == 'EOS', viewer.error
        step('stop')
        viewer.end()
        publisher.end()
        side.server.end()
        took = time.monotonic() - begun
        played = [play(path) for path in sorted(Path(folder).glob('*.mkv'))]
        offsets = [offset for _, late in played[before:] for offset in late]
        # A machine that is that late shows no flash.
        assert offsets or clock.worst > TOO_LATE_S, f'no mark in {played[before:]}'
        offset = statistics.median(offsets or [0])
        assert abs(offset) < OFFSET_S + clock.worst, offsets
        return {'faults': faults, 'seconds': round(took), 'segments': len(played),
                'frames': sum(frames for frames, _ in played), 'marks': len(offsets),
                'offset': round(offset, 3)}


def count_use():
    return {'fds': len(os.listdir('/proc/self/fd')), 'threads': len(os.listdir('/proc/self/task')),
            'in_use_kib': heap_in_use()}


def settle(first=None):
    """The least, once what is left of the last connection is gone; if more than at first, that is given
    time."""
    step('settle')
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
        step(f'{i} of {count}')
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
    step('stop')
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
    parser.add_argument('--codec', choices=ENCODERS, default='vp8', help='what the relay passes on')
    arguments = parser.parse_args()
    Gst.init(None)
    if not Gst.ElementFactory.find('rcastsrc'):
        print('skipped: no rcastsrc')
        sys.exit(77)
    for name in arguments.cases or CASES:
        step(name)
        figures = CASES[name](arguments, random.Random(arguments.seed))
        print(name, json.dumps(figures), flush=True)


def run():
    """What still plays must not keep the interpreter from its end."""
    try:
        main()
    except Exception:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)


if __name__ == '__main__':
    run()
