#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fails if a file breaks what can be checked of CONTRIBUTING.md, whatever its language."""

import pathlib
import re
import subprocess
import sys
import tempfile

SPDX = 'SPDX-License-Identifier: LGPL-2.1-or-later'
# Suffixes of files that open with SPDX and a sentence on what they are for.
SOURCES = {'.c', '.h', '.py', '.js', '.cjs', '.mjs', '.sh', '.css', '.html', '.supp',
           '.build'}
# Longest line that is let pass. The aim in C is 80 columns, but tables, headers and
# log messages go beyond it where breaking them reads worse.
LENGTHS = {'.h': None, '.css': None, '.html': None, '.md': None, '.json': None,
           '.svg': None, '.dict': None, '.wrap': None}
LENGTH = 120
# A line that is one long string or address cannot be broken.
UNBREAKABLE = re.compile(r'\s*(\S+|(/\* |\* |# |// )?\S*https?://\S+.*|[^"]*"[^"]*".{0,3})')
PURPOSE = re.compile(r'^(/\*+|\*|#|//|<!--|""")\s*\S.{9,}')
# Names of places that exist on one machine only, spelt so as not to name them here.
PLACES = re.compile(r'(?<![\w.}])/(?:work|tmp/wt|root|home/\w+)/|registry\.(?:npmjs)'
                    r'|deb\.(?:debian)\.org')
# Calls that do what no test or element of ours should, and what does it well.
CALLS = [
    (re.compile(r'\bgst_clock_new_periodic_id ?\('),
     'piles up on a slow machine, and a test clock keeps it: GstRcastTimer'),
    (re.compile(r'\bgst_test_clock_(?:crank|wait_for_\w+) ?\('),
     'may wait for ever: tests/check/support/crank.h'),
]
# gst_rcast_elapsed() is for what does the same.
ELAPSED = '#include "rcast-elapsed.h"'
UNORDERED = re.compile(r'\bnow - ')
SKIPPED = {'build', 'node_modules', '.git', '__pycache__', 'packagecache'}


def files_of(root):
    """Relative paths of the project's text files, by git or else by a walk."""
    try:
        out = subprocess.run(['git', '-C', root, 'ls-files', '-z', '--cached', '--others',
                              '--exclude-standard'], check=True, capture_output=True).stdout
        names = [n for n in out.decode().split('\0') if n]
    except (OSError, subprocess.CalledProcessError):
        names = [p.relative_to(root).as_posix() for p in root.rglob('*')
                 if not any(part in SKIPPED or part.startswith('build')
                            for part in p.relative_to(root).parts[:-1])]
    for name in sorted(names):
        # Input of the fuzz targets is what it is.
        if name.startswith('tests/fuzz/corpus/'):
            continue
        path = root / name
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            if b'\0' not in data:
                yield name, data.decode(errors='replace')


def is_source(name, text):
    return (pathlib.PurePath(name).suffix in SOURCES and not name.startswith('subprojects/')
            or text.startswith('#!'))


def check_file(name, text):
    if pathlib.PurePath(name).name in ('LICENSE', 'package-lock.json'):
        return
    suffix = pathlib.PurePath(name).suffix
    lines = text.split('\n')

    if is_source(name, text):
        head = [line.strip() for line in lines[:6]]
        at = next((i for i, line in enumerate(head) if SPDX in line), None)
        if at is None:
            yield f'{name}:1: no "{SPDX}"'
        elif any(line.strip() for line in lines[at + 1:]) and not any(
                PURPOSE.match(line) for line in head[at + 1:at + 3]):
            yield f'{name}:{at + 2}: no sentence on what the file is for'

    limit = LENGTHS.get(suffix, LENGTH)
    table = False
    for number, line in enumerate(lines, 1):
        where = f'{name}:{number}'
        if '\t' in line:
            yield f'{where}: tab'
        if line != line.rstrip():
            yield f'{where}: space at the end'
        # A table is easier to read in one line a row.
        table = 'INDENT-OFF' in line or (table and 'INDENT-ON' not in line)
        if limit and not table and len(line) > limit and not UNBREAKABLE.fullmatch(line):
            yield f'{where}: {len(line)} columns, more than {limit}'
        if PLACES.search(line):
            yield f'{where}: names a place on one machine'
        for call, why in CALLS if suffix in ('.c', '.h') else ():
            if call.search(line):
                yield f'{where}: {call.search(line)[0]} {why}'
        if ELAPSED in lines and UNORDERED.search(line):
            yield f'{where}: may be less than nothing: gst_rcast_elapsed()'
    if text and (not text.endswith('\n') or text.endswith('\n\n')):
        yield f'{name}:{len(lines)}: must end in one line feed'


def check(root):
    return [c for name, text in files_of(root) for c in check_file(name, text)]


HEAD = f'/* {SPDX} */\n/* What this file is for. */\n'
CASES = [
    ('a.c', HEAD + 'int x;\n', None),
    ('a.c', 'int x;\n', 'SPDX'),
    ('a.c', f'/* {SPDX} */\nint x;\n', 'what the file is for'),
    ('a.py', f'#!/usr/bin/env python3\n# {SPDX}\n"""What this file is for."""\n', None),
    ('run', '#!/bin/sh\nexit\n', 'SPDX'),
    ('meson.build', f'# {SPDX}\n', None),
    ('a.c', HEAD + '\tint x;\n', 'tab'),
    ('a.c', HEAD + 'int x; \n', 'space at the end'),
    ('a.c', HEAD + 'int ' + 'x, ' * 50 + 'y;\n', 'more than 120'),
    ('a.py', f'# {SPDX}\n# What it is for.\nx = [{"1, " * 40}]\n', 'more than 120'),
    ('a.c', HEAD + 'int x;', 'line feed'),
    ('a.c', HEAD + 'x = gst_clock_new_periodic_id (c, 0, 1);\n', 'piles up'),
    ('a.c', HEAD + 'gst_test_clock_crank (clock);\n', 'for ever'),
    ('a.c', HEAD + ELAPSED + '\npassed = now - then;\n', 'less than nothing'),
    ('a.c', HEAD + 'passed = now - then;\n', None),
    ('a.md', 'see /wor' + 'k/main\n', 'one machine'),
    ('a.md', 'a/wor' + 'k/of art\n', None),
    ('a.md', 'x' * 300 + '\n', None),
]


def self_test():
    failures = []
    for name, text, word in CASES:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / name).write_text(text)
            found = check(root)
        if word is None and found or word is not None and (
                len(found) != 1 or word not in found[0]):
            failures.append(f'{name} with {text!r}: wanted {word!r}, found {found}')
    return failures


def main():
    if sys.argv[1:] == ['--self-test']:
        complaints, what = self_test(), f'{len(CASES)} cases'
    else:
        root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else '.').resolve()
        complaints, what = check(root), 'style is as agreed'
    print('\n'.join(complaints) if complaints else what)
    return 1 if complaints else 0


if __name__ == '__main__':
    sys.exit(main())
