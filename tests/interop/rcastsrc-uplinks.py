#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""rcastsrc with two uplinks, while these, the NAT, the server and the publisher fail.

rcastsrc-uplinks.py [--rounds N] LOOPBACK|janus [CASE…]. In network namespaces of the test's own; what
comes is decoded in this process, behind the two uplinks. Each case has a pipeline of its own and prints
a line of figures, and all rounds together median and worst; `--rounds 20` has each fault twenty times.
Whom rcastsrc blames is judged in each. The case cut-60s is for those who name it. With `janus`, Debian's
Janus is the server, which goes on sending to an uplink that is dead until it is told. 77 where root,
Python's GStreamer or Janus is missing.
"""

import argparse
import json
import re
import signal
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'faults'))
import contestants
import janus
import lab
from watching import BACK_S, Clock, Gst, Viewer, judge, sleep, until

URL = f'http://{lab.SERVERS[0]}:{lab.PORT}/'
PUBLISHER = ('rcastsink name=r location={location} videotestsrc is-live=true'
             ' ! video/x-raw,width=160,height=120,framerate=30/1 ! vp8enc deadline=1 cpu-used=8'
             ' keyframe-max-dist=3000 ! r. audiotestsrc is-live=true ! opusenc ! r.')
# Before a fault: the paths have been used, their rhythm is known.
WARM_FRAMES = 60
# What waits in the jitter buffer comes after the fault.
BUFFERED_S = 0.4
# So much before it is told may be what the server has said of a stream.
WORD_S = 0.15
# That many packets by an uplink, and there is a path on it.
PATH_PACKETS = 4


class Scene:
    """A server, a publisher beside it, and the pipeline that watches by two uplinks."""

    cases = ('uplink-dead', 'uplink-down', 'nat-rebinding', 'cut-2s', 'cut-12s', 'publisher-killed',
             'server-killed')
    publish_at, watch_at = f'whip+{URL}whip/demo', f'whep+{URL}whep/demo'

    def __init__(self, place, loopback):
        self.place, self.loopback = place, loopback
        self.server = self.publisher = None

    def serve(self):
        self.server = self.place.spawn('server', [
            self.loopback, f'--host={lab.SERVERS[0]}', f'--port={lab.PORT}',
            f'--ice-address={lab.SERVERS[0]}'])
        until(lambda: self.saw('listening'), self.server.snapshot)

    def publish(self):
        self.publisher = self.place.spawn(
            'server', ['gst-launch-1.0', '-q', *PUBLISHER.format(location=self.publish_at).split()])

    def is_live(self):
        return self.saw('live')

    def saw(self, name, after=0.0):
        """When the server said so"""
        return next((e['at'] for e in self.server.snapshot()
                     if e['event'] == name and e['at'] >= after), None)

    def count(self):
        """Packets that the router has sent to the viewer by each uplink"""
        lines = self.place.run('router', 'cat /proc/net/dev').splitlines()
        sent = {line.split(':')[0].strip(): int(line.split(':')[1].split()[9])
                for line in lines if ':' in line}
        return [sent['r0'], sent['r1']]

    def watch(self):
        """From a fresh start, with a path on each uplink."""
        before = self.count()
        self.viewer = Viewer.decoding(self.watch_at)
        self.viewer.wait_frames(WARM_FRAMES)
        until(lambda: all(now - then >= PATH_PACKETS for now, then in zip(self.count(), before)),
              self.count)

    def find_uplink(self):
        """The one by which the media comes"""
        before, frames = self.count(), len(self.viewer.frames['video'])
        until(lambda: len(self.viewer.frames['video']) >= frames + 10, self.viewer.tell)
        after = self.count()
        return int(after[1] - before[1] > after[0] - before[0])

    def wait_uplink(self, uplink):
        """Until the media comes by UPLINK, a second's worth"""
        first = self.count()
        until(lambda: self.viewer.error or self.count()[uplink] >= first[uplink] + WARM_FRAMES,
              self.viewer.tell)
        assert not self.viewer.error, self.viewer.tell()
        assert self.find_uplink() == uplink

    def gap(self, since):
        """The longest time between two frames"""
        times = [at for at, _ in list(self.viewer.frames['video'])]
        return max(b - a for a, b in zip(times, times[1:]) if b >= since)

    def causes(self, since):
        return [found[1] for at, name, text in self.viewer.messages
                if name == 'stream_disconnected' and at >= since
                for found in [re.search(r'cause=\(string\)"?([a-z]+)', text)]]

    def restore(self):
        """After a case that has failed: a world of its own for the next one"""
        self.viewer.end()
        self.place.repair()
        for process in (self.publisher, self.server):
            process.kill()
        self.begin()

    def begin(self):
        self.serve()
        self.publish()
        until(self.is_live, 'nobody publishes')

    def finish(self, since):
        """As the case began. Returns whom rcastsrc has blamed."""
        self.viewer.check()
        causes = self.causes(since)
        self.viewer.end()
        self.place.repair()
        return causes


class JanusScene(Scene):
    """The same at Debian's Janus."""

    cases = ('uplink-dead', 'uplink-down')
    publish_at = watch_at = f'janus+{janus.URL}?room={janus.ROOM}&display=studio'

    def __init__(self, place, folder):
        super().__init__(place, None)
        self.folder = folder

    def serve(self):
        self.server = janus.Janus(self.place, self.folder).start().process

    def is_live(self):
        return any('WebRTC media is now available' in event.get('text', '')
                   for event in self.server.snapshot())


