# SPDX-License-Identifier: LGPL-2.1-or-later
"""A broadcast to Debian's Janus, as it is seen by rcastsrc."""

import bisect

import janus
import lab
import scenarios
import viewers
from run import Failed, Run

# Those that need nothing of the server but to be killed or frozen
SCENARIOS = ('kill-1s', 'kill-20s', 'path-dead', 'udp-cut-5s', 'http-dead-5s', 'cut-0.3s', 'cut-2s',
             'cut-7s', 'cut-12s', 'uplink-down', 'uplink-dead', 'uplink-dead-out', 'uplink-dead-in',
             'links-down-5s', 'late-uplink', 'nat-rebinding', 'address-changed', 'loss-10',
             'default-dead-start', 'frozen-5s')
# Under which the broadcast is found
NAME = 'live'


def ending(what):
    """By the admin API, as a server does that lets go of a publisher."""
    def act(run):
        # Each question takes its time.
        paths = [f'/{session}' if what == 'destroy_session' else f'/{session}/{handle}'
                 for session, handle in run.publishers()]
        run.fault_at = lab.now()
        for path in paths:
            run.server.ask(path, janus=what)
        run.back_at = lab.now()
    return act


def losing_ports(run):
    """The path of the present ICE session is dead for good; the WebSocket lives."""
    run.fault_at = lab.now()
    run.lab.block_media_ports()
    run.back_at = lab.now()


# As scenarios.RANDOM: those of its faults that are of the network or of a killed server, and what Janus does
# to sessions.
RANDOM = {
    **{name: scenarios.RANDOM[name] for name in
       ('cut', 'udp-cut', 'http-dead', 'kill', 'uplink-down', 'uplink-dead', 'one-way')},
    'path-dead': lambda rand: losing_ports,
    'destroyed': lambda rand: ending('destroy_session'),
    'detached': lambda rand: ending('detach_handle'),
    'hangup': lambda rand: ending('hangup_webrtc'),
}


class JanusRun(Run):
    """The viewer goes on with the publisher when that has joined anew: its own time is in the figures."""

    counts_at_server = False
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
        return [f'janus+{janus.URL}?room={janus.ROOM}&display={NAME}']

    def watched(self):
        return self.locations()[0]

    def start_yardstick(self):
        return janus.Viewer(self.lab, self.folder).process

    def yardstick_times(self, since):
        """Counted some twenty times a second: those of one look have its time."""
        times, known = [], 0
        for event in self.yardstick.snapshot() if self.yardstick else ():
            if event['event'] == 'stats':
                more = max(int(event['frames']) - known, 0)
                known += more
                times += [event['at']] * more
        return times[bisect.bisect_left(times, since):]

    def publishers(self):
        """Session and handle of each feed of ours; the viewer is a member, too, but sends nothing."""
        found = []
        for session, handles in self.server.sessions().items():
            for handle in handles:
                told = self.server.ask(f'/{session}/{handle}', janus='handle_info')
                plugin = told.get('info', {}).get('plugin_specific', {})
                if plugin.get('type') == 'publisher' and plugin.get('streams'):
                    found.append((session, handle))
        return found

    def mend(self):
        self.lab.heal()

    def frames_of(self, index=None, since=0.0):
        """Of the viewer: Janus counts none."""
        return viewers.times_of(self.viewer, since)

    def harm(self):
        counts = [e for e in self.viewer.snapshot() if e['event'] == 'stats']
        return {'packets_lost': int(counts[-1]['lost']),
                'restarts': sum(m.get('strategy') == 'ice-restart' for m in self.messages()),
                'sessions': sum(m.get('strategy') in ('renegotiate', 'rejoin') for m in self.messages())}
