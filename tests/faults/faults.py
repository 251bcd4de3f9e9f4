#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The fault lab: how fast is a broadcast back, by whom, and what did it cost?

Needs root (or a user namespace where that is allowed), iproute2, iptables and
util-linux. Everything happens in network namespaces of its own.
"""

import argparse
import contextlib
import dataclasses
import functools
import json
import os
import platform
import random
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import contestants
import gst_run
import janus_run
import lab
import openvidu_run
import scenarios
import thin
import thin_servers
import viewers
from run import FPS, START_S, Failed, Run
from viewers import longest_gap

SKIP = 77
SETTLE_S = 2
# Of ./run test: labs beside each other, as they wait most of the time. Two tours, and rows
# of random faults, 200 in all, each with a seed of its own.
SHORT_TOURS = 2
SHORT_ROWS = 4
SHORT_RANDOM = 50
# Between two frames; what is longer is an outage.
PAUSE_S = 0.25
# What belongs to the return to the first location, before and after its first frame there
RETURN_S = 2
LATENESS = lab.Lateness()
SCENARIOS = [*scenarios.SCENARIOS, *openvidu_run.GUIDE]
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
EXPECTED = {**scenarios.EXPECTED, **openvidu_run.EXPECTED}
BEFORE = {**scenarios.BEFORE, **openvidu_run.BEFORE}


@dataclasses.dataclass
class World:
    """What a broadcast to a server that is not ours can be put through."""
    run: type = Run
    scenarios: tuple = tuple(scenarios.BY_NAME)
    random: dict = dataclasses.field(default_factory=lambda: scenarios.RANDOM)


WORLDS = {'': World(), 'janus': World(janus_run.JanusRun, janus_run.SCENARIOS, janus_run.RANDOM),
          'openvidu': World(openvidu_run.OpenviduRun, openvidu_run.SCENARIOS, openvidu_run.RANDOM),
          'gst': World(gst_run.GstRun, gst_run.SCENARIOS, gst_run.RANDOM)}


def median_of(values):
    return round(statistics.median(values), 1) if values else None


def wait_after(run, messages, begin, end):
    """Of the time between these moments, what was spent in delays that were told; one that
    was cut short is over when the next message, or a session at a server, shows that."""
    signs = [m['at'] for m in messages]
    signs += [e['at'] for life in run.server_lives for e in life.snapshot()
              if e['event'] == 'session' and (e.get('role'), e.get('state')) == ('publisher', 'connecting')]
    waited = 0
    for message in messages:
        over = min([message['at'] + int(message.get('delay', 0)) / 1e9, end,
                    *(at for at in signs if at > message['at'])])
        waited += max(0, over - max(message['at'], begin))
    return waited


def can_see(run, scenario):
    """Its viewer watches the first server only."""
    return run.watched() and len(scenario.servers) == 1


def measure(run, scenario, usage, harm):
    """The figures of one run, times in ms."""
    fault, back = run.fault_at, run.back_at
    end = lab.now()
    begin = fault - 1
    frames = run.frames_of(since=begin)
    before = [t for t in frames if t <= fault]
    gap, gap_end = longest_gap(frames, before[-1] if before else fault, end)
    seen = viewers.look(run, begin, end, FPS) if can_see(run, scenario) else {}
    messages = run.messages(fault)
    troubles = [m for m in messages if m['name'] == 'reconnecting_broadcast']
    ends = [m for m in messages if m['name'] == 'broadcasting' and m.get('strategy') != 'none']
    # A change of path beside the cure is not the cure.
    ends = [m for m in ends if m.get('strategy') != 'path-switch'] or ends
    syncs = [(e['at'], float(e['sound-late-ms'])) for e in run.viewer.snapshot()
             if e['event'] == 'sync']
    noticed = [m for m in messages if m['name'] == 'reconnecting_broadcast'
               or m.get('strategy', 'none') != 'none']
    recorded = run.recorded()
    after = [t for t in frames if t >= back]
    result = {
        'scenario': scenario.name, 'contestant': run.contestant.name,
        'notice_ms': round((noticed[0]['at'] - fault) * 1000) if noticed else None,
        'gap_ms': round(gap * 1000),
        'viewer_gap_ms': None, **seen,
        'back_ms': round((gap_end - back) * 1000) if gap > PAUSE_S and gap_end > back else 0,
        # Of these
        'frames_lost': max(0, round((end - begin) * FPS) - len(frames)),
        'packets_lost': run.packets_lost(begin) if after else None,
        'on_air': bool(after) and end - frames[-1] < 1.5,
        'strategy': (ends or troubles)[-1].get('strategy', 'rebuild') if ends or troubles else 'none',
        'reasons': sorted({m['reason'] for m in troubles}),
        'attempts': max((int(m.get('attempt', 0)) for m in troubles), default=0),
        'outage_ms': round(int(ends[-1].get('outage', 0)) / 1e6) if ends else 0,
        'messages': [m['name'] for m in messages],
        'sync_before_ms': median_of([v for t, v in syncs if t < fault]),
        'sync_after_ms': median_of([v for t, v in syncs if t > max(gap_end, back) + 0.5]),
        'caster_cpu_percent': round(100 * (usage[1]['cpu'] - usage[0]['cpu'])
                                    / (usage[1]['at'] - usage[0]['at']))
        if run.caster.alive() else None,
        'recording_lost': int(recorded['video-lost']) + int(recorded['audio-lost'])
        if recorded else None,
        'recording_longest_ms': int(recorded['video-longest-ms']) if recorded else None,
    }
    if run.counts_at_server and result['viewer_gap_ms'] is not None:
        result['viewer_added_ms'] = result['viewer_gap_ms'] - result['gap_ms']
    if run.contestant.reports:
        waited = wait_after(run, troubles, back, gap_end) if result['back_ms'] else 0
        result['waited_ms'] = round(waited * 1000)
    if hasattr(run, 'over_at'):
        # On air at the second server by then: nothing was broken. What the machine does in the long time
        # before is no matter of the return.
        back_at = getattr(run, 'fell_back', None) or end
        begin, end = max(run.over_at, back_at - RETURN_S), min(end, back_at + RETURN_S)
        result['return_gap_ms'] = round(longest_gap(frames, begin, end)[0] * 1000)
        result['return_lost'] = run.frames_missing(begin, end)
    if scenario.untouched and run.contestant.reports:
        # Of all streams, and counted at the server
        result.update({name: value - harm[name] for name, value in run.harm().items()})
    return result


def check_outages(run):
    """Each outage is told before its end, and its end once."""
    wrong, told = [], False
    for message in run.messages():
        if message['name'] == 'reconnecting_broadcast':
            told = True
        elif message['name'] == 'broadcasting':
            if int(message.get('outage', 0)) and not told and message['at'] >= run.fault_at:
                wrong.append(f"the end of an outage that was not told ({message['strategy']})")
            told = False
    return wrong


def judge(run, scenario, result):
    """What is not as it must be; only rcastsink is held to it."""
    wrong = []
    if not run.contestant.ours:
        return wrong
    messages = run.messages(run.fault_at)
    if not result['on_air']:
        wrong.append('not on air again' if run.caster.alive() else 'the caster has ended')
    # A busy machine may take longer for a short fault than it should last.
    too_long = scenario.at_most_s and run.back_at - run.fault_at > scenario.at_most_s
    if scenario.strategies is None and not too_long:
        touched = [m for m in messages if m['name'] != 'broadcasting' or m['strategy'] not in
                   ('none', 'path-switch')]
        if touched:
            wrong.append('posted ' + ', '.join(f"{m['name']} ({m['reason']})" for m in touched))
    # Janus keeps its ports in an ICE restart: where they are dead, a new session cures.
    elif (scenario.strategies and result['strategy'] not in ('none', *scenario.strategies)
          and run.contestant.world != 'janus'):
        wrong.append(f"strategy {result['strategy']}")
    if scenario.strategies and scenario.strategies != scenarios.ANY and result['strategy'] == 'none':
        wrong.append('posted nothing')
    if scenario.status and not any(m.get('http-status') == str(scenario.status) for m in messages):
        wrong.append(f'no message with http-status {scenario.status}')
    if scenario.delay_s and not any(int(m.get('delay', 0)) >= scenario.delay_s * 1e9
                                    for m in messages):
        wrong.append(f'no message that waits {scenario.delay_s} s')
    if scenario.untouched and (result['packets_lost'] or result['restarts']):
        wrong.append(f"{result['packets_lost']} packets lost, {result['restarts']} restarts")
    if result['recording_lost'] != 0:
        wrong.append(f"{result['recording_lost']} buffers of the recording lost")
    wrong += check_outages(run) + check_time(run, scenario, result)
    wrong += viewers.judge(result, LATENESS.stretch(run.fault_at, lab.now()))
    for check in scenario.checks:
        wrong += check(run)
    return wrong


def allowed_at_return(run):
    """Frames: what a source on a machine that stands still does not make. None on a quiet one."""
    back_at = getattr(run, 'fell_back', None) or lab.now()
    return round(LATENESS.worst(back_at - RETURN_S, back_at + RETURN_S) * FPS)


def check_time(run, scenario, result):
    """Five times as long as on a quiet machine is too long, scaled by how late this one is."""
    figure, expected = EXPECTED[scenario.name]
    # The figures are of the default settings.
    if run.contestant.name != 'rcastsink' and not scenario.world:
        return []
    stretch = LATENESS.stretch(run.fault_at, lab.now())
    result['stretch'] = round(stretch, 2)
    limit = scenarios.TIMES * max(expected, scenarios.AT_LEAST_MS) * stretch
    back = scenarios.TIMES * scenarios.RETURN_GAP_MS * stretch
    if result.get('return_gap_ms', 0) > back:
        return [f"{result['return_gap_ms']} ms without a frame at the return, more than {back:.0f}"]
    if result.get('return_lost', 0) > allowed_at_return(run):
        return [f"{result['return_lost']} frames lost at the return"]
    return [f'{figure} {result[figure]}, more than {limit:.0f} (sleepers took {stretch:.2f} times'
            ' their time)'] if result[figure] > limit else []


def usage_of(run):
    return {'at': lab.now(), 'cpu': 0, **run.caster.usage()}


def run_fault(run, scenario, settle=SETTLE_S):
    usage = [usage_of(run)]
    harm = run.harm() if scenario.untouched else None
    scenario.act(run)
    on_air = run.wait_on_air(run.back_at, run.contestant.patience(scenario.back_s))
    # An outage has to be over to be measured.
    is_back = not on_air or not can_see(run, scenario) or viewers.await_picture(
        run.viewer, LATENESS.stretch(run.fault_at, lab.now()))
    time.sleep(settle)
    usage.append(usage_of(run))
    result = {**measure(run, scenario, usage, harm), 'viewer_back': is_back}
    result['wrong'] = judge(run, scenario, result)
    result['load'] = os.getloadavg()[0]
    result['fault_at'], result['back_at'] = run.fault_at, run.back_at
    return result


def run_one(place, scenario, contestant, folder, tools):
    """A broadcast of its own: nothing of what was before can be seen in the figures."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = scenario.settings if contestant.ours else ()
    run = WORLDS[contestant.world].run(place, contestant, folder, tools, scenario.servers, scenario.urls, settings,
                                       scenario.host)
    try:
        if scenario.name in BEFORE:
            BEFORE[scenario.name](run)
        run.start()
        return run_fault(run, scenario)
    finally:
        place.repair()
        run.stop()


