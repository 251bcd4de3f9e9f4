# SPDX-License-Identifier: LGPL-2.1-or-later
"""What breaks, how it is mended, and what rcastsink must make of it."""

import dataclasses
import random
import signal
import time
from typing import Callable, Optional

import lab

ANY = ('path-switch', 'ice-restart', 'renegotiate', 'rejoin', 'failover')
NEW = ('renegotiate', 'rejoin', 'failover')
NAME = 'live.rcast.test'
TURN_PORT = 3478
TURN_SETTING = (f'turn-servers=<"turn://user:secret@{lab.SERVERS[1]}:{TURN_PORT}?transport=tcp">',)
# How long is waited for the broadcast; EXPECTED says how long it may take.
BACK_S = 60
# How often a server is restarted in a row
RESTARTS = 50
# From the start of the broadcaster to its first word of being on air
ON_AIR_S = 5


@dataclasses.dataclass
class Scenario:
    name: str
    text: str
    act: Callable                   # act(run): sets run.fault_at and run.back_at
    settings: tuple = ()            # of rcastsink
    servers: tuple = (0,)           # that run at first
    urls: tuple = (0,)              # those of them that the broadcaster knows
    strategies: Optional[tuple] = ANY   # None: nothing may be posted at all
    status: Optional[int] = None    # http-status that one of the messages names
    delay_s: float = 0              # that one of the messages waits at least
    untouched: bool = False         # no packet lost, no restart
    host: str = ''                  # by which the broadcaster knows the first server
    needs: tuple = ()               # programs
    checks: tuple = ()              # functions of the run; they return what is wrong
    back_s: float = BACK_S          # from the cause's end to the next broadcasting
    short: bool = False             # part of the tour of ./run test
    long: bool = False              # only if asked for
    at_most_s: float = 0            # what is said of strategies is of a fault not longer than this
    # Where the same fault can be made to someone else's broadcaster
    others: bool = True
    world: str = ''                 # of contestants with that server only


def pause(seconds):
    time.sleep(seconds)


def cutting(seconds, how=lambda run: run.lab.cut(), heal=lambda run: run.lab.heal()):
    def act(run):
        how(run)
        run.fault_at = lab.now()
        pause(seconds)
        heal(run)
        run.back_at = lab.now()
    return act


def killing(seconds):
    def act(run):
        run.fault_at = lab.now()
        run.servers[0].kill()
        pause(seconds)
        run.start_server(0)
        run.back_at = lab.now()
    return act


def take_one_slot(run):
    """Who is in it stays there until DELETE, and nobody else is let in."""
    run.lab.control(0, ghosts='keep', refuse_second=403)


def cutting_ghosts(seconds):
    def act(run):
        take_one_slot(run)
        cutting(seconds)(run)
    return act


def killing_caster(run):
    """kill -9, and started again at once."""
    take_one_slot(run)
    run.caster.kill()
    run.fault_at = run.back_at = lab.now()
    run.start_caster()


def restarting(rand, seconds):
    """Killed (-9), and for a while something else answers, or nothing does."""
    def act(run):
        run.fault_at = lab.now()
        run.servers[0].kill()
        wait = rand.uniform(0, seconds)
        odd = rand.choice((404, 502, 403, 200, 'reset'))
        switches = {'close': '*'} if odd == 'reset' else \
            {'start_404': round(wait * 1000), 'start_status': odd}
        run.start_server(0, **switches)
        pause(wait)
        if odd == 'reset':
            run.lab.control(0, close=None)
        run.back_at = lab.now()
    return act


def restarting_often(run):
    rand = random.Random(50)
    run.restarts = 0
    begin = lab.now()
    for _ in range(RESTARTS):
        restarting(rand, 10)(run)
        if not run.wait_on_air(run.back_at, BACK_S):
            break
        run.restarts += 1
    run.fault_at = begin


def check_restarts(run):
    return [] if run.restarts == RESTARTS else [f'not back after restart {run.restarts + 1}']


