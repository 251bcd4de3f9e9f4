#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""rcastsink at a WHIP server that is not ours, which dies, is cut off, and stands still.

recovery.py SERVER: one of the servers beside this file. In network namespaces of the test's own.
Prints a line of figures for each case; 77 where something is missing.
"""

import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'faults'))
import lab

HERE = Path(__file__).resolve().parent
SERVERS = {
    'eyevinn': (['node', HERE / 'whip-eyevinn.cjs'],
                ['node', '-e', 'require("@roamhq/wrtc"); require("@eyevinn/whip-endpoint/package.json")']),
    'werift': (['node', HERE / 'whip-werift.cjs'], ['node', '-e', 'require("werift")']),
    'aiortc': (['/usr/bin/python3', HERE / 'whip-aiortc.py'],
               ['/usr/bin/python3', '-c', 'import aiohttp, aiortc']),
}
CASTER = ('stdbuf -oL gst-launch-1.0 -e -m rcastsink name=r location=whip+{url} videotestsrc is-live=true'
          ' ! video/x-raw,width=160,height=120,framerate=30/1 ! vp8enc deadline=1 cpu-used=8'
          ' keyframe-max-dist=3000 ! r. audiotestsrc is-live=true ! opusenc ! r.')
# What a status is printed like
STATUS = re.compile(r'"r" \(element\): (\w+),')
PATIENCE_S = 60
# What is wanted from the end of a fault, in s
BACK_S = 3
# More frames than were under way
ENOUGH = 15


class Scene:
    def __init__(self, place, folder, command):
        self.place, self.folder, self.command = place, folder, command
        self.url = None
        self.server = self.serve()
        self.caster = place.spawn('caster', shlex.split(CASTER.format(url=self.url)),
                                  folder / 'caster.log')

    def serve(self):
        server = self.place.spawn('server', [*map(str, self.command), '--host', lab.SERVERS[0],
                                             '--port', str(lab.PORT)], self.folder / 'server.log')
        told = server.wait(lambda e: said(e, 'listening'), PATIENCE_S)
        assert told, (self.folder / 'server.log').read_text()[-2000:]
        self.url = said(told, 'listening')['url']
        return server

    def tell(self):
        return '\n'.join([*(str(e.get('text')) for e in self.caster.snapshot()[-20:]),
                          *(str(e.get('text')) for e in self.server.snapshot()[-20:])])

    def wait_media(self, since):
        """Until every stream arrives. Returns when the broadcast was said to be on air."""
        on_air = self.caster.wait(lambda e: status_of(e) == 'broadcasting', PATIENCE_S, since)
        assert on_air, self.tell()
        self.wait_frames(on_air['at'])
        return on_air['at']

    def wait_frames(self, since):
        """More of each stream of the newest session than when it was first told of after `since`."""
        first = {}

        def grown(event):
            told = said(event, 'stats')
            if (not told or len(told['streams']) < 2
                    or any(s.get('ssrc') is None for s in told['streams'])):
                return False
            counts = {s['ssrc']: s['frames'] for s in told['streams']}
            return all(n >= first.setdefault(ssrc, n) + ENOUGH for ssrc, n in counts.items())

        assert self.server.wait(grown, PATIENCE_S, since), self.tell()


def said(event, name):
    """What a server says under that name: a line of JSON"""
    try:
        told = json.loads(event.get('text', ''))
    except ValueError:
        return None
    return told if isinstance(told, dict) and told.get('event') == name else None


def status_of(event):
    found = STATUS.search(event.get('text', ''))
    return found and found[1]


def published(scene):
    """At once"""
    scene.wait_media(0)
    return 0


def killed(scene):
    """A process that knows nothing of the session takes its place."""
    fault = lab.now()
    scene.server.kill()
    assert scene.caster.wait(lambda e: status_of(e) == 'reconnecting_broadcast', PATIENCE_S, fault), scene.tell()
    scene.server = scene.serve()
    back = lab.now()
    return scene.wait_media(back) - back


def cut_off(scene):
    """Everything, for longer than a path lives; the server is still there."""
    fault = lab.now()
    scene.place.cut()
    assert scene.caster.wait(lambda e: status_of(e) == 'reconnecting_broadcast', PATIENCE_S, fault), scene.tell()
    time.sleep(3)
    back = lab.now()
    scene.place.heal()
    return scene.wait_media(back) - back


def stood_still(scene):
    """As a machine that swaps; its answers come late."""
    fault = lab.now()
    scene.server.send(signal.SIGSTOP)
    assert scene.caster.wait(lambda e: status_of(e) == 'reconnecting_broadcast', PATIENCE_S, fault), scene.tell()
    back = lab.now()
    scene.server.send(signal.SIGCONT)
    return scene.wait_media(back) - back


def ended(scene):
    """The server is told."""
    scene.caster.send(signal.SIGINT)
    assert scene.server.wait(lambda e: (said(e, 'closed') or {}).get('reason') == 'delete', PATIENCE_S), scene.tell()
    return 0


def play(place, folder, command):
    lateness = lab.Lateness()
    scene = Scene(place, folder, command)
    for case in (published, killed, cut_off, stood_still, killed, ended):
        begun = lab.now()
        back = case(scene)
        late = lateness.worst(begun, lab.now())
        print(case.__name__, json.dumps({'back': round(back, 3), 'took': round(lab.now() - begun, 1),
                                         'late': round(late, 2)}), flush=True)
        assert back <= lab.limit(BACK_S, late), f'{case.__name__}: {back} s\n{scene.tell()}'


def what_is_missing(needs):
    missing = [tool for tool in ('gst-launch-1.0', 'stdbuf', needs[0]) if not shutil.which(tool)]
    if not missing and subprocess.run(needs, stderr=subprocess.DEVNULL, check=False).returncode:
        missing = [shlex.join(needs)]
    return ', '.join(missing) or lab.what_is_missing()


def main():
    command, needs = SERVERS[sys.argv[1]]
    return lab.run_in_lab('rcast-recovery-', what_is_missing(needs),
                          lambda place, folder: play(place, Path(folder), command))


if __name__ == '__main__':
    sys.exit(main())