def run_tour(place, wanted, contestant, folder, tools, keep):
    """One broadcast and one fault after the other: quick, and nothing adds up."""
    folder.mkdir(parents=True, exist_ok=True)
    run = Run(place, contestant, folder, tools,
              sorted({index for scenario in wanted for index in scenario.servers}),
              # Faults so close together would make the delays long.
              settings=('reconnect-max-delay=1000',))
    try:
        run.start()
        for scenario in wanted:
            keep(scenario, run_fault(run, scenario, settle=1))
            if not run.caster.alive():
                # What is left of the tour wants a broadcast, too.
                run.start_caster()
            place.repair()
            for index, server in run.servers.items():
                if server.alive():
                    place.control(index, reset=True, session_timeout_ms=10000)
            if not run.wait_on_air(lab.now(), START_S):
                raise Failed(f'not on air again after {scenario.name}, see {folder}')
    finally:
        place.repair()
        run.stop()


# --- random faults in a row -------------------------------------------------

class Journal:
    """The faults of a row, one a line, so that one that was interrupted can go on."""

    def __init__(self, path, resume):
        self.path = path
        self.rows = [json.loads(line) for line in open(path)] if resume and path.exists() else []
        self.file = open(path, 'a' if self.rows else 'w')

    def add(self, name, took_s):
        """None: it was not back."""
        self.rows.append({'fault': name, 'took_s': took_s})
        print(json.dumps(self.rows[-1]), file=self.file, flush=True)

    def describe(self):
        """Each kind, the slowest first."""
        kinds = {}
        for row in self.rows:
            kinds.setdefault(row['fault'], []).append(row['took_s'])
        lines = [f"{'fault':16}{'n':>5}{'median':>8}{'longest':>8}  never back"]
        for name, took in sorted(kinds.items(), key=lambda kind: -max([t for t in kind[1] if t is not None],
                                                                      default=0)):
            back = [t for t in took if t is not None]
            lines.append(f'{name:16}{len(took):5}' + (f'{statistics.median(back):8.1f}{max(back):8.1f}' if back
                         else f"{'-':>8}{'-':>8}") + f"  {took.count(None) or ''}".rstrip())
        return '\n'.join(lines)