def kicking(**switches):
    """The session ends, and the next request meets the switches."""
    def act(run):
        run.lab.control(0, **switches)
        run.fault_at = lab.now()
        run.lab.control(0, kick=run.publisher(0))
        run.back_at = run.fault_at
    return act


def redirecting(run):
    run.lab.control(0, redirect_url=f'http://{lab.SERVERS[1]}:{lab.PORT}/whip/live')
    run.fault_at = run.back_at = lab.now()
    run.lab.control(0, kick=run.publisher(0))


def losing_ports(forget=False, **switches):
    """The path of the present ICE session is dead for good; HTTP lives."""
    def act(run):
        if forget:
            switches['forget'] = run.publisher(0)
        run.lab.control(0, **switches)
        # On a busy machine what it brings about may be over before all is in place.
        run.fault_at = lab.now()
        run.lab.block_media_ports()
        run.back_at = lab.now()
    return act


def signalling_dead(seconds):
    def act(run):
        # A request that could fail
        run.lab.cut(protocol='tcp')
        run.fault_at = lab.now()
        pause(seconds)
        run.lab.heal()
        run.back_at = lab.now()
    return act


def failing_over(run):
    run.fault_at = lab.now()
    run.lab.block(f'-d {lab.SERVERS[0]}')
    run.back_at = lab.now()
    run.servers[0].kill()


def failing_back(run):
    failing_over(run)
    if not run.wait_frames(server=1, since=run.fault_at, timeout=BACK_S):
        return
    run.over_at = lab.now()
    pause(1)
    run.start_server(0)
    run.lab.heal()
    run.fell_back = run.wait_frames(server=0, since=run.over_at, timeout=90)


def check_failing_back(run):
    return [] if getattr(run, 'fell_back', None) else ['never back at the first location']


def returning_beside_a_frozen_one(run):
    """The second location takes connections, and answers nothing."""
    run.servers[1].send(signal.SIGSTOP)
    killing(6)(run)


def thaw(run):
    run.servers[1].send(signal.SIGCONT)
    return []


def check_server(index):
    def check(run):
        return [] if run.frames_of(index, since=run.fault_at) else [f'no frame at server {index}']
    return check


def check_token(run):
    asked = [e for e in run.caster.snapshot() if e['event'] == 'request-token']
    return [] if asked else ['no token was asked for']


def link_down(seconds, uplink=None):
    """One that loses its carrier; without a number the one in use."""
    def act(run):
        which = run.lab.busy_uplink() if uplink is None else uplink
        run.fault_at = lab.now()
        run.lab.link(which, False)
        pause(seconds)
        run.lab.link(which, True)
        run.lab.set_up_uplink(which)
        run.back_at = lab.now()
    return act


def uplink_dead(seconds, ways='both'):
    def act(run):
        which = run.lab.busy_uplink()
        run.fault_at = lab.now()
        run.lab.cut((which,), ways)
        pause(seconds)
        run.lab.heal()
        run.back_at = lab.now()
    return act


def without_default(run):
    run.lab.cut((0,))


def default_healing(run):
    """The uplink of the default route, a black hole since before the start, works again."""
    run.fault_at = run.back_at = lab.now()
    run.lab.heal()


def check_start(run):
    """On air in time, wherever the default route leads to."""
    first = next((m['at'] for m in run.messages() if m['name'] == 'broadcasting'), None)
    took = first - run.caster_at if first else BACK_S
    return [f'on air after {took:.1f} s'] if took > ON_AIR_S else []


def default_dead(seconds):
    """Both the media and the session that is lost with it have to do without."""
    def act(run):
        run.fault_at = lab.now()
        run.lab.cut((0,))
        run.back_at = lab.now()
        run.lab.control(0, kick=run.publisher(0))
        pause(seconds)
        run.lab.heal()
    return act


