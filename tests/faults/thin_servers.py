# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who takes the broadcasts on thin links: rcast-loopback, or servers of others.

A server is given the ThinRun that it is of. It says where to broadcast to, what each SSRC carries, and
when there were frames that could be decoded, as events `frame`.
"""

import os

import contestants
import janus
import lab

START_S = 60
# Under which Janus' viewer finds the broadcast
NAME = 'live'


def counted_frames(events):
    """A decoder's count, told some twenty times a second: each frame has the time at which it was told."""
    told, known = [], 0
    for event in events:
        if event['event'] != 'stats' or 'frames' not in event:
            continue
        frames = int(event['frames'])
        told += [{'event': 'frame', 'name': NAME, 'id': 'decoder', 'n': number, 'at': event['at']}
                 for number in range(known, frames)]
        known = max(known, frames)
    return told


def decoder_says(events, begin, end):
    """What the decoder's own count of freezes is in that time; seconds only where it tells them"""
    looks = [event for event in events if event['event'] == 'stats' and begin <= event['at'] <= end
             and 'freezes' in event]
    if not looks:
        return {}
    return {f'decoder_{name}': round(float(looks[-1][key]) - float(looks[0][key]), 2)
            for name, key in (('freezes', 'freezes'), ('frozen_s', 'frozen-s')) if key in looks[0]}


class Loopback:
    """rcast-loopback, on GStreamer"""

    text = 'rcast-loopback: GStreamer'

    @staticmethod
    def missing():
        return None

    def __init__(self, run):
        self.run = run

    def start(self):
        run = self.run
        self.process = run.spawn('server', [
            run.tools['server'], f'--host={lab.SERVERS[0]}', f'--port={lab.PORT}', '--frames',
            f'--ice-address={lab.SERVERS[0]}', '--set=session-timeout-ms=10000',
            *(f'--set={switch}' for switch in run.scenario.server)], 'server')
        return bool(self.process.wait(lambda e: e['event'] == 'listening', START_S))

    def url(self, name):
        return f'http://{lab.SERVERS[0]}:{lab.PORT}/whip/{name}'

    def wait_frame(self):
        return bool(self.process.wait(lambda e: e['event'] == 'frame', START_S))

    def kinds(self):
        """(SSRC, broadcast, kind) of each stream"""
        return [(stream['ssrc'], publisher['name'], stream['kind'])
                for publisher in (self.run.place.stats(0) or {}).get('publishers', ())
                for stream in publisher['streams']]

    def frames(self):
        return self.process.snapshot()

    def says(self):
        """What has a count of freezes"""
        return []

    def processes(self):
        return [self.process]


class Counting(Loopback):
    """One whose decoder counts"""

    def decoder(self):
        return self.process

    def wait_frame(self):
        return bool(self.decoder().wait(
            lambda e: e['event'] == 'stats' and int(e.get('frames', 0)) > 0, START_S))

    def frames(self):
        return counted_frames(self.says())

    def says(self):
        return self.decoder().snapshot()


class Chromium(Counting):
    text = 'a page of Chromium that answers by WHIP'

    missing = staticmethod(contestants.chromium_missing)

    def start(self):
        here = os.path.join(self.run.tools['here'], '..', 'interop', 'whip-chromium.cjs')
        self.process = self.run.spawn('server', ['node', here, '--host', lab.SERVERS[0], '--port', str(lab.PORT)],
                                      'server')
        return bool(self.process.wait(lambda e: 'listening' in e.get('text', ''), START_S))

    def url(self, name):
        return f'http://{lab.SERVERS[0]}:{lab.PORT}/whip'

    def kinds(self):
        return [(int(event['ssrc']), NAME, event['kind']) for event in self.process.snapshot()
                if event['event'] == 'stream']


class Janus(Counting):
    text = "Debian's Janus, whose viewer is Chromium"

    @staticmethod
    def missing():
        return contestants.janus_missing() or contestants.chromium_missing()

    def start(self):
        run, self.known = self.run, []
        self.server = janus.Janus(run.place, run.folder)
        try:
            self.server.start()
            self.viewer = janus.Viewer(run.place, run.folder)
            self.viewer.ready()
        except janus.Failed as reason:
            raise RuntimeError(str(reason)) from reason
        self.process = self.server.process
        return True

    def url(self, name):
        return f'janus+{janus.URL}?room={janus.ROOM}&display={name}'

    def decoder(self):
        return self.viewer.process

    def kinds(self):
        """They stay: each question costs the machine time."""
        if len(self.known) < 2:
            self.known = [kind for session, handles in self.server.sessions().items() for handle in handles
                          for kind in self._kinds_of(self.server.ask(f'/{session}/{handle}', janus='handle_info'))]
        return self.known

    @classmethod
    def _kinds_of(cls, told, kind=''):
        """Where Janus has them differs from version to version; what it sends itself has no peer's SSRC."""
        if isinstance(told, list):
            return [found for each in told for found in cls._kinds_of(each, kind)]
        if not isinstance(told, dict):
            return []
        kind = told['type'] if told.get('type') in ('audio', 'video') else kind
        mine = [(told['ssrc-peer'], NAME, kind)] if kind and 'ssrc-peer' in told else []
        return mine + [found for each in told.values() for found in cls._kinds_of(each, kind)]

    def processes(self):
        return [self.viewer.process, self.process]


SERVERS = {'loopback': Loopback, 'chromium': Chromium, 'janus': Janus}
