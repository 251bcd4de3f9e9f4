#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What rcastsink and rcastsrc cost beside a bare webrtcbin: ratios of one and the same run.

All send or receive the same encoded video, 640x360 and 30 frames a second, to or from the same
server on this machine: what sends in turns, what receives side by side, with Opus. A bare receiver
asks for what rcastsrc asks for, too: lost packets (NACK, RTX) and transport-wide feedback.
"""

import argparse
import concurrent.futures
import itertools
import json
import os
import shlex
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

MANY = 8
# Caches are full after so many, and what is left of the last one is gone after so long.
WARM, REST_S = 30, 5


def tell(*commands):
    """What each of them says last; side by side."""
    running = [subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
               for argv in commands]
    told = []
    try:
        for argv, process in zip(commands, running):
            out, trouble = process.communicate(timeout=300)
            lines = [line for line in out.splitlines() if line.startswith('event=')]
            if process.returncode != 0 or not lines:
                sys.exit(f'{argv[0]}: {trouble.strip()[-500:]}')
            told.append(dict(word.split('=', 1) for word in shlex.split(lines[-1])))
    finally:
        # Only those that still run: one has failed, or takes too long.
        for process in running:
            process.kill()
            process.wait()
    return told


class Reconnecting:
    """A broadcast that is reconnected on command, again and again."""

    def __init__(self, build, kind, url):
        self.kind, self.url = kind, url
        contestant = 'webrtcbin' if kind == 'webrtcbin' else 'rcastsink'
        # Slices that are free would count as in use.
        env = dict(os.environ, G_SLICE='always-malloc')
        self.process = subprocess.Popen(
            ['timeout', '3600', str(build / 'tests/benchmarks/bench-reconnect'), contestant,
             f'{url}whip/{kind}' if kind == 'webrtcbin' else f'whip+{url}whip/{kind}'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        self.wait('status', name='broadcasting')

    def wait(self, event, **fields):
        wanted = {'event': event, **fields}.items()
        for line in self.process.stdout:
            told = dict(word.split('=', 1) for word in shlex.split(line) if '=' in word)
            if wanted <= told.items():
                return told
        sys.exit(f'bench-reconnect {self.kind} has ended')

    def command(self, word):
        self.process.stdin.write(f'{word}\n')
        self.process.stdin.flush()

    def reconnect(self):
        if self.kind == 'webrtcbin':
            self.command('again')
        elif self.kind == 'ice-restart':
            self.command('restart')
            self.wait('restarted')
            return
        else:
            # The server answers that it has no such session.
            control(self.url, forget=self.kind)
            self.command('restart')
            self.wait('status', name='reconnecting_broadcast', strategy='rejoin')
        self.wait('status', name='broadcasting')

    def use(self):
        time.sleep(REST_S)
        self.command('use')
        return {name: int(value) for name, value in self.wait('use').items() if name != 'event'}

    def stop(self):
        self.command('quit')
        self.process.wait(60)


def control(url, **switches):
    urllib.request.urlopen(urllib.request.Request(
        f'{url}control', json.dumps(switches).encode(), {'Content-Type': 'application/json'}),
        timeout=60).read()


def reconnect_often(build, url, kind, times, end):
    """What a process holds after so many connections, beside what it held after the first few."""
    broadcast = Reconnecting(build, kind, url)
    for _ in range(WARM):
        broadcast.reconnect()
    before = broadcast.use()
    begin, done = time.monotonic(), 0
    while done < times and time.monotonic() < end:
        broadcast.reconnect()
        done += 1
    took = time.monotonic() - begin
    after = broadcast.use()
    broadcast.stop()
    more = after['in-use-bytes'] - before['in-use-bytes']
    return (f"after {done} more {NAMES[kind]} in {took:.0f} s: memory in use"
            f" {after['in-use-bytes'] / before['in-use-bytes']:.2f} times what it was"
            f" ({more / max(done, 1) / 1024:+.1f} KiB each), resident"
            f" {before['resident-kib'] / 1024:.1f} -> {after['resident-kib'] / 1024:.1f} MiB,"
            f" descriptors {before['fds']} -> {after['fds']},"
            f" threads {before['threads']} -> {after['threads']}")


def measure_reconnects(build, url, times, minutes):
    """Beside each other: it is no time that is measured."""
    end = time.monotonic() + 60 * minutes
    with concurrent.futures.ThreadPoolExecutor() as pool:
        running = [pool.submit(reconnect_often, build, url, kind, times, end) for kind in NAMES]
        for told in concurrent.futures.as_completed(running):
            print(told.result(), flush=True)


def measure_costs(argv, names, arguments, together=False):
    """In turns, or @together; {} in argv is the name. Returns CPU, memory and waits of each."""
    costs = {name: [] for name in names}
    waits = {name: [] for name in names}
    memory = {name: {1: [], MANY: []} for name in names}
    groups = [names] if together else [[name] for name in names]
    for _ in range(arguments.rounds):
        for group, n in itertools.product(groups, (1, MANY)):
            values = {'n': n, 'seconds': arguments.seconds}
            for name, told in zip(group, tell(*([word.format(name, **values) for word in argv]
                                                for name in group))):
                memory[name][n].append(int(told['resident-kib']))
                if n == MANY:
                    costs[name].append(float(told['cpu-ms-per-stream-second']))
                    waits[name].append(float(told.get('waits-per-stream-second', 0)))
    return costs, memory, waits


def print_costs(what, measured, arguments):
    """Of ours, which is the first, beside each of the others"""
    costs, waits = ({name: statistics.median(values) for name, values in of.items()}
                    for of in (measured[0], measured[2]))
    # Of one more
    memory = {name: (statistics.median(of[MANY]) - statistics.median(of[1])) / (MANY - 1)
              for name, of in measured[1].items()}
    name, *others = costs
    for other in others:
        print(f'CPU for a second of one {what}: {name} {costs[name]:.1f} ms, bare {other}'
              f' {costs[other]:.1f} ms, ratio {costs[name] / costs[other]:.2f}'
              f' (medians of {arguments.rounds} rounds, {MANY} at once)')
        if waits[name]:
            print(f'waits of its threads in a second: {name} {waits[name]:.0f}, bare {other}'
                  f' {waits[other]:.0f}')
        print(f'memory of one more {what}: {name} {memory[name]:.0f} KiB, bare {other}'
              f' {memory[other]:.0f} KiB, ratio {memory[name] / memory[other]:.2f}')
    print(f'{what}s per core: ' + ', '.join(f'{of} {1000 / costs[of]:.0f}' for of in costs))


def measure_receiving(programs, url, bitrate, arguments):
    source = subprocess.Popen([str(programs / 'bench-broadcast'), 'webrtcbin', url, '1', '36000',
                               str(bitrate), 'sound'], stdout=subprocess.PIPE, text=True)
    try:
        if 'connected' not in source.stdout.readline():
            sys.exit('what is to be received is not on air')
        return measure_costs([str(programs / 'bench-receive'), '{}', f'{url}whep/bench-0',
                              '{n}', '{seconds}'], ('rcastsrc', 'webrtcbin', 'webrtcbin-queue'),
                             arguments, True)
    finally:
        source.terminate()
        source.communicate()


NAMES = {'ice-restart': 'ICE restarts of rcastsink', 'rejoin': 'reconnects of rcastsink',
         'webrtcbin': 'pipelines with a bare webrtcbin'}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--build', type=Path, default=Path(os.environ.get('RCAST_BUILDDIR', 'build')))
    parser.add_argument('--rounds', type=int, default=3, help='0: the reconnects only')
    parser.add_argument('--seconds', type=int, default=10)
    parser.add_argument('--bitrates', type=int, nargs='+', default=[2600], metavar='KBIT',
                        help='of the video')
    parser.add_argument('--only', choices=('sending', 'receiving'), help='one of both')
    parser.add_argument('--reconnects', type=int, default=50, help='of each kind; 1000 take a quarter of an hour')
    parser.add_argument('--at-most', type=float, default=20, metavar='MINUTES',
                        help='for the reconnects; what was done by then is told')
    arguments = parser.parse_args()
    programs = arguments.build.absolute() / 'tests/benchmarks'
    program = str(programs / 'bench-broadcast')
    server = subprocess.Popen(
        [str((arguments.build / 'tests/examples/loopback/rcast-loopback').absolute()), '--port=0'],
        stdout=subprocess.PIPE, text=True)
    try:
        url = dict(w.split('=', 1) for w in shlex.split(server.stdout.readline()))['url']
        # Or it stops when nobody reads what it says
        drain = subprocess.Popen(['cat'], stdin=server.stdout, stdout=subprocess.DEVNULL)
        sending = {rate: measure_costs([program, '{}', url, '{n}', '{seconds}', str(rate)],
                                       ('rcastsink', 'webrtcbin'), arguments)
                   for rate in arguments.bitrates if arguments.only != 'receiving'}
        receiving = {rate: measure_receiving(programs, url, rate, arguments)
                     for rate in arguments.bitrates if arguments.only != 'sending'}
        if arguments.reconnects:
            measure_reconnects(arguments.build, url, arguments.reconnects, arguments.at_most)
    finally:
        server.terminate()
        server.wait()
    drain.wait()
    if not arguments.rounds:
        return
    for rate in arguments.bitrates:
        print(f'at {rate} kbit/s:')
        if rate in sending:
            print_costs('broadcast', sending[rate], arguments)
        if rate in receiving:
            print_costs('reception', receiving[rate], arguments)
    print(f"a decision of the policy: {tell([program, 'policy'])[0]['ns-per-step']} ns")


if __name__ == '__main__':
    main()
