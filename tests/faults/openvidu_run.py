# SPDX-License-Identifier: LGPL-2.1-or-later
"""A broadcast to the stand-in server of OpenVidu 2, which says which frames it could decode."""

import scenarios
from scenarios import Scenario, cutting, losing_ports, signalling_dead
from stand_in import StandInRun, make_random


def watching(act):
    """So that what the server had before can be compared."""
    def watched(run):
        run.before = run.lab.stats()
        act(run)
    return watched


def cut_and_seen(run):
    """The server sees that the connection is gone, as after a reset by a router."""
    run.lab.cut()
    run.lab.request(0, 'GET', '/fault?drop')


def tokens_since(run):
    return [e for e in run.caster.snapshot() if e['event'] == 'request-token' and e['at'] > run.fault_at]


def check_kept(run):
    """The same session and the same stream."""
    after = run.lab.stats()
    wrong = [] if after['stream'] == run.before['stream'] else ['another stream']
    wrong += [] if after['counts']['joinRoom'] == run.before['counts']['joinRoom'] else ['joined anew']
    return wrong + (['a token was asked for'] if tokens_since(run) else [])


def check_untouched(run):
    """What the stand-in itself loses on a busy machine is not counted."""
    again = run.lab.stats()['counts'].get('reconnectStream', 0) - run.before['counts'].get('reconnectStream', 0)
    return check_kept(run) + ([f'{again} times reconnectStream'] if again else [])


def check_anew(run):
    """Evicted, told so, and joined once with one fresh token."""
    after = run.lab.stats()
    wrong = [] if after['stream'] not in (None, run.before['stream']) else ['the same stream']
    joins = after['counts']['joinRoom'] - run.before['counts']['joinRoom']
    wrong += [] if joins == 1 else [f'{joins} joins']
    wrong += [] if len(tokens_since(run)) == 1 else [f'{len(tokens_since(run))} tokens']
    told = [m for m in run.messages(run.fault_at) if m.get('reason') == 'evicted']
    return wrong + ([] if told else ['the eviction was not told'])


# OpenVidu's guide to reconnection, in its words. Its times are of a server that sees the connection break.
GUIDE = [
    Scenario('guide-quickly', "OpenVidu's guide: the signalling is back rather quickly (0 to 7 s), and the media is fine",
             watching(signalling_dead(5)), strategies=None, checks=(check_untouched,), world='openvidu'),
    Scenario('guide-soon-enough', "OpenVidu's guide: back soon enough (7 to 12 s) to hold on the signalling plane, not the"
             ' media plane', watching(cutting(9)), checks=(check_kept,), world='openvidu'),
    Scenario('guide-too-late', "OpenVidu's guide: back too late (after 12 s), out of the session with networkDisconnect",
             watching(cutting(14, cut_and_seen)), strategies=('rejoin',), checks=(check_anew,), world='openvidu'),
    Scenario('evicted-40s', 'everything black-holed for 40 s, the session of OpenVidu is gone', watching(cutting(40)),
             strategies=('rejoin',), checks=(check_anew,), world='openvidu'),
    Scenario('media-dead', 'the path of the media is dead for good, the signalling of OpenVidu is fine',
             watching(losing_ports()), strategies=('renegotiate',), checks=(check_kept,), world='openvidu'),
    Scenario('udp-dead', 'UDP black-holed for good, a TURN server over TCP is left, the signalling of OpenVidu is fine',
             watching(scenarios.udp_blocked), settings=scenarios.TURN_SETTING, checks=(check_kept,),
             needs=('turnserver',), world='openvidu'),
    Scenario('udp-hole-9s', 'all UDP black-holed for 9 s, the signalling of OpenVidu is fine',
             watching(cutting(9, lambda run: run.lab.cut(protocol='udp'))), checks=(check_kept,), world='openvidu'),
]
# As scenarios.EXPECTED, of this contestant
EXPECTED = {'guide-quickly': ('gap_ms', 100), 'guide-soon-enough': ('back_ms', 1000),
            'guide-too-late': ('back_ms', 1000), 'evicted-40s': ('back_ms', 1000), 'udp-hole-9s': ('back_ms', 1000),
            'media-dead': ('back_ms', 3000), 'udp-dead': ('back_ms', 1100)}
BEFORE = {'udp-dead': scenarios.start_relay}
# Those that need nothing of the server but to be killed or frozen
SCENARIOS = ('kill-1s', 'kill-20s', 'udp-cut-5s', 'http-dead-5s', 'cut-0.3s', 'cut-2s', 'cut-7s',
             'cut-12s', 'cut-60s', 'uplink-down', 'uplink-dead', 'black-hole-backup', 'uplink-dead-out',
             'uplink-dead-in', 'links-down-5s', 'late-uplink', 'nat-rebinding', 'address-changed', 'loss-10',
             'frozen-5s', 'failover', 'failback', *(scenario.name for scenario in GUIDE))
# And what OpenVidu does to sessions
RANDOM = make_random('drop', 'evict', 'unpublish', 'media')


class OpenviduRun(StandInRun):
    """Nobody watches: the server counts."""

    serve, options = 'openvidu-serve.cjs', ('--lab',)
    url = 'openvidu+ws://{host}:{port}?sessionId=ses_A'

    @staticmethod
    def count_harm(counts):
        return counts.get('reconnectStream', 0), counts.get('joinRoom', 0)