def losing_long(seconds, probability):
    """Loss alone, for long: whatever is done about it is needless."""
    def act(run):
        before = run.harm()['restarts']
        run.fault_at = lab.now()
        run.lab.lose(probability)
        pause(seconds)
        run.lab.heal()
        run.restarts = run.harm()['restarts'] - before
        run.back_at = lab.now()
    return act


def moves_of(run):
    """Changes of path since the fault; an outage before one is told in a message of its own."""
    return [m for m in run.messages(run.fault_at)
            if m.get('strategy') == 'path-switch' and m.get('name') == 'broadcasting']


def check_no_restart(run):
    moves = moves_of(run)
    return ([f'{run.restarts} ICE restarts'] if run.restarts else []) + \
        ([f'{len(moves)} changes of path'] if moves else [])


def congesting(run):
    """The uplink in use carries a part of what is sent; the other one is free."""
    which = run.lab.busy_uplink()
    run.fault_at = run.back_at = lab.now()
    run.lab.congest(which, '520kbit')
    # Long enough for the uplink to look well again while it is idle
    pause(45)


def congesting_both(run):
    """No uplink carries all of it."""
    which = run.lab.busy_uplink()
    run.fault_at = lab.now()
    run.lab.congest(which, '520kbit')
    run.lab.congest(1 - which, '780kbit')
    pause(60)
    run.lab.relieve()
    run.back_at = lab.now()


def check_few_moves(run):
    """Each uplink is tried, and each return takes longer than the last one."""
    moves = moves_of(run)
    return [f'{len(moves)} changes of path'] if len(moves) > 3 else []


def check_one_move(run):
    """And once media is elsewhere, nothing is lost."""
    settled = run.fault_at + 10
    moves = moves_of(run)
    frames = run.frames_of(since=settled)
    # A busy machine may make them late.
    holes = [b - a for a, b in zip(frames, frames[1:]) if b - a > 1]
    lost = run.packets_lost(settled)
    return ([] if len(moves) == 1 else [f'{len(moves)} changes of path']) + \
        ([f'{lost} packets lost after the first 10 s'] if lost else []) + \
        ([f'{len(holes)} gaps after the first 10 s'] if holes else [])


def return_path_dead(seconds):
    """The server sends where nothing arrives, and no restart can move that."""
    def act(run):
        which = run.lab.busy_uplink()
        run.lab.cut(protocol='tcp')
        run.lab.cut((which,))
        run.fault_at = lab.now()
        pause(seconds)
        run.lab.heal()
        run.back_at = lab.now()
    return act