def uplink_lost(scene, break_it):
    """The one by which the media comes, while the other one is well."""
    clock, uplink, since = Clock(), scene.find_uplink(), time.monotonic()
    break_it(uplink)
    scene.wait_uplink(1 - uplink)
    # A decoder that is late shows the outage after it.
    scene.viewer.wait_frames(15, time.monotonic() + BUFFERED_S)
    figures = judge(clock, gap=(scene.gap(since), BACK_S))
    causes = scene.finish(since)
    assert set(causes) <= {'network'}, causes
    return {**figures, 'causes': causes}


def uplink_dead(scene):
    """A black hole: nothing says so."""
    return uplink_lost(scene, lambda uplink: scene.place.cut((uplink,)))


def uplink_down(scene):
    """It loses its carrier."""
    return uplink_lost(scene, lambda uplink: scene.place.link(uplink, False))


def cut(scene, seconds):
    clock, since = Clock(), time.monotonic()
    scene.place.cut()
    sleep(seconds)
    scene.place.heal()
    healed = time.monotonic()
    scene.viewer.wait_frames(15, healed)
    figures = judge(clock, back=(scene.viewer.first('video', healed) - healed, BACK_S))
    causes = scene.finish(since)
    assert set(causes) == {'network'}, causes
    return {**figures, 'causes': causes}


def cut_2s(scene):
    return cut(scene, 2)


def cut_12s(scene):
    return cut(scene, 12)


def nat_rebinding(scene):
    clock, since = Clock(), time.monotonic()
    scene.place.rebind_nat()
    scene.viewer.wait_frames(15, since + BUFFERED_S)
    figures = judge(clock, gap=(scene.gap(since), BACK_S))
    causes = scene.finish(since)
    assert set(causes) <= {'network'}, causes
    return {**figures, 'causes': causes}


def cut_60s(scene):
    return cut(scene, 60)


def publisher_killed(scene):
    clock, since = Clock(), time.monotonic()
    scene.publisher.kill()
    until(lambda: scene.causes(since), scene.viewer.tell)
    scene.publish()
    live = until(lambda: scene.saw('live', since), scene.server.snapshot)
    scene.viewer.wait_frames(15, live)
    figures = judge(clock, back=(scene.viewer.first('video', live) - live, BACK_S))
    causes = scene.finish(since)
    assert set(causes) <= {'silent', 'unpublished'}, causes
    return {**figures, 'causes': causes}


def server_killed(scene):
    clock, since = Clock(), time.monotonic()
    scene.server.send(signal.SIGKILL)
    until(lambda: scene.causes(since), scene.viewer.tell)
    scene.serve()
    live = until(lambda: scene.saw('live'), scene.server.snapshot)
    scene.viewer.wait_frames(15, live)
    # Both have waited for the server; the viewer asks until there is a publisher.
    figures = judge(clock, back=(scene.viewer.first('video', live) - live, 2 * BACK_S))
    causes = scene.finish(since)
    # The new server has no stream until the publisher is back: that may be told as well.
    assert causes[0] == 'server' and set(causes) <= {'server', 'unpublished'}, causes
    told = scene.causes(live + WORD_S + clock.worst)
    assert set(told) <= {'server'}, f'{told} of {causes}'
    return {**figures, 'causes': causes}


CASES = {function.__name__.replace('_', '-'): function for function in (
    uplink_dead, uplink_down, nat_rebinding, cut_2s, cut_12s, publisher_killed, server_killed, cut_60s)}


class Tally:
    """Of many rounds: the times of each case, and the names that were wrong."""

    def __init__(self):
        self.times, self.wrong = {}, []

    def play(self, name, scene):
        try:
            scene.watch()
            figures = CASES[name](scene)
        except AssertionError as error:
            self.wrong.append(f'{name}: {error}')
            print(name, 'failed:', error, flush=True)
            scene.restore()
            return
        print(name, json.dumps(figures), flush=True)
        self.times.setdefault(name, []).extend(
            value for key, value in figures.items() if key != 'causes')

    def tell(self):
        for name, times in self.times.items():
            print(f'{name}: {len(times)} runs, median {statistics.median(times):.3f} s,'
                  f' worst {max(times):.3f} s')


def play(place, folder, arguments):
    # The pipeline of this process is behind the two uplinks.
    with open(place.path('caster')) as space:
        if lab.libc.setns(space.fileno(), lab.CLONE_NEWNET):
            raise OSError('cannot enter a network namespace')
    Gst.init(None)
    if not Gst.ElementFactory.find('rcastsrc'):
        raise lab.CannotBe('rcastsrc')
    scene = JanusScene(place, folder) if arguments.server == 'janus' else Scene(place, arguments.server)
    scene.begin()
    tally = Tally()
    for _ in range(arguments.rounds):
        for name in arguments.cases or scene.cases:
            tally.play(name, scene)
            if tally.wrong and arguments.rounds == 1:
                break
    tally.tell()
    assert not tally.wrong, '\n'.join(tally.wrong)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('server', metavar='LOOPBACK|janus')
    parser.add_argument('cases', nargs='*', choices=[*CASES, []])
    parser.add_argument('--rounds', type=int, default=1)
    arguments = parser.parse_args()
    no_janus = contestants.janus_missing() if arguments.server == 'janus' else None
    return lab.run_in_lab('rcast-uplinks-', no_janus or lab.what_is_missing(),
                          lambda place, folder: play(place, folder, arguments))


if __name__ == '__main__':
    sys.exit(main())
