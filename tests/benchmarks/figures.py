#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""All runs behind the figures in docs/, one after the other, for a machine with nothing else to do.

Each step has its time and a log; one that fails or is late costs the others nothing.
Ctrl-C ends it, and what has been measured is summed up.
"""

import argparse
import dataclasses
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
FAULTS = HERE.parent / 'faults'
# After a polite end: labs are taken down.
END_S = 30
# For the runs that are under way when no further one is to be started, in minutes
ENDING = 2
# What one round of a step takes with one lab, in minutes
ROUND_OF_OTHERS, ROUND_OF_MODES = 15, 5

# What docs/ice.md has ten runs of: those that repeat by themselves, and those that do not.
REPEATING = (
    ('test_link_down_backup', 'test_black_hole_backup', 'test_link_down_duplicate'),
    ('test_own_link_down_backup', 'test_link_down_backup_without_signalling',
     'test_black_hole_duplicate', 'test_other_link_down_duplicate'),
    ('test_link_down_backup_stock', 'test_black_hole_backup_stock',
     'test_other_black_hole_duplicate'))
SINGLE = (
    ('test_hundred_restarts', 'test_sixty_restarts_in_three_seconds', 'test_only_link_down_5_s'),
    ('test_late_interface', 'test_late_interface_without_signalling', 'test_nat_rebinding'),
    ('test_turn_tcp', 'test_turn_tls', 'test_turn_udp', 'test_single_path_has_a_successor'),
    ('test_only_link_down_30_s',))
# Receivers that are not ours, and our server: who, and how its column in docs/ice.md is called.
PEERS = {'janus': 'Janus', 'werift': 'werift', 'libwebrtc': 'libwebrtc', 'chromium': 'Chromium',
         'loopback': 'loopback server'}
# Beside each other: two of them are enough for two cores.
PEER_CHECKS = (('test_janus', 'test_werift', 'test_peer_killed'),
               ('test_chromium',), ('test_libwebrtc', 'test_loopback'))
UPLINKS = ('uplink-down', 'uplink-dead', 'uplink-dead-out', 'uplink-dead-in', 'links-down-5s',
           'late-uplink', 'nat-rebinding', 'address-changed', 'route-switch')
# They take a minute or more each.
LONG = ('http-dead-60s', 'cut-60s', 'failback', 'kill-20s')
OTHERS = ('kill-1s', 'path-dead', 'cut-7s', 'uplink-dead')
WHO = ('rcastsink', 'rcastsink-single', 'rcastsink-duplicate', 'webrtcbin', 'rebuild', 'rebuild-watchdog',
       'whip-client', 'ffmpeg', 'chromium', 'rcastsink-janus')


@dataclasses.dataclass
class Command:
    argv: list
    env: dict = dataclasses.field(default_factory=dict)
    times: int = 1
    label: str = ''                 # before what it printed, in the summary


@dataclasses.dataclass
class Step:
    """Its commands run beside each other."""
    name: str
    text: str
    minutes: float
    commands: list
    beside: bool = False            # of the steps after it, too
    most: float = 0                 # takes what the later ones leave, up to these minutes
    results: str = ''               # what the pictures are made of


def ice(build, delay, checks, times=1, **env):
    """The namespace tests with the limits that docs/ice.md promises."""
    return Command([str(build / 'tests/netns/netns_ice')], times=times, label=f'{2 * delay} ms', env={
        'RCAST_ICE_STRICT': '1', 'RCAST_ICE_DELAY': str(delay), 'GST_CHECKS': ','.join(checks),
        'NODE_PATH': os.environ.get('NODE_PATH', str(build / 'npm/node_modules')),
        'RCAST_LOOPBACK': str(build / 'tests/examples/loopback/rcast-loopback'),
        'CK_DEFAULT_TIMEOUT': '1500', 'GIO_USE_PROXY_RESOLVER': 'dummy', **env})


def faults(build, out, name, names, repeat, minutes, who=(), jobs=2):
    options = [word for n in names for word in ('--scenario', n)]
    options += [word for n in who for word in ('--contestant', n)]
    # A run that has been started is ended; --at-most is for those after it.
    return Command([str(FAULTS / 'faults.py'), '--build', str(build), '--seed', '7', '--jobs', str(jobs),
                    '--repeat', str(repeat), '--at-most', str(minutes), '--out', str(out / name),
                    *options])


def make_steps(build, out, jobs, runs, rounds):
    """In the order of their worth."""
    sys.path.insert(0, str(FAULTS))
    from scenarios import SCENARIOS
    quick = [s.name for s in SCENARIOS if s.name not in LONG]
    # Two for each processor encode and decode without being late.
    sources = min(8, 2 * (os.cpu_count() or 1))

    def lab(name, text, names, repeat, minutes, who=(), jobs=jobs, **more):
        return Step(name, text, minutes + ENDING,
                    [faults(build, out, name, names, repeat, minutes, who, jobs)],
                    results=f'{name}/results.jsonl', **more)

    return [
        Step('ice', 'the rows of docs/ice.md that are ten runs of one fault, at 0 and 40 ms', 8,
             [ice(build, delay, checks, RCAST_ICE_RUNS=str(runs))
              for delay in (0, 20) for checks in REPEATING]),
        Step('ice-rows', 'the others of them, ten runs each', 8,
             [ice(build, 0, checks, times=runs) for checks in SINGLE]),
        Step('ice-peers', 'its rows with Janus, werift, libwebrtc, Chromium, ten runs each', 15,
             [ice(build, 0, checks, times=runs) for checks in PEER_CHECKS]),
        Step('ice-loss', 'ten minutes of 5 % and 20 % loss and of blips', 14,
             [ice(build, 0, [check], RCAST_ICE_SECONDS='600') for check in
              ('test_five_percent_loss', 'test_twenty_percent_loss', 'test_blips')], beside=True),
        Step('sources', 'every source for ten minutes, with five faults each', 12 * -(-8 // sources) + ENDING,
             [Command(['/usr/bin/python3', str(HERE.parent / 'interop/sources.py'), '--seconds', '600',
                       '--faults', '5', '--jobs', str(sources), '--keep', str(out / 'sources'), '--resume'])]),
        lab('long', 'the faults that last, three rounds', LONG, 3, 14, jobs=1, beside=True),
        lab('faults', 'every other fault, rcastsink, up to ten rounds', quick, 10, 5, most=40),
        lab('others', f'some faults, everybody in one run, rounds: {rounds}', OTHERS, rounds,
            round(rounds * ROUND_OF_OTHERS / jobs, 1), WHO),
        lab('modes', f'faults of the uplinks, path-mode single and duplicate, rounds: {rounds}', UPLINKS,
            rounds, round(rounds * ROUND_OF_MODES / jobs, 1), ('rcastsink-single', 'rcastsink-duplicate')),
    ]


class Running:
    """One command, as often as it is to run, with a log of its own."""

    def __init__(self, command, log, env, end):
        self.command, self.log, self.end = command, log, end
        self.env = {**env, **command.env}
        self.left = command.times
        self.bad = 0
        self.process = None

    def step(self):
        """Starts, looks, ends; False when there is nothing more to do."""
        if self.process and self.process.poll() is None:
            if time.monotonic() < self.end:
                return True
            self.stop()
        if self.process:
            self.bad += self.process.returncode != 0
            self.process = None
        if not self.left or time.monotonic() >= self.end:
            return False
        self.left -= 1
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen(self.command.argv, env=self.env, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, start_new_session=True)
        return True

    def stop(self):
        if not self.process:
            return
        for number, patience in ((signal.SIGTERM, END_S), (signal.SIGKILL, None)):
            try:
                os.killpg(self.process.pid, number)
                self.process.wait(patience)
                return
            except ProcessLookupError:
                self.process.wait()
                return
            except subprocess.TimeoutExpired:
                continue


class Started:
    """A step that is under way."""

    def __init__(self, step, out, env, minutes):
        self.step, self.begin = step, time.monotonic()
        logs = [out / f'{step.name}-{number}.log' for number in range(len(step.commands))]
        end = self.begin + 60 * minutes
        self.running = [Running(command, log, env, end)
                        for command, log in zip(step.commands, logs)]
        self.loads = []

    def look(self):
        self.loads.append(os.getloadavg()[0])
        return any([one.step() for one in self.running])

    def stop(self):
        for one in self.running:
            one.stop()

    def tell(self):
        bad = sum(one.bad for one in self.running)
        short = sum(one.left for one in self.running)
        return (f"{self.step.name:10}{time.monotonic() - self.begin:6.0f} s, load"
                f" {statistics.median(self.loads):.1f}, "
                + (f'{bad} of its programs failed' if bad else 'passed')
                + (f', {short} runs left out' if short else ''))


# --- what the namespace tests print, by row -----------------------------------

PEER_ROW = re.compile(rf'^(?P<who>{"|".join(PEERS)})\s+(?P<what>\S.*?)\s+gap\s+(?P<gap>\d+) ms, '
                      r'(?P<received>\d+) of (?P<sent>\d+) since, (?P<rtcp>\d+) RTCP back')
ROW = re.compile(r'^(?P<name>\S.*?)\s+(?:gap\s+(?P<gap>\d+) ms,\s+(?P<lost>\d+) lost,'
                 r' RTCP gap\s+(?P<rtcp>-?\d+) ms|back (?P<back>-?\d+) ms after)')
KEPT = re.compile(r'runs: gap median|suspicions|^peer killed|^\S+\.c:\d+:[FE]:')


def tabulate_peers(logs):
    """For docs/ice.md: median and worst gap, the least of packets, how often RTCP came back."""
    rows, sent = {}, {}
    for log in logs:
        for line in log.read_text(errors='replace').splitlines() if log.exists() else ():
            match = PEER_ROW.match(line)
            if match:
                rows.setdefault(match['what'], {}).setdefault(match['who'], []).append(match)
                sent[match['what']] = match['sent']
    if not rows:
        return []
    there = [who for who in PEERS if any(who in row for row in rows.values())]
    lines = ['| | ' + ' | '.join(PEERS[who] for who in there) + ' |', '|---' * (len(there) + 1) + '|']
    for what, row in rows.items():
        cells = []
        for who in there:
            found = row.get(who, [])
            gaps = [int(m['gap']) for m in found]
            cells.append(f"{statistics.median(gaps):.0f} / {max(gaps)} ms, {min(int(m['received']) for m in found)},"
                         f" RTCP in {sum(m['rtcp'] != '0' for m in found)} of {len(found)}" if found else '–')
        lines.append(f'| {what}, of {sent[what]} | ' + ' | '.join(cells) + ' |')
    return lines


def sum_up(logs):
    rows, lines = {}, []
    for label, log in logs:
        for line in log.read_text(errors='replace').splitlines() if log.exists() else ():
            match = ROW.match(line)
            if match:
                rows.setdefault(f"{label:6}{match['name'].strip()}", []).append(match)
            elif KEPT.search(line):
                lines.append(f'{label:6}{line.strip()}')
    for name, found in rows.items():
        parts = [f'{len(found)} runs']
        for key, title in (('gap', 'gap'), ('rtcp', 'RTCP gap'), ('back', 'back after the link')):
            values = [int(m[key]) for m in found if m[key]]
            if values:
                parts.append(f'{title} median {statistics.median(values):.0f} ms, worst {max(values)} ms')
        lost = [int(m['lost']) for m in found if m['lost']]
        if lost:
            parts.append(f'at most {max(lost)} lost')
        lines.append(f"{name:51}{', '.join(parts)}")
    return sorted(lines)


def draw(steps, out):
    there = [out / s.results for s in steps if s.results and (out / s.results).exists()]
    if there:
        subprocess.run([str(FAULTS / 'plot.py'), *map(str, there), '--out', str(out)])


def publish(out, into):
    """What a sitting has measured takes the place of what was there; of some faults alone neither
    the table nor the picture of all of them is made."""
    names = ['faults.svg', 'timeline.svg']
    if (out / 'faults/results.jsonl').exists():
        names += ['gaps.svg', 'table.md']
    for name in names:
        if (out / name).exists():
            shutil.copy(out / name, into / name)
            print(f'{into / name} is new')


def stretch(step, minutes):
    """The same, with as many rounds as there is time for."""
    minutes = round(min(max(minutes, step.minutes), step.most + ENDING), 1)
    commands = [dataclasses.replace(c, argv=[
        str(minutes - ENDING) if before == '--at-most' else word
        for before, word in zip([None, *c.argv], c.argv)]) for c in step.commands]
    return dataclasses.replace(step, minutes=minutes, commands=commands)


def perform(steps, out, env, minutes):
    """Yields each step when it is over."""
    end = time.monotonic() + 60 * minutes
    aside = []
    try:
        for number, step in enumerate(steps):
            left = (end - time.monotonic()) / 60
            if step.most:
                step = stretch(step, left - sum(s.minutes for s in steps[number + 1:] if not s.beside))
            if left < min(step.minutes, 2):
                print(f'{step.name:10}left out: the {minutes:g} minutes are over', flush=True)
                continue
            started = Started(step, out, env, min(step.minutes, left))
            aside.append(started)
            while started.look() and not step.beside:
                for other in aside[:-1]:
                    other.look()
                time.sleep(0.2)
            if not step.beside:
                aside.remove(started)
                yield started
        for started in list(aside):
            while started.look():
                time.sleep(0.2)
            aside.remove(started)
            yield started
    finally:
        for started in aside:
            started.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('step', nargs='*', help='only these (default: all that fit)')
    parser.add_argument('--minutes', type=float, default=70,
                        help='for all of it; with less there are fewer rounds (default: %(default)s)')
    parser.add_argument('--jobs', type=int, default=2, help='labs beside each other (default: %(default)s)')
    parser.add_argument('--runs', type=int, default=10, metavar='N',
                        help='of each row of docs/ice.md (default: %(default)s)')
    parser.add_argument('--rounds', type=int, default=3, metavar='N',
                        help='of the steps others and modes (default: %(default)s)')
    parser.add_argument('--list', action='store_true', help='the steps, and how long each takes')
    parser.add_argument('--out', type=Path)
    parser.add_argument('--into', type=Path, metavar='FOLDER',
                        help='where the pictures, and after the step faults the table, are replaced:'
                        ' docs/benchmarks')
    parser.add_argument('--build', type=Path, default=Path(os.environ.get('RCAST_BUILDDIR', 'build')))
    arguments = parser.parse_args()
    build = arguments.build.absolute()
    out = (arguments.out or build / 'figures').absolute()
    steps = make_steps(build, out, arguments.jobs, arguments.runs, arguments.rounds)
    unknown = set(arguments.step) - {step.name for step in steps}
    if unknown:
        parser.error(f"no step {', '.join(sorted(unknown))}; --list tells them")
    wanted = [s for s in steps if not arguments.step or s.name in arguments.step]
    if arguments.list:
        for step in wanted:
            most = f' to {step.most + ENDING:g}' if step.most else ''
            print(f"{step.name:10}{f'{step.minutes:g}{most}':>8} min{', beside' if step.beside else '':9}{step.text}")
        return 0
    out.mkdir(parents=True, exist_ok=True)
    # What earlier ones have left of other steps is summed up, too.
    for step in wanted:
        for old in [*out.glob(f'{step.name}-[0-9]*.log'), *([out / step.results] if step.results else ())]:
            old.unlink(missing_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    status = 0
    try:
        for over in perform(wanted, out, dict(os.environ), arguments.minutes):
            print(over.tell(), flush=True)
            status |= any(one.bad for one in over.running)
    except KeyboardInterrupt:
        status = 130
    logs = [(step.name, command.label, out / f'{step.name}-{number}.log') for step in steps
            for number, command in enumerate(step.commands) if command.label]
    lines = sum_up([(label, log) for _, label, log in logs])
    lines += ['', *tabulate_peers([log for name, _, log in logs if name == 'ice-peers'])]
    (out / 'ice.txt').write_text('\n'.join(lines) + '\n')
    print('\n'.join(lines))
    draw(steps, out)
    if arguments.into:
        publish(out, arguments.into)
    print(f'logs, results, table and pictures: {out}')
    return status


if __name__ == '__main__':
    sys.exit(main())