def check_no_outage(run):
    """What viewers did not see is not reported as an outage."""
    told = [int(m.get('outage', 0)) // 10**6 for m in run.messages(run.fault_at)]
    return [] if max(told, default=0) <= 400 else [f'an outage of {max(told)} ms was told']


def all_links_down(seconds):
    def down(run):
        for uplink in (0, 1):
            run.lab.link(uplink, False)

    def up(run):
        for uplink in (0, 1):
            run.lab.link(uplink, True)
            run.lab.set_up_uplink(uplink)
    return cutting(seconds, down, up)


def rebinding(run):
    run.fault_at = run.back_at = lab.now()
    run.lab.rebind_nat()


def restarting_bare(run):
    """The server has one port, and says so once. A restart, and then the NAT."""
    run.lab.control(0, restart_answer='bare', kick=run.publisher(0))
    begin = lab.now()
    run.wait_frames(server=0, since=begin + 2, timeout=BACK_S)
    which = run.lab.busy_uplink()
    run.fault_at = lab.now()
    run.lab.link(which, False)
    pause(5)
    run.restarts = run.lab.stats()['publishers'][0]['restarts']
    run.lab.rebind_nat()
    run.back_at = lab.now()
    pause(2)


def check_restarted(run):
    return [] if run.restarts else ['there was no restart']


def readdressing(run):
    which = run.lab.busy_uplink()
    run.fault_at = run.back_at = lab.now()
    run.lab.set_up_uplink(which, f'10.79.{which + 1}.77')


def rerouting(run):
    which = run.lab.busy_uplink()
    run.fault_at = run.back_at = lab.now()
    run.lab.run('caster', f'ip route del default dev up{which} metric {100 * (which + 1)}')


def late_uplink(run):
    """The only uplink dies; another one appears a second later."""
    run.lab.link(0, False)
    run.fault_at = lab.now()
    pause(1)
    run.lab.link(1, True)
    run.lab.set_up_uplink(1)
    run.back_at = lab.now()


def without_second(run):
    run.lab.run('caster', 'ip link set up1 down')


def start_name_server(run):
    """One that knows the server's name only, and lets nobody keep what it says."""
    run.start_helper('dns', ['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null',
                             '--no-resolv', '--no-hosts', '--bind-interfaces', '--user=root',
                             '--local-ttl=0', '--pid-file', '--log-facility=-',
                             f'--listen-address={lab.SERVERS[1]}',
                             f'--host-record={NAME},{lab.SERVERS[0]}'],
                     'udp', 53)


def names_dead(seconds, how, heal):
    """Who keeps the session needs no name; the next session does."""
    def act(run):
        how(run)
        run.fault_at = lab.now()
        run.lab.control(0, kick=run.publisher(0))
        pause(seconds)
        heal(run)
        run.back_at = lab.now()
    return act


def start_relay(run):
    """TURN over TCP and UDP."""
    run.start_helper('turn', [
        'turnserver', '-n', '-L', lab.SERVERS[1], '-E', lab.SERVERS[1], '--lt-cred-mech',
        '-u', 'user:secret', '-r', 'rcast', '--no-cli', '--no-tls', '--no-dtls',
        '--min-port=40000', '--max-port=40100', '--simple-log', f'--pidfile={run.folder}/turn.pid',
        '--userdb', f'{run.folder}/turn.db', f'--log-file={run.folder}/turn.log'],
        'tcp', TURN_PORT)


def without_udp(run):
    start_relay(run)
    run.lab.cut(protocol='udp')


def udp_blocked(run):
    run.lab.cut(protocol='udp')
    run.fault_at = run.back_at = lab.now()


def killing_relay(seconds):
    def act(run):
        run.fault_at = lab.now()
        run.helpers['turn'].kill()
        pause(seconds)
        start_relay(run)
        run.back_at = lab.now()
    return act


def stopping_caster(seconds):
    """SIGSTOP: what it did not hear meanwhile says nothing of the network."""
    def act(run):
        before = run.harm()['restarts']
        run.fault_at = lab.now()
        run.caster.send(signal.SIGSTOP)
        pause(seconds)
        run.caster.send(signal.SIGCONT)
        run.back_at = lab.now()
        run.wait_frames(run.back_at + 12, 20)
        run.restarts = run.harm()['restarts'] - before
    return act


def freezing(seconds):
    return cutting(seconds, lambda run: run.servers[0].send(signal.SIGSTOP),
                   lambda run: run.servers[0].send(signal.SIGCONT))


# Medians of docs/benchmarks/table.md in ms: from the cause's end to media, or, where the cause
# may pass unnoticed, the longest gap. A test allows five times as much (and 1.25 s at least),
# scaled by how late the machine is.
EXPECTED = {
    'kill-1s': ('back_ms', 860), 'kill-20s': ('back_ms', 710), 'forgotten': ('back_ms', 1540),
    'busy-503': ('back_ms', 4410), 'token-401': ('back_ms', 1390), 'slot-409': ('back_ms', 2470),
    'http-dead-5s': ('gap_ms', 170), 'cut-0.3s': ('back_ms', 260), 'path-dead': ('back_ms', 1270),
    'path-dead-no-restart': ('back_ms', 2310), 'udp-cut-5s': ('back_ms', 80),
    'http-dead-60s': ('gap_ms', 530), 'cut-2s': ('back_ms', 90), 'cut-7s': ('back_ms', 90),
    'cut-12s': ('back_ms', 630), 'cut-60s': ('back_ms', 620), 'failover': ('back_ms', 5580),
    'failback': ('back_ms', 5560), 'uplink-down': ('gap_ms', 220), 'uplink-dead': ('gap_ms', 940),
    'moved-307': ('back_ms', 1450), 'uplink-dead-out': ('gap_ms', 840), 'uplink-dead-in': ('gap_ms', 90),
    'links-down-5s': ('back_ms', 80), 'late-uplink': ('back_ms', 270), 'nat-rebinding': ('gap_ms', 670),
    'address-changed': ('gap_ms', 80), 'route-switch': ('gap_ms', 120), 'loss-10': ('gap_ms', 720),
    'loss-5-long': ('gap_ms', 720),
    'slow-500k': ('gap_ms', 5000), 'black-hole-backup': ('gap_ms', 350),
    'congested-first-uplink': ('gap_ms', 1000), 'congested-both': ('back_ms', 1000),
    'restart-bare': ('gap_ms', 700), 'return-path-dead': ('gap_ms', 350),
    'dns-killed-5s': ('back_ms', 2070), 'dns-silent-5s': ('back_ms', 1890),
    'default-dead-start': ('gap_ms', 80), 'default-dead': ('back_ms', 2500),
    'ghost-cut-35s': ('back_ms', 450), 'ghost-cut-5m': ('back_ms', 1500), 'killed-caster': ('back_ms', 640),
    'restarted-50': ('back_ms', 2000), 'return-beside-frozen': ('back_ms', 1000),
    'turn-only': ('back_ms', 1500), 'turn-killed': ('back_ms', 2920), 'frozen-5s': ('back_ms', 0),
    'stopped-caster': ('back_ms', 100),
}
AT_LEAST_MS = 250
TIMES = 5
# Between two frames while the broadcast returns to the first location
RETURN_GAP_MS = 50


# The tour takes them in this order, in two labs in turns: what must change nothing
# comes after what leaves nothing to be done.
SCENARIOS = [
    Scenario('kill-1s', 'server killed (-9), back after 1 s', killing(1), strategies=NEW, short=True),
    Scenario('kill-20s', 'server killed (-9), back after 20 s', killing(20), strategies=NEW),
    Scenario('forgotten', 'media path dead, and the server forgot the session (PATCH 404)',
             losing_ports(forget=True), strategies=NEW, status=404, short=True),
    Scenario('busy-503', 'session ended, then 503 with Retry-After: 3',
             kicking(fail_status=503, fail_count=1, retry_after='3'), strategies=NEW, status=503,
             delay_s=2.9, short=True),
    Scenario('token-401', 'session ended, then 401 once', kicking(fail_status=401, fail_count=1),
             strategies=NEW, checks=(check_token,), short=True, others=False),
    Scenario('slot-409', 'session ended, then 409 twice',
             kicking(fail_status=409, fail_count=2, retry_after=''), strategies=NEW, status=409,
             short=True),
    Scenario('http-dead-5s', 'HTTP dead for 5 s, media flows', signalling_dead(5), strategies=None,
             untouched=True, short=True),
    Scenario('cut-0.3s', 'everything black-holed for 0.3 s', cutting(0.3), strategies=None, at_most_s=0.36,
             short=True),
    Scenario('path-dead', 'media path dead for good, HTTP lives', losing_ports(),
             strategies=('ice-restart', 'path-switch'), short=True),
    Scenario('restart-bare', 'the NAT forgets its bindings after a restart whose answer has no candidates',
             restarting_bare, checks=(check_restarted,), others=False),
    Scenario('path-dead-no-restart', 'media path dead for good, and the server refuses ICE restarts',
             losing_ports(restart=False), strategies=NEW, short=True),
    Scenario('udp-cut-5s', 'all UDP black-holed for 5 s, HTTP lives',
             cutting(5, lambda run: run.lab.cut(protocol='udp'))),
    Scenario('http-dead-60s', 'HTTP dead for 60 s, media flows', signalling_dead(60),
             strategies=None, untouched=True),
    Scenario('cut-2s', 'everything black-holed for 2 s', cutting(2), short=True),
    Scenario('cut-7s', 'everything black-holed for 7 s', cutting(7)),
    Scenario('cut-12s', 'everything black-holed for 12 s', cutting(12)),
    Scenario('cut-60s', 'everything black-holed for 60 s', cutting(60)),
    Scenario('failover', 'first location dead for good', failing_over, servers=(0, 1), urls=(0, 1),
             strategies=('failover',), checks=(check_server(1),), others=False),
    Scenario('failback', 'first location dead, second alive; the first comes back', failing_back,
             settings=('failback-interval=10000',), servers=(0, 1), urls=(0, 1), strategies=('failover',),
             checks=(check_failing_back,), others=False),
    Scenario('return-beside-frozen', 'first location killed (-9), back after 6 s; the second one frozen',
             returning_beside_a_frozen_one, servers=(0, 1), urls=(0, 1), strategies=NEW, checks=(thaw,),
             others=False),
    Scenario('uplink-down', 'the uplink in use loses its carrier for 5 s', link_down(5)),
    Scenario('uplink-dead', 'the uplink in use is black-holed for 5 s',
             uplink_dead(5), short=True),
    Scenario('black-hole-backup', 'the uplink in use is a black hole for good, the other one is well',
             uplink_dead(8), strategies=('path-switch', 'ice-restart'), checks=(check_no_outage,), others=False),
    Scenario('congested-first-uplink', 'the uplink in use carries a part of the media for good, the other is free',
             congesting, strategies=('path-switch',), checks=(check_one_move,), others=False),
    Scenario('congested-both', 'no uplink carries all of the media for 60 s', congesting_both,
             checks=(check_few_moves,), others=False),
    Scenario('return-path-dead', 'the uplink in use is black-holed for 8 s, and HTTP is dead',
             return_path_dead(8), strategies=('path-switch', 'ice-restart'), checks=(check_no_outage,),
             others=False),
    Scenario('default-dead-start', 'the default uplink is a black hole before the start, then works',
             default_healing, strategies=None, checks=(check_start,)),
    Scenario('default-dead', 'the default uplink is black-holed for 10 s, and the session ended',
             default_dead(10), strategies=NEW),
    Scenario('moved-307', 'session ended, then 307 to another server', redirecting, servers=(0, 1),
             strategies=NEW, checks=(check_server(1),), short=True),
    Scenario('uplink-dead-out', 'the uplink in use loses what it sends for 5 s',
             uplink_dead(5, 'out')),
    Scenario('uplink-dead-in', 'the uplink in use loses what it receives for 5 s',
             uplink_dead(5, 'in')),
    Scenario('links-down-5s', 'both uplinks lose their carrier for 5 s', all_links_down(5)),
    Scenario('late-uplink', 'the only uplink dies, another one appears 1 s later', late_uplink),
    Scenario('nat-rebinding', 'the NAT forgets its bindings', rebinding),
    Scenario('address-changed', 'the uplink in use gets another address', readdressing),
    Scenario('route-switch', 'the default route goes to the other uplink', rerouting, strategies=None),
    Scenario('loss-10', '10 % random loss both ways for 5 s',
             cutting(5, lambda run: run.lab.lose(0.1)), strategies=None),
    Scenario('loss-5-long', '5 % random loss both ways for 10 minutes', losing_long(600, 0.05), strategies=None,
             checks=(check_no_restart,), long=True),
    Scenario('slow-500k', 'the path carries 500 kbit/s for 5 s (0.9 Mbit/s are sent)',
             cutting(5, lambda run: run.lab.limit_rate('500kbit'), lambda run: run.lab.free_rate())),
    Scenario('dns-killed-5s', 'session ended, and the name server killed for 5 s',
             names_dead(5, lambda run: run.helpers['dns'].kill(), start_name_server),
             strategies=NEW, host=NAME, needs=('dnsmasq',), others=False),
    Scenario('dns-silent-5s', 'session ended, and the name server silent for 5 s',
             names_dead(5, lambda run: run.lab.block('-p udp --dport 53'), lambda run: run.lab.heal()),
             strategies=NEW, host=NAME, needs=('dnsmasq',), others=False),
    Scenario('turn-only', 'UDP black-holed for good, a TURN server over TCP is left', udp_blocked,
             settings=TURN_SETTING, needs=('turnserver',), others=False),
    Scenario('turn-killed', 'TURN over TCP only, and its server killed (-9), back after 1 s',
             killing_relay(1), settings=TURN_SETTING, needs=('turnserver',), others=False),
    Scenario('ghost-cut-35s', 'everything black-holed for 35 s, the server keeps its one session',
             cutting_ghosts(35), strategies=NEW, others=False),
    Scenario('ghost-cut-5m', 'everything black-holed for 5 minutes, the server keeps its one session',
             cutting_ghosts(300), strategies=NEW, others=False),
    Scenario('killed-caster', 'broadcaster killed (-9) and started again, the server keeps its one session',
             killing_caster, settings=('state-file=FOLDER/state',), others=False),
    Scenario('restarted-50', 'server killed (-9) 50 times, each time odd answers for 0 to 10 s',
             restarting_often, strategies=NEW, checks=(check_restarts,), others=False),
    Scenario('stopped-caster', 'the broadcaster stopped (SIGSTOP) for 5 s', stopping_caster(5), strategies=None,
             checks=(check_no_restart,), others=False),
    Scenario('frozen-5s', 'server frozen (SIGSTOP) for 5 s', freezing(5)),
]
# Before the broadcast starts
BEFORE = {'late-uplink': without_second, 'default-dead-start': without_default, 'dns-killed-5s': start_name_server,
          'dns-silent-5s': start_name_server, 'turn-only': start_relay, 'turn-killed': without_udp}
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
# Part of ./run test, too, each with a broadcast of its own; the longest first
BESIDE = ('cut-60s', 'http-dead-60s', 'failback', 'kill-20s', 'cut-12s', 'cut-7s', 'failover')

# In any order, as often as one likes: each mends what it broke.
RANDOM = {
    'cut': lambda rand: cutting(rand.uniform(0.1, 3)),
    'udp-cut': lambda rand: cutting(rand.uniform(0.1, 3), lambda run: run.lab.cut(protocol='udp')),
    'http-dead': lambda rand: cutting(rand.uniform(0.1, 3), lambda run: run.lab.cut(protocol='tcp')),
    'kill': lambda rand: killing(rand.uniform(0.1, 2)),
    'kick': lambda rand: kicking(),
    'restarted': lambda rand: restarting(rand, 3),
    'busy-503': lambda rand: kicking(fail_status=503, fail_count=1, retry_after='1'),
    'slot-409': lambda rand: kicking(fail_status=409, fail_count=2, retry_after=''),
    'token-401': lambda rand: kicking(fail_status=401, fail_count=1),
    'path-dead': lambda rand: losing_ports(),
    'forgotten': lambda rand: losing_ports(forget=True),
    'uplink-down': lambda rand: link_down(rand.uniform(0.1, 3), rand.randrange(2)),
    'uplink-dead': lambda rand: (lambda uplink: cutting(rand.uniform(0.1, 3),
                                 lambda run: run.lab.cut((uplink,))))(rand.randrange(2)),
    'one-way': lambda rand: (lambda way: cutting(rand.uniform(0.1, 3),
                             lambda run: run.lab.cut(ways=way)))(rand.choice(('in', 'out'))),
    'default-dead': lambda rand: default_dead(rand.uniform(0.1, 3)),
    'links-down': lambda rand: all_links_down(rand.uniform(0.1, 3)),
    'nat-rebinding': lambda rand: rebinding,
    'loss': lambda rand: cutting(rand.uniform(0.5, 3), lambda run: run.lab.lose(0.2)),
    'frozen': lambda rand: freezing(rand.uniform(0.1, 3)),
}
