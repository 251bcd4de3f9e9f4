#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What rcastsink costs beside a bare webrtcbin: ratios of one and the same run.

Both send the same encoded video, 640x360, 30 frames and 2 Mbit a second, to the
same server on this machine, in turns.
"""

import argparse
import os
import shlex
import statistics
import subprocess
import sys
from pathlib import Path

MANY = 8


def tell(argv):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=300)
    for line in done.stdout.splitlines():
        if line.startswith('event='):
            return dict(word.split('=', 1) for word in shlex.split(line))
    sys.exit(f'{argv[0]}: {done.stderr.strip()[-500:]}')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--build', type=Path, default=Path(os.environ.get('RCAST_BUILDDIR', 'build')))
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--seconds', type=int, default=10)
    arguments = parser.parse_args()
    program = str((arguments.build / 'tests/benchmarks/bench-broadcast').absolute())
    server = subprocess.Popen(
        [str((arguments.build / 'tests/examples/loopback/rcast-loopback').absolute()), '--port=0'],
        stdout=subprocess.PIPE, text=True)
    try:
        url = dict(w.split('=', 1) for w in shlex.split(server.stdout.readline()))['url']
        # Or it stops when nobody reads what it says
        drain = subprocess.Popen(['cat'], stdin=server.stdout, stdout=subprocess.DEVNULL)
        costs = {'rcastsink': [], 'webrtcbin': []}
        memory = {name: {1: [], MANY: []} for name in costs}
        for _ in range(arguments.rounds):
            for name in costs:
                for n in (1, MANY):
                    told = tell([program, name, url, str(n), str(arguments.seconds)])
                    memory[name][n].append(int(told['resident-kib']))
                    if n == MANY:
                        costs[name].append(float(told['cpu-ms-per-stream-second']))
    finally:
        server.terminate()
        server.wait()
    drain.wait()
    ours, stock = (statistics.median(costs[name]) for name in ('rcastsink', 'webrtcbin'))
    print(f'CPU for a second of one broadcast: rcastsink {ours:.1f} ms, bare webrtcbin {stock:.1f} ms,'
          f' ratio {ours / stock:.2f} (medians of {arguments.rounds} rounds, {MANY} broadcasts at once)')
    print(f'broadcasts per core: rcastsink {1000 / ours:.0f}, bare webrtcbin {1000 / stock:.0f}')
    each = {name: (statistics.median(of[MANY]) - statistics.median(of[1])) / (MANY - 1)
            for name, of in memory.items()}
    print(f"memory of one more broadcast: rcastsink {each['rcastsink']:.0f} KiB, bare webrtcbin"
          f" {each['webrtcbin']:.0f} KiB, ratio {each['rcastsink'] / each['webrtcbin']:.2f}")
    print(f"a decision of the policy: {tell([program, 'policy'])['ns-per-step']} ns")


if __name__ == '__main__':
    main()