def nth_fault(kinds, seed, number):
    """Its name and its dice: each kind once before any comes again, wherever one begins."""
    names = sorted(kinds)
    random.Random(f'{seed} round {number // len(names)}').shuffle(names)
    return names[number % len(names)], random.Random(f'{seed} fault {number}')


def run_random(place, contestant, count, seed, folder, tools, until=None, resume=False, block=0):
    """Always broadcasting again, one recovery at a time, nothing grows."""
    folder.mkdir(parents=True, exist_ok=True)
    world = WORLDS[contestant.world]
    kinds = world.random
    journal = Journal(folder / 'faults.jsonl', resume)
    run = world.run(place, contestant, folder, tools)
    begun = len(journal.rows)
    wrong, usages, done, cycles, recorded = [], [], begun, 0, {}
    try:
        run.start()
        while done < count and (until is None or lab.now() < until):
            if (done - begun) % len(kinds) == 0:
                # The first round makes caches; after it nothing may grow with the faults.
                usages.append(run.caster.settle() if done - begun == len(kinds) else usage_of(run))
            name, rand = nth_fault(kinds, seed, done)
            done += 1
            kinds[name](rand)(run)
            if not run.wait_on_air(run.back_at, 60):
                wrong += ['the caster has ended'] if not run.caster.alive() else []
                wrong.append(f'not broadcasting within 60 s after fault {done}, {name}')
                journal.add(name, None)
                break
            run.mend()
            took = lab.now() - run.back_at
            journal.add(name, round(took, 2))
            print(f'  seed {seed}, {done:3} {name:14} on air again, {took:5.1f} s after its end', flush=True)
            if block and done % block == 0:
                print(describe_block(done, usages, usage_of(run)), journal.describe(), sep='\n', flush=True)
        if run.watched() and not wrong:
            is_back = viewers.await_picture(run.viewer, LATENESS.stretch(run.fault_at or 0, lab.now()))
            wrong += viewers.judge_presence(is_back, viewers.errors_of(run.viewer))
        if run.caster.alive() and len(usages) > 1:
            # A look after the first round may have met it between two sessions.
            first = {what: max(n, usages[0].get(what, n)) for what, n in usages[1].items()}
            usages.append(run.caster.settle(first))
            wrong += lab.grown(first, usages[-1])
        wrong += check_single_flight(run.messages())
        recorded = run.recorded()
        if int(recorded['video-lost']) + int(recorded['audio-lost']):
            wrong.append(f'recording: {recorded}')
        cycles = sum(m['name'] == 'broadcasting' for m in run.messages())
    finally:
        place.repair()
        run.stop()
    print(journal.describe(), flush=True)
    # Those of an earlier run, too
    lost = sum(row['took_s'] is None for row in journal.rows[:begun])
    wrong += [f'{lost} faults before: not back'] if lost else []
    return {'scenario': f'random-{count}', 'contestant': contestant.name, 'seed': seed,
            'faults': done, 'recoveries': cycles, 'wrong': wrong, 'usage': usages, 'recorded': recorded}


