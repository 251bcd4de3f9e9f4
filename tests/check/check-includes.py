#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fails if a source file includes what its floor may not see (docs/architecture.md)."""

import pathlib
import re
import sys
import tempfile

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*', re.S)
STRING = re.compile(r'"(?:\\.|[^"\\\n])*"')

# Made by the build in gst/librcast and ext/nice; config.h is for all.
GENERATED = re.compile(r'(gstrcastice|rcast)-\w*enum\w*\.h')

# Headers of the C library that do no I/O and have no state.
PLAIN_C = r'(assert|ctype|errno|inttypes|limits|math|stdbool|stddef|stdint|stdio|stdlib|string)\.h'

GLIB = r'glib\.h|glib-object\.h|glib/.*|gobject/.*'

# Words that betray I/O, a clock, a lock or a log in pure code.
IMPURE = re.compile(
    r'\b(GST_(ERROR|WARNING|FIXME|INFO|DEBUG|LOG|TRACE|MEMDUMP)(_OBJECT)?'
    r'|GST_OBJECT_LOCK|g_(debug|info|message|warning|print|printerr)'
    r'|g_(rec_|rw_)?(mutex|lock|cond)_\w+|g_usleep|g_get_(monotonic|real)_time'
    r'|g_date_time_new_now\w*|gst_util_get_timestamp|gst_clock_get_time'
    r'|g_random_\w+|time|clock_gettime|gettimeofday|rand|random'
    r'|open|fopen|socket|g_file_\w+|soup_(session|message|server)_\w+)\s*\(')


class Floor:
    """Files of one floor: what they may include, by path and by system header."""

    def __init__(self, name, files, local, system, impure=None):
        self.name = name
        self.files = re.compile(files)
        self.local = re.compile(local)
        self.system = re.compile(system)
        self.impure = impure


# What librcast decides, remembers and words.
PURE = ('allowance|api|types|answer|arrivals|asking|error|backlog|backoff|bond|ceiling|chance|coarse|codec|departures'
        '|doubles|drift|elapsed|epoch|feedback|fingerprint|follow|formats|ghosts|history|layers|liveness|losses'
        '|mender|message|missing|numbers|offer|order|outbox|overload|pacer|padding|payload|policy|rate|raw|red|refit'
        '|repairs|report|reserve|rivals|rtp|inbound|reception|sdp|seconds|sets|shallow|share|shortest|spans|stall'
        '|steady|thin|traces|units')

