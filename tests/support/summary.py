#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Adds up meson's results of several runs; prints what failed, and the sum last.

usage: summary.py [--no-skips] NAME=TESTLOG.JSON…

A run without a log counts as one failure: it did not build, or never ended.
With --no-skips a skipped test is a failed one. Exits with 1 if anything failed.
"""

import json
import pathlib
import re
import sys

# Of a failed test's log; what is printed at all is bounded as well.
TAIL_LINES = 16
MARKED_LINES = 14
LINE_LENGTH = 200
SHOWN = 8

PASSED = {'OK', 'EXPECTEDFAIL'}
# Lines that say why: of libcheck, the sanitizers, GLib, and our own drivers.
MARKED = re.compile(r':[FE]:\w+:|(Leak|Address)Sanitizer|runtime error:|-(CRITICAL|ERROR) \*\*'
                    r'|^\w*Error:|^Direct leak')
ANSI = re.compile(r'\x1b\[[0-9;]*[A-Za-z]')


def results(path):
    """Yields name, result, log of each test in a testlog.json."""
    for line in pathlib.Path(path).read_text(errors='replace').splitlines():
        record = json.loads(line)
        log = record.get('stdout', '') + record.get('stderr', '')
        yield record['name'], record['result'], log


def excerpt(log):
    """The lines that say why, and the last ones."""
    lines = [ANSI.sub('', line).rstrip()[:LINE_LENGTH] for line in log.splitlines()]
    lines = [line for line in lines if line.strip()]
    before, last = lines[:-TAIL_LINES], lines[-TAIL_LINES:]
    marked = [line for line in before if MARKED.search(line)][:MARKED_LINES]
    return marked + (['…'] if marked else []) + last


def main(arguments):
    no_skips = '--no-skips' in arguments
    passed, failed, skipped = 0, [], []
    for argument in arguments:
        if argument == '--no-skips':
            continue
        run, _, path = argument.partition('=')
        try:
            tests = list(results(path))
        except (OSError, ValueError, KeyError) as error:
            failed.append((run, 'NO RESULT', str(error)))
            continue
        for name, result, log in tests:
            if result in PASSED:
                passed += 1
            elif result == 'SKIP':
                skipped.append((f'{run}: {name}', result, log))
            else:
                failed.append((f'{run}: {name}', result, log))
    if no_skips:
        failed, skipped = failed + skipped, []

    for count, (name, result, log) in enumerate(failed):
        print(f'--- {name}: {result}')
        if count < SHOWN:
            print('\n'.join('    ' + line for line in excerpt(log)))
    for name, _, log in skipped:
        print(f'--- {name}: skipped: {(excerpt(log) or [""])[-1]}')
    print(f'{passed} passed, {len(failed)} failed, {len(skipped)} skipped')
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