def split_rows(contestants_of_ours, count, seed, n_labs):
    """So many rows of random faults that each lab has one: of whom, how many, with which dice."""
    rows = []
    for contestant in contestants_of_ours:
        share = max(1, -(-n_labs // len(contestants_of_ours)))
        rows += [(contestant, count // share + (number < count % share), seed + number) for number in range(share)]
    return [row for row in rows if row[1]]


def perform_row(place, row, folder, tools, arguments, until=None):
    """One that is over already is not begun again; what came of it stands in its folder."""
    contestant, count, seed = row
    done = folder / 'row.json'
    if arguments.resume and done.exists():
        result = json.loads(done.read_text())
        if result['faults'] >= count:
            return result
    result = run_random(place, contestant, count, seed, folder, tools, until, arguments.resume, arguments.block)
    done.write_text(json.dumps(result))
    return result


def print_rows(results):
    """All rows of random faults, and what they come to."""
    rows = [r for r in results if 'usage' in r]
    if len(rows) < 2:
        return
    print()
    for row in rows:
        print(f"{row['contestant']}, {describe_row(row)}")
    print(f"{sum(r['faults'] for r in rows)} faults in {len(rows)} broadcasts,"
          f" {sum(len(r['wrong']) for r in rows)} things wrong")


def describe_block(done, usages, usage):
    """So far, and what is held now."""
    first = usages[min(1, len(usages) - 1)]
    return f'{done} faults; ' + ', '.join(f'{what} {first[what]} -> {usage[what]}' for what in lab.SLACK)


def describe_row(result):
    """What it came to, from after its first round to its end."""
    usage = result['usage']
    grown = [f'{what} {usage[1][what]} -> {usage[-1][what]}' for what in lab.SLACK] if len(usage) > 2 else []
    taped = [f"{result['recorded'][kind + '-lost']} of {result['recorded'][kind]} {kind} buffers"
             for kind in ('video', 'audio')] if result['recorded'] else ['?']
    return '; '.join((f"{result['scenario']}, seed {result['seed']}: {result['faults']} faults,"
                      f" {result['recoveries']} times on air", ', '.join(grown) or 'too few to judge what grows',
                      f"the recording lost {', '.join(taped)}"))


def check_single_flight(messages):
    """Attempts only grow between two times on air."""
    wrong, attempt = [], 0
    for message in messages:
        if message['name'] == 'broadcasting':
            attempt = 0
        elif message['name'] == 'reconnecting_broadcast':
            number = int(message['attempt'])
            if number < attempt:
                wrong.append(f'attempt {number} after {attempt}')
            attempt = number
        elif message['name'] == 'disconnected':
            wrong.append('disconnected')
    return wrong


# --- output -------------------------------------------------------------------

FIGURES = (('notice_ms', 'notice'), ('gap_ms', 'gap'), ('viewer_gap_ms', 'viewer gap'),
           ('yardstick_gap_ms', 'gap beside it'), ('back_ms', 'back'), ('frames_lost', 'frames lost'))


def spread(values):
    values = [v for v in values if v is not None]
    if not values:
        return '-'
    if len(values) == 1:
        return str(values[0])
    return f'{min(values)}/{round(statistics.median(values))}/{max(values)}'


def summarise(results):
    groups = {}
    for result in results:
        if 'gap_ms' in result:
            groups.setdefault((result['scenario'], result['contestant']), []).append(result)
    return groups


def print_table(results):
    shown = [figure for figure in FIGURES if any(figure[0] in result for result in results)]
    print(f"\n{'scenario':22}{'contestant':20}{'n':>3} "
          + ''.join(f'{title:>19}' for _, title in shown) + '  strategy')
    for (scenario, contestant), group in summarise(results).items():
        strategies = ', '.join(sorted({r['strategy'] for r in group}))
        print(f'{scenario:22}{contestant:20}{len(group):3} '
              + ''.join(f'{spread([r.get(key) for r in group]):>19}' for key, _ in shown)
              + f'  {strategies}' + ('' if all(r['on_air'] for r in group) else '  NOT ON AIR AGAIN'))
    print('times in ms, min/median/max; notice: first message; gap: longest time without a'
          ' decodable frame at the server;\nback: from the end of the cause to the first'
          ' decodable frame; 0: it was never off air for 250 ms; viewer: an rcastsrc')
    returns = [r['return_gap_ms'] for r in results if 'return_gap_ms' in r]
    if returns:
        lost = [r['return_lost'] for r in results if 'return_lost' in r]
        print(f'gap at failing back to the first location: {spread(returns)} ms, {spread(lost)} frames lost')
    late = [(r['sync_before_ms'], r['sync_after_ms']) for r in results
            if r.get('sync_after_ms') is not None and r.get('sync_before_ms') is not None]
    if late:
        print(f"sound late against the picture at the viewer: before {spread([a for a, _ in late])} ms,"
              f" after {spread([b for _, b in late])} ms, moved by at most"
              f" {max(abs(b - a) for a, b in late):.1f} ms")


def describe_machine():
    with open('/proc/cpuinfo') as file:
        models = [line.split(':', 1)[1].strip() for line in file if line.startswith('model name')]
    version = subprocess.run(['gst-inspect-1.0', '--version'], capture_output=True, text=True)
    return {'machine': f'{len(models)} x {models[0] if models else platform.machine()}',
            'kernel': platform.release(), 'load': os.getloadavg()[0],
            'gstreamer': (version.stdout.split('\n')[1:2] or ['?'])[0],
            'date': time.strftime('%Y-%m-%d')}


def use_user_namespace():
    """Without root: the same once more as root of a user namespace, where that is allowed."""
    if os.geteuid() == 0 or os.environ.get('RCAST_FAULTS_INSIDE'):
        return
    probe = ['unshare', '--user', '--map-root-user', '--net', '--mount', 'true']
    try:
        if subprocess.run(probe, stderr=subprocess.DEVNULL).returncode:
            return
    except OSError:
        return
    os.environ['RCAST_FAULTS_INSIDE'] = 'yes'
    os.execvp('unshare', probe[:-1] + ['sh', '-c', 'mount -t tmpfs none /run && exec "$0" "$@"',
                                       sys.executable, *sys.argv])


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f'{number} is none')
    return number


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--scenario', action='append', default=[], metavar='NAME',
                        help='only this one, also random; thin: all thin links (default: all but these two);'
                             ' more than once')
    parser.add_argument('--contestant', action='append', default=[], metavar='NAME',
                        help='default: rcastsink; all: everyone who is there')
    parser.add_argument('--repeat', type=positive, default=1, metavar='N',
                        help='rounds of all of them, each in an order of its own')
    parser.add_argument('--at-most', type=float, metavar='MINUTES',
                        help='then no further run is started; what has been measured is told')
    parser.add_argument('--jobs', type=positive, default=1, metavar='N',
                        help='labs beside each other, each with a broadcast of its own')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--count', type=int, default=200,
                        help='of random faults of each contestant; several --jobs share them')
    parser.add_argument('--minutes', type=float, help='of random faults, instead of --count')
    parser.add_argument('--block', type=positive, default=100, metavar='N',
                        help='random faults after which there is a summary (default: %(default)s)')
    parser.add_argument('--resume', action='store_true',
                        help='go on with the random faults of an earlier run with the same --out and --seed')
    parser.add_argument('--delay', type=float, default=40, metavar='MS',
                        help='round trip between caster and server (default: %(default)s)')
    parser.add_argument('--server-set', action='append', default=[], metavar='NAME=VALUE',
                        help='on thin links: a switch of rcast-loopback, as feedback=none')
    parser.add_argument('--server', choices=thin_servers.SERVERS, default='loopback',
                        help='on thin links: who takes the broadcast (default: %(default)s)')
    parser.add_argument('--caster-set', action='append', default=[], metavar='NAME=VALUE',
                        help='on thin links: a property of rcastsink')
    parser.add_argument('--yardstick', action='store_true',
                        help='beside the viewer (rcastsrc) one that is not ours, to compare: a plain webrtcbin;'
                             ' Chromium at Janus')
    parser.add_argument('--short', action='store_true', help='what ./run test does')
    parser.add_argument('--short-thin', action='store_true', help='what ./run test does of thin links')
    parser.add_argument('--list', action='store_true')
    parser.add_argument('--out', type=Path, help='folder for the results and logs')
    parser.add_argument('--build', type=Path, default=Path(os.environ.get('RCAST_BUILDDIR', 'build')))
    arguments = parser.parse_args()
    for kind, asked, known in (
            ('scenario', arguments.scenario, {*BY_NAME, *thin.BY_NAME, 'random', 'thin'}),
            ('contestant', arguments.contestant, {*contestants.BY_NAME, *thin.CONTESTANT_BY_NAME, 'all'})):
        unknown = [name for name in asked if name not in known]
        if unknown:
            parser.error(f"no {kind} {', '.join(unknown)}; --list tells them")
    return arguments


def choose(arguments):
    if arguments.short:
        return [scenarios.BY_NAME[name] for name in scenarios.BESIDE]
    if arguments.scenario:
        return [BY_NAME[n] for n in arguments.scenario if n in BY_NAME]
    if arguments.minutes:
        return []
    return [s for s in SCENARIOS if not s.long]


def main():
    arguments = parse_arguments()
    if arguments.list:
        for scenario in SCENARIOS:
            in_test = scenario.short or scenario.name in scenarios.BESIDE
            note = '  (also in ./run test)' if in_test else '  (only by its name)' if scenario.long else ''
            print(f'{scenario.name:22}{scenario.text}{note}')
        for name, world in WORLDS.items():
            print(f"{'random':22}{name and f'to {name}, '}any of {', '.join(world.random)}")
        for scenario in thin.SCENARIOS:
            print(f'{scenario.name:22}{scenario.text}')
        print(f'{thin.RANDOM.name:22}{thin.RANDOM.text}  (only by its name)')
        print('contestants:')
        for contestant in contestants.BY_NAME.values():
            print(f'{contestant.name:22}{contestant.text}')
        print('contestants on thin links:')
        for contestant in thin.CONTESTANTS:
            print(f'{contestant.name:22}{contestant.text}')
        print('servers on thin links:')
        for name, server in thin_servers.SERVERS.items():
            print(f'{name:22}{server.text}')
        return 0
    missing = lab.what_is_missing()
    if missing:
        print(f'skipped: needs {missing}')
        return SKIP
    use_user_namespace()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(130))
    tools = {'server': arguments.build / 'tests/examples/loopback/rcast-loopback',
             'cast': arguments.build / 'tests/faults/faults-cast',
             'view': arguments.build / 'tests/faults/faults-view',
             'relay': arguments.build / 'tests/support/net-delay',
             'here': Path(__file__).resolve().parent}
    tools = {name: str(path.absolute()) for name, path in tools.items()}
    out = arguments.out or arguments.build / 'faults'
    out.mkdir(parents=True, exist_ok=True)
    tools['yardstick'] = arguments.yardstick
    tools['registry'] = str((out / 'stock.registry').absolute())
    results = []
    try:
        if arguments.short_thin:
            return thin.perform_short(tools, out)
        if any(name in thin.BY_NAME or name == 'thin' for name in arguments.scenario):
            return thin.perform(arguments, tools, out, describe_machine())
        with contextlib.ExitStack() as stack:
            places = [stack.enter_context(lab.Lab(tools['relay'], arguments.delay, number))
                      for number in range(SHORT_TOURS + SHORT_ROWS if arguments.short else arguments.jobs)]
            perform(arguments, places, tools, out, results)
    except lab.CannotBe as reason:
        print(f'skipped: needs {reason}')
        return SKIP
    except KeyboardInterrupt:
        print('\ninterrupted')
        if results:
            print_table(results)
        return 130
    print_table(results)
    wrong = [r for r in results if r['wrong']]
    for result in wrong:
        print(f"FAILED {result['scenario']} {result['contestant']}: {'; '.join(result['wrong'])}")
    print(f'{len(results) - len(wrong)} passed, {len(wrong)} failed; {out}/results.jsonl')
    return 1 if wrong else 0