# A file belongs to the first floor whose pattern it matches.
FLOORS = [
    Floor('pure',
          rf'gst/librcast/rcast-({PURE})(-\w+)*\.[ch]',
          rf'gst/librcast/rcast-({PURE}|\w*enum\w*)(-\w+)*\.h|gst/base/rcast-(nick|text)\.h',
          rf'{PLAIN_C}|{GLIB}|gst/gst\.h|gst/(rtp|sdp)/.*', IMPURE),
    Floor('base', r'gst/base/.*', r'gst/base/.*',
          r'(?!libsoup/|json-glib/|nice/|gst/).*'),
    Floor('librcast', r'gst/librcast/.*', r'gst/(base|librcast)/.*',
          r'(?!libsoup/|json-glib/|nice/|gst/webrtc/).*'),
    Floor('pure codec',
          r'ext/soup/(net/net-(candidates|ice-server|json|offer|print|url)|whip/whip-(headers|answer|sse|trickle)|janus/janus-(message|watched)|openvidu/openvidu-message|gstsig/gstsig-(message|pace|roster))\.[ch]',
          r'gst/librcast/rcast-(api|types|error|backoff|sdp|\w*enum\w*)\.h|gst/base/rcast-text\.h'
          r'|ext/soup/(net/net-(candidates|ice-server|json|offer|print|url)|whip/whip-(headers|answer|sse|trickle)|janus/janus-(message|watched)|openvidu/openvidu-message|gstsig/gstsig-(message|pace|roster))\.h',
          # libsoup's parsers come with the whole of it; its sessions are for others.
          rf'{PLAIN_C}|{GLIB}|gst/gst\.h|gst/sdp/.*|libsoup/soup\.h', IMPURE),
    Floor('net', r'ext/soup/net/.*', r'(gst/base|gst/librcast|ext/soup/net)/.*',
          r'(?!nice/|gst/webrtc/|json-glib/).*'),
    Floor('WHIP', r'ext/soup/whip/.*',
          r'(gst/base|gst/librcast|ext/soup/(net|whip))/.*|ext/soup/gstrcastnetsignaller\.h',
          r'(?!nice/|gst/webrtc/|json-glib/).*'),
    Floor('WebSocket sessions', r'ext/soup/ws/.*',
          r'(gst/base|gst/librcast|ext/soup/(net|ws))/.*|ext/soup/gstrcastnetsignaller\.h',
          r'(?!nice/|gst/webrtc/|json-glib/).*'),
    Floor('Janus', r'ext/soup/janus/.*',
          r'(gst/base|gst/librcast|ext/soup/(net|ws|janus))/.*|ext/soup/gstrcastnetsignaller\.h',
          r'(?!nice/|gst/webrtc/|json-glib/).*'),
    Floor('OpenVidu', r'ext/soup/openvidu/.*',
          r'(gst/base|gst/librcast|ext/soup/(net|ws|openvidu))/.*|ext/soup/gstrcastnetsignaller\.h',
          r'(?!nice/|gst/webrtc/|json-glib/).*'),
    Floor('gst signalling', r'ext/soup/gstsig/.*',
          r'(gst/base|gst/librcast|ext/soup/(net|ws|gstsig))/.*|ext/soup/gstrcastnetsignaller\.h',
          r'(?!nice/|gst/webrtc/|json-glib/).*'),
    Floor('net signaller', r'ext/soup/gstrcastnetsignaller\.[ch]',
          r'(gst/base|gst/librcast|ext/soup/net)/.*|ext/soup/gstrcastnetsignaller\.h',
          r'(?!nice/|gst/webrtc/|json-glib/).*'),
    Floor('signaller', r'ext/soup/.*', r'(gst/base|gst/librcast|ext/soup)/.*',
          r'(?!nice/|gst/webrtc/|json-glib/).*'),
    Floor('pure ICE',
          r'ext/nice/gstrcastice(outages|pathlife|restartwish|route|stun)\.[ch]|ext/nice/gstrcasticepathview\.h',
          r'ext/nice/gstrcastice(outages|pathlife|pathview|restartwish|route|stun|api|types)?\.h',
          rf'{PLAIN_C}|{GLIB}|gst/gst\.h', IMPURE),
    Floor('ICE agent', r'ext/nice/.*', r'(gst/base|gst/librcast|ext/nice)/.*',
          r'(?!libsoup/|json-glib/).*'),
    Floor('bin', r'gst/rcast/.*', r'(gst/base|gst/librcast|ext/nice|gst/rcast)/.*',
          r'(?!libsoup/|json-glib/|nice/).*'),
]


def floor_of(path):
    return next((f for f in FLOORS if f.files.fullmatch(path)), None)


def check(root):
    """Returns a list of complaints about the tree at root."""
    paths = sorted(p.relative_to(root).as_posix() for top in ('gst', 'ext')
                   for p in (root / top).rglob('*.[ch]'))
    by_name = {}
    for path in paths:
        by_name.setdefault(path.rsplit('/', 1)[1], []).append(path)

    complaints = []
    for path in paths:
        floor = floor_of(path)
        if floor is None:
            complaints.append(f'{path}: belongs to no floor')
            continue
        text = COMMENT.sub(lambda m: '\n' * m[0].count('\n'),
                           (root / path).read_text())
        for match in INCLUDE.finditer(text):
            kind, name = match.groups()
            where = f'{path}:{text.count(chr(10), 0, match.start(2)) + 1}'
            base = name.rsplit('/', 1)[-1]
            # An own header in angle brackets is an own header all the same.
            targets = by_name.get(base, [])
            if name == 'config.h':
                continue
            if GENERATED.fullmatch(name):
                targets = [f'gst/librcast/{name}']
            elif kind == '"' and not targets:
                complaints.append(f'{where}: "{name}" is not in gst/ or ext/')
            elif kind == '<' and not targets and not floor.system.fullmatch(name):
                complaints.append(f'{where}: <{name}> is not for the {floor.name} floor')
            complaints += [f'{where}: {target} is not for the {floor.name} floor'
                           for target in targets if not floor.local.fullmatch(target)]
        if floor.impure:
            code = STRING.sub('""', text)
            complaints += [
                f'{path}:{code.count(chr(10), 0, m.start()) + 1}: {m[0]}…) in the'
                f' {floor.name} floor' for m in floor.impure.finditer(code)]
    return complaints


