#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""rcastsink fails over between two of Debian's Janus, and back: each packet at their interface.

In network namespaces of the test's own. Prints a line of figures; 77 where root, Janus or GStreamer's
tools are missing.
"""

import itertools
import json
import re
import shlex
import shutil
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'faults'))
import janus
import lab

SNIFF = Path(lab.__file__).with_name('sniff.py')
CASTER = ('stdbuf -oL gst-launch-1.0 -m rcastsink name=r location={} \'locations=<"{}">\' failback-interval=1000'
          ' videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=30/1 ! vp8enc deadline=1'
          ' cpu-used=8 keyframe-max-dist=3000 ! r. audiotestsrc is-live=true ! opusenc ! r.')
STATUS = re.compile(r'"r" \(element\): (\w+),.* location=\(string\)"?([^",;]*)')
# The longest time without a packet that is wanted at a server while it is that of the broadcast, s
GAP_S = 0.1
# How long before and after the return
AROUND_S = 1
# On air there, before the next thing happens
CALM_S = 1.5


class Scene:
    def __init__(self, place, folder):
        self.place, self.folder = place, Path(folder)
        self.servers = [janus.Janus(place, folder, number=number).start() for number in (0, 1)]
        self.urls = [f'janus+{server.url}?room={janus.ROOM}' for server in self.servers]
        self.packets = self.folder / 'packets'
        self.sniffer = place.spawn('server', [sys.executable, str(SNIFF), str(self.packets)])
        assert self.sniffer.wait(lambda e: e['event'] == 'ready', janus.PATIENCE_S)
        self.caster = place.spawn('caster', shlex.split(CASTER.format(*self.urls)),
                                  self.folder / 'caster.log')

    def wait_on_air(self, server, since=0.0):
        """When it is said to be, at that one"""
        def there(event):
            found = STATUS.search(event.get('text', ''))
            return found and found[1] == 'broadcasting' and lab.SERVERS[server] in found[2]

        told = self.caster.wait(there, janus.PATIENCE_S, since)
        assert told, '\n'.join([*(str(e.get('text')) for e in self.caster.snapshot()[-20:]),
                                (self.folder / 'caster.log').read_text()[-1000:]])
        return told['at']


class Stream:
    """What one session has sent of one stream"""

    def __init__(self, packets):
        self.packets, self.first, self.last = packets, packets[0], packets[-1]

    def gap(self, begin, end):
        """The longest of those that reach into that time"""
        return max((b - a for a, b in itertools.pairwise(self.packets) if b > begin and a < end), default=0)


def read_streams(path, begun):
    """In the order of their first packets. BEGUN: the monotonic clock now, whose times these are then"""
    offset = time.time() - begun
    times = {}
    for line in path.read_text().splitlines():
        at, way, _, _, kind, _, _, _, ssrc = line.split()
        if way == 'i' and kind == 'rtp':
            times.setdefault(ssrc, []).append(int(at) / 1e6 - offset)
    # A probe of a path is no stream.
    return sorted((Stream(found) for found in times.values() if len(found) > 20), key=lambda s: s.first)


def judge(streams, over, returned, back, late):
    """Both streams of each session, of which the one at the first server is back when the other goes"""
    beside = [s for s in streams if over - 10 < s.first < returned and s.last > returned]
    again = [s for s in streams if s.first > returned]
    assert len(beside) == 2 and len(again) == 2, [(s.first, s.last) for s in streams]
    begin, end = max(s.first for s in again), min(s.last for s in beside)
    overlap = end - begin
    # What the machine does in the long time before is no matter of the return.
    gap = max(s.gap(begin - AROUND_S, end + AROUND_S) for s in beside + again)
    figures = {'overlap': round(overlap, 3), 'gap': round(gap, 3), 'after': round(back - returned, 3),
               'late': round(late, 2)}
    print('failback', json.dumps(figures), flush=True)
    assert overlap > 0, 'the second server is left before the first one has media'
    assert gap <= lab.limit(GAP_S, late), figures


def play(place, folder):
    lateness = lab.Lateness()
    scene = Scene(place, folder)
    scene.wait_on_air(0)
    fault = lab.now()
    scene.servers[0].kill()
    over = scene.wait_on_air(1, fault)
    time.sleep(CALM_S)
    scene.servers[0].start()
    returned = lab.now()
    back = scene.wait_on_air(0, returned)
    # The goodbye at the second one
    scene.servers[1].wait_sessions(0)
    time.sleep(CALM_S)
    assert scene.caster.alive(), scene.caster.snapshot()[-5:]
    scene.sniffer.stop()
    judge(read_streams(scene.packets, lab.now()), over, returned, back,
          lateness.worst(returned, lab.now()))


def what_is_missing():
    missing = [tool for tool in ('janus', 'gst-launch-1.0', 'stdbuf') if not shutil.which(tool)]
    return ', '.join(missing) or lab.what_is_missing()


def main():
    return lab.run_in_lab('rcast-failback-', what_is_missing(), play)


if __name__ == '__main__':
    sys.exit(main())
