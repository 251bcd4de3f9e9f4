# SPDX-License-Identifier: LGPL-2.1-or-later
"""A broadcast to a server of tests/interop/lib, which says itself which frames it could decode."""

from pathlib import Path

import lab
import scenarios
from run import Run

LIB = Path(__file__).resolve().parent.parent / 'interop/lib'
# Those of scenarios.RANDOM that are of the network or of a killed server
OF_THE_NETWORK = ('cut', 'udp-cut', 'http-dead', 'kill', 'path-dead', 'uplink-down', 'uplink-dead', 'one-way',
                  'links-down', 'nat-rebinding', 'loss', 'frozen')


def fault(name):
    """What the server does to the broadcast, or to its viewer; the network is fine."""
    def act(run):
        run.fault_at = lab.now()
        run.lab.request(0, 'GET', f'/fault?{name}')
        run.back_at = lab.now()
    return act


def make_random(*faults):
    """As scenarios.RANDOM: its faults of the network, and those that the server does."""
    return {**{name: scenarios.RANDOM[name] for name in OF_THE_NETWORK},
            **{name: lambda rand, name=name: fault(name) for name in faults}}


class StandInRun(Run):
    """Whoever watches is in the program of the server."""

    serve, options = None, ()       # a program of LIB, and what it is told
    url = None                      # with {host} and {port}

    def start_server(self, index):
        self.add_server(index, ['node', str(LIB / self.serve), lab.SERVERS[index], str(lab.PORT), *self.options],
                        lambda e: e.get('text', '').startswith('ws:'))

    def locations(self):
        return [self.url.format(host=lab.SERVERS[index], port=lab.PORT) for index in self.urls]

    def watched(self):
        return None

    def start_viewer(self):
        self.viewer = self.servers[0]

    def await_viewer(self):
        """Its frames are those that were waited for."""

    def mend(self):
        self.lab.heal()

    @staticmethod
    def count_harm(counts):
        """Of requests that the server got: restarts and sessions"""
        raise NotImplementedError

    def harm(self):
        told = self.lab.stats() or {}
        restarts, sessions = self.count_harm(told.get('counts', {}))
        return {'packets_lost': told.get('lost', 0), 'restarts': restarts, 'sessions': sessions}