# What check() must find: one file on top of the good tree, and the word that the
# only complaint names; None for a file that is fine.
GOOD = {
    'gst/librcast/rcast-types.h': '#include <glib-object.h>\n',
    'gst/base/rcast-loop.h': '#include <gio/gio.h>\n',
    'gst/rcast/gstrcastsink.h': '#include "rcast-loop.h"\n#include "gstrcastice.h"\n',
    'ext/nice/gstrcastice.h': '#include <nice/agent.h>\n#include <gst/webrtc/webrtc.h>\n',
    'ext/soup/gstrcastwhip.h': '#include <libsoup/soup.h>\n#include "rcast-loop.h"\n',
}
CASES = [
    ('gst/librcast/rcast-sdp.c', '#include "config.h"\n#include <string.h>\n', None),
    ('gst/librcast/rcast-policy.c', '#include <gio/gio.h>\n', 'gio/gio.h'),
    ('gst/librcast/rcast-policy.c', '#include <libsoup/soup.h>\n', 'libsoup'),
    ('gst/librcast/rcast-policy.c', '#include <gst/webrtc/webrtc.h>\n', 'webrtc'),
    ('gst/librcast/rcast-policy.c', '#include <sys/socket.h>\n', 'socket'),
    ('gst/librcast/rcast-policy.c', '#include "rcast-loop.h"\n', 'rcast-loop.h'),
    ('gst/librcast/rcast-backoff.c', 'now = g_get_monotonic_time ();\n', 'monotonic'),
    ('gst/librcast/rcast-backoff.c', 'g_mutex_lock (&lock);\n', 'g_mutex_lock'),
    ('gst/librcast/rcast-backoff.c', 'GST_DEBUG ("x");\n', 'GST_DEBUG'),
    ('gst/librcast/rcast-backoff.c', '/* g_usleep () */ x = "time (";\n', None),
    ('gst/librcast/rcast-loop.c', '#include "gstrcastsink.h"\n', 'gstrcastsink.h'),
    ('gst/librcast/rcast-loop.c', '#include <gst/webrtc/webrtc.h>\n', 'webrtc'),
    ('gst/librcast/rcast-loop.c', '# include "../rcast/gstrcastsink.h"\n', 'gstrcastsink.h'),
    ('ext/soup/gstrcastwhip.c', '#include <gst/webrtc/webrtc.h>\n', 'webrtc'),
    ('ext/soup/gstrcastwhip.c', '#include "gstrcastsink.h"\n', 'gstrcastsink.h'),
    ('ext/soup/gstrcastwhip.c', '#include <gstrcastice.h>\n', 'gstrcastice.h'),
    ('ext/soup/gstrcastwhip.c', '/*\n#include <nice/agent.h>\n*/\n', None),
    ('ext/soup/whip/whip-headers.c', '#include <libsoup/soup.h>\n', None),
    ('ext/soup/whip/whip-headers.c', 'soup_session_send (s);\n', 'soup_session'),
    ('ext/soup/whip/whip-headers.c', '#include <gio/gio.h>\n', 'gio'),
    ('ext/soup/net/net-http.c', '#include "gstrcastwhip.h"\n', 'gstrcastwhip.h'),
    ('ext/nice/gstrcastice.c', '#include "gstrcastsink.h"\n', 'gstrcastsink.h'),
    ('ext/nice/gstrcastice.c', '#include <libsoup/soup.h>\n', 'libsoup'),
    ('gst/rcast/gstrcastsink.c', '#include "gstrcastwhip.h"\n', 'gstrcastwhip.h'),
    ('gst/rcast/gstrcastsink.c', '#include <nice/agent.h>\n', 'nice/agent.h'),
    ('gst/rcast/gstrcastsink.c', '#include "nowhere.h"\n', 'nowhere.h'),
    ('gst/elsewhere/other.c', '', 'no floor'),
]


def self_test():
    failures = []
    for path, text, word in CASES:
        with tempfile.TemporaryDirectory() as name:
            root = pathlib.Path(name)
            for file, content in (GOOD | {path: text}).items():
                (root / file).parent.mkdir(parents=True, exist_ok=True)
                (root / file).write_text(content)
            found = check(root)
        if word is None and found or word is not None and (
                len(found) != 1 or path not in found[0] or word not in found[0]):
            failures.append(f'{path} with {text!r}: wanted {word!r}, found {found}')
    return failures


def main():
    if sys.argv[1:] == ['--self-test']:
        complaints, what = self_test(), f'{len(CASES)} cases'
    else:
        root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else '.')
        complaints, what = check(root), 'no forbidden include'
    print('\n'.join(complaints) if complaints else what)
    return 1 if complaints else 0


if __name__ == '__main__':
    sys.exit(main())