def run_beside(functions):
    """All at once, until all are over or one has failed."""
    errors = []

    def guard(function):
        try:
            function()
        except Exception as error:
            errors.append(error)

    # They are not waited for when the program ends: their labs are gone by then.
    threads = [threading.Thread(target=guard, args=(f,), daemon=True) for f in functions]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) and not errors:
        # In short waits, so that Ctrl-C gets in between
        threads[0 if threads[0].is_alive() else -1].join(0.2)
    if errors:
        raise errors[0]


def perform(arguments, places, tools, out, results):
    names = arguments.contestant or ['rcastsink']
    chosen = [contestants.BY_NAME[n] for n in
              (contestants.BY_NAME if 'all' in names else names)]
    missing = {c.name: c.missing() for c in chosen}
    for name, what in missing.items():
        if what:
            print(f'without {name}: needs {what}')
    chosen = [c for c in chosen if not missing[c.name]]
    # To whom the rows of random faults happen
    ours = next((c for c in chosen if c.ours), None)
    wanted = []
    for scenario in choose(arguments):
        lacking = [tool for tool in scenario.needs if not shutil.which(tool)]
        if lacking:
            print(f"without {scenario.name}: needs {', '.join(lacking)}")
        else:
            wanted.append(scenario)
    rand = random.Random(arguments.seed)
    once = [(s, c) for s in wanted for c in chosen
            if (c.ours or s.others) and s.name in WORLDS[c.world].scenarios]
    jobs = []
    for number in range(arguments.repeat):
        if arguments.repeat > 1:
            # So that what the machine does meanwhile hits all alike
            rand.shuffle(once)
        jobs += [(*job, number) for job in once]
    end = lab.now() + 60 * arguments.at_most if arguments.at_most else None
    with open(out / 'results.jsonl', 'w') as file:
        print(json.dumps({'about': {**describe_machine(), 'round_trip_ms': places[0].delay_ms,
                                    'versions': contestants.versions(chosen)}}), file=file, flush=True)
        one = threading.Lock()

        def keep(result):
            with one:
                results.append(result)
                print(json.dumps(result), file=file, flush=True)
                for text in result['wrong']:
                    print(f"  WRONG {result['scenario']} {result['contestant']}: {text}", flush=True)

        def tell(scenario, result):
            print(f"{scenario.name} {result['contestant']}: {scenario.text}\n"
                  f"  noticed {result['notice_ms']} ms, gap {result['gap_ms']} ms, back"
                  f" {result['back_ms']} ms after the cause's end, {result['frames_lost']} frames"
                  f" lost, {result['strategy']}, {'>'.join(result['messages'])}", flush=True)
            if viewers.describe(result):
                print(viewers.describe(result), flush=True)
            keep(result)

        def work(place):
            while jobs and not (end and lab.now() > end):
                scenario, contestant, number = jobs.pop(0)
                folder = out / f'{scenario.name}-{contestant.name}-{number}'
                try:
                    tell(scenario, run_one(place, scenario, contestant, folder, tools))
                except Exception as error:
                    # It must not cost the runs that are still to come.
                    if place.is_over():
                        return
                    reason = str(error) if isinstance(error, Failed) else repr(error)
                    print(f'{scenario.name} {contestant.name}: {reason}', flush=True)
                    keep({'scenario': scenario.name, 'contestant': contestant.name,
                          'wrong': [reason] if contestant.ours else [], 'failed': reason})
                    place.renew()

        def tour(place, number):
            wanted = [s for s in scenarios.SCENARIOS if s.short][number::SHORT_TOURS]
            run_tour(place, wanted, ours, out / f'tour{number}', tools, tell)
            work(place)

        def stray(place, count, seed, folder, until=None):
            result = perform_row(place, (ours, count, seed), folder, tools, arguments, until)
            print(describe_row(result), flush=True)
            keep(result)

        def row(place, number):
            stray(place, SHORT_RANDOM, arguments.seed + number, out / f'random{number}')
            work(place)

        def walk(place, rows, until):
            while rows:
                contestant, count, seed = rows.pop(0)
                try:
                    result = perform_row(place, (contestant, count, seed), out / f'random-{contestant.name}-{seed}',
                                         tools, arguments, until)
                    print(f'{contestant.name}, {describe_row(result)}', flush=True)
                except Exception as error:
                    # It must not cost the other rows.
                    if place.is_over():
                        return
                    result = {'scenario': f'random-{count}', 'contestant': contestant.name,
                              'wrong': [str(error) if isinstance(error, Failed) else repr(error)]}
                    place.renew()
                keep(result)

        if arguments.short:
            first = [functools.partial(tour, number=number) for number in range(SHORT_TOURS)]
            first += [functools.partial(row, number=number) for number in range(SHORT_ROWS)]
            run_beside([functools.partial(f, place) for f, place in zip(first, places)])
            return
        run_beside([functools.partial(work, place) for place in places])
        if jobs:
            print(f'{len(jobs)} runs left out: the {arguments.at_most:g} minutes are over')
        if arguments.minutes or 'random' in arguments.scenario:
            until = lab.now() + 60 * arguments.minutes if arguments.minutes else None
            mine = [c for c in chosen if c.ours]
            rows = split_rows(mine, arguments.count, arguments.seed, len(places))
            if until:
                rows = [(c, sys.maxsize, s) for c, _, s in rows]
            run_beside([functools.partial(walk, place, rows, until) for place in places])
            print_rows(results)


if __name__ == '__main__':
    sys.exit(main())
