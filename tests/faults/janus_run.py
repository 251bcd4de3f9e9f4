# SPDX-License-Identifier: LGPL-2.1-or-later
"""A broadcast to Debian's Janus, seen in Chromium's counts of decoded frames."""

import janus
import lab
from run import START_S, Failed, Run

# Those that need nothing of the server but to be killed or frozen
SCENARIOS = ('kill-1s', 'kill-20s', 'path-dead', 'udp-cut-5s', 'http-dead-5s', 'cut-0.3s', 'cut-2s',
             'cut-7s', 'cut-12s', 'uplink-down', 'uplink-dead', 'uplink-dead-out', 'uplink-dead-in',
             'links-down-5s', 'late-uplink', 'nat-rebinding', 'address-changed', 'loss-10',
             'default-dead-start', 'frozen-5s')


class JanusRun(Run):
    """The viewer joins anew when the publisher does: its own time is in the figures."""

    server = None

    def start_server(self, index):
        self.server = self.server or janus.Janus(self.lab, self.folder)
        try:
            self.server.start()
        except janus.Failed as reason:
            raise Failed(str(reason)) from reason
        self.server.process.index = index
        self.servers[index] = self.server.process
        self.server_lives.append(self.server.process)

    def locations(self):
        return [f'janus+{janus.URL}?room={janus.ROOM}']

    def start_viewer(self):
        self.viewer = janus.Viewer(self.lab, self.folder).process

    def await_viewer(self):
        """Its frames are those that were waited for."""

    def counts(self):
        return [e for e in self.viewer.snapshot() if e['event'] == 'stats']

    def frames_of(self, index=None, since=0.0):
        """Counted some twenty times a second: those of one look have its time."""
        times, known = [], 0
        for event in self.counts():
            more = int(event['frames']) - known
            known += max(more, 0)
            if event['at'] >= since:
                times += [event['at']] * more
        return times

    def harm(self):
        counts = self.counts()
        feeds = [e for e in self.viewer.snapshot() if e['event'] == 'feed']
        return {'packets_lost': int(counts[-1]['lost']),
                'restarts': sum(m.get('strategy') == 'ice-restart' for m in self.messages()),
                'sessions': len(feeds)}
