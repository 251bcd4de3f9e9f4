#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fails if a library exports what no installed header declares, or the other way round.

usage: check-exports.py NM LIBRARY HEADER…    a library, and its installed headers
       check-exports.py NM PLUGIN             a plugin: gst_plugin_* and nothing else
"""

import pathlib
import re
import subprocess
import sys

COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*', re.S)
DECLARED = re.compile(r'^GST_RCAST(?:_ICE)?_API\s+(?:G_DECLARE_\w+ \(\w+,\s*(\w+)|[^;(]*?\b(\w+)\s*\()',
                      re.M)
PLUGIN = re.compile(r'gst_plugin_\w+_(get_desc|register)')


def main():
    nm, library, *headers = sys.argv[1:]
    out = subprocess.run([nm, '-D', '--defined-only', library], check=True,
                         capture_output=True, text=True).stdout
    exported = {line.split()[-1].split('@')[0] for line in out.splitlines() if line.strip()}
    if not headers:
        extra = sorted(name for name in exported if not PLUGIN.fullmatch(name))
        missing = [] if exported - set(extra) else ['gst_plugin_*']
    else:
        declared = set()
        for header in headers:
            text = COMMENT.sub('', pathlib.Path(header).read_text())
            for declared_type, function in DECLARED.findall(text):
                declared.add(f'{declared_type}_get_type' if declared_type else function)
        extra, missing = sorted(exported - declared), sorted(declared - exported)
    for name in extra:
        print(f'{library}: exports {name}, which no installed header declares')
    for name in missing:
        print(f'{library}: does not export {name}')
    if not extra and not missing:
        print(f'{len(exported)} symbols, as declared')
    return 1 if extra or missing else 0


if __name__ == '__main__':
    sys.exit(main())
