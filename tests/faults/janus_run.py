# SPDX-License-Identifier: LGPL-2.1-or-later
"""A broadcast to Debian's Janus, seen in Chromium's counts of decoded frames."""

import bisect

import janus
import lab
import scenarios
from run import START_S, Failed, Run

# Those that need nothing of the server but to be killed or frozen
SCENARIOS = ('kill-1s', 'kill-20s', 'path-dead', 'udp-cut-5s', 'http-dead-5s', 'cut-0.3s', 'cut-2s',
             'cut-7s', 'cut-12s', 'uplink-down', 'uplink-dead', 'uplink-dead-out', 'uplink-dead-in',
             'links-down-5s', 'late-uplink', 'nat-rebinding', 'address-changed', 'loss-10',
             'default-dead-start', 'frozen-5s')



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
    run.lab.block_media_ports()
    run.fault_at = run.back_at = lab.now()


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
    """The viewer joins anew when the publisher does: its own time is in the figures."""

    server = None
    seen = known = 0

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.times = []

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

    def counts(self):
        return [e for e in self.viewer.snapshot() if e['event'] == 'stats']

    def frames_of(self, index=None, since=0.0):
        """Counted some twenty times a second: those of one look have its time."""
        # There are many after an hour: each is looked at once.
        events = self.viewer.snapshot()
        for event in events[self.seen:]:
            if event['event'] == 'stats':
                more = max(int(event['frames']) - self.known, 0)
                self.known += more
                self.times += [event['at']] * more
        self.seen = len(events)
        return self.times[bisect.bisect_left(self.times, since):]

    def harm(self):
        counts = self.counts()
        feeds = [e for e in self.viewer.snapshot() if e['event'] == 'feed']
        return {'packets_lost': int(counts[-1]['lost']),
                'restarts': sum(m.get('strategy') == 'ice-restart' for m in self.messages()),
                'sessions': len(feeds)}
