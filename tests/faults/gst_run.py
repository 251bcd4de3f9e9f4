# SPDX-License-Identifier: LGPL-2.1-or-later
"""A broadcast to a consumer at the stand-in for the signalling server of webrtcsink."""

from pathlib import Path

import lab
import scenarios
from run import START_S, Failed, Run

SERVE = Path(__file__).resolve().parent.parent / 'interop/lib/gst-signalling-serve.cjs'
# Those that need nothing of the server but to be killed or frozen. Where the connection is dead while media
# flows, the session is over. werift keeps its port in an ICE restart, and asks for no packet again.
SCENARIOS = ('kill-1s', 'kill-20s', 'udp-cut-5s', 'cut-0.3s', 'cut-2s', 'cut-7s', 'cut-12s', 'uplink-down',
             'uplink-dead', 'uplink-dead-out', 'uplink-dead-in', 'links-down-5s', 'late-uplink', 'nat-rebinding',
             'address-changed', 'frozen-5s')


def fault(name):
    """What becomes of a connection, of the session or of its media; the network is fine."""
    def act(run):
        run.fault_at = lab.now()
        run.lab.request(0, 'GET', f'/fault?{name}')
        run.back_at = lab.now()
    return act


# As scenarios.RANDOM: those of its faults that are of the network or of a killed server, and what happens at a
# signalling server.
RANDOM = {
    **{name: scenarios.RANDOM[name] for name in
       ('cut', 'udp-cut', 'http-dead', 'kill', 'path-dead', 'uplink-down', 'uplink-dead', 'one-way', 'links-down',
        'nat-rebinding', 'loss', 'frozen')},
    **{name: lambda rand, name=name: fault(name) for name in ('drop', 'viewer-drop', 'leave', 'media')},
}


class GstRun(Run):
    """The consumer is in the program of the server, and goes with it."""

    def start_server(self, index):
        server = self.lab.spawn('server', ['node', str(SERVE), lab.SERVERS[index], str(lab.PORT)],
                                self.folder / f'server{index}.log')
        server.index = index
        self.servers[index] = server
        self.server_lives.append(server)
        if not server.wait(lambda e: e.get('text', '').startswith('ws:'), START_S):
            raise Failed(f'server {index} does not start, see {self.folder}')

    def locations(self):
        return [f'gst+ws://{lab.SERVERS[index]}:{lab.PORT}/?name=live' for index in self.urls]

    def start_viewer(self):
        self.viewer = self.servers[0]

    def await_viewer(self):
        """Its frames are those that were waited for."""

    def mend(self):
        self.lab.heal()

    def harm(self):
        told = self.lab.stats() or {}
        counts = told.get('counts', {})
        return {'packets_lost': told.get('lost', 0), 'restarts': counts.get('offer', 0) - counts.get('startSession', 0),
                'sessions': counts.get('startSession', 0)}
