#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fails if files of gst/ and ext/ include or call each other in a circle, share a struct by a
private header, or grow too long (docs/architecture.md)."""

import pathlib
import re
import statistics
import sys
import tempfile

COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*', re.S)
STRING = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'')
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.M)
# A function as GStreamer writes it: its name in the first column, its type above.
FUNCTION = re.compile(r'^(\w+) ?\(([^;{}]*)\)\n\{\n(.*?)^\}', re.M | re.S)
STATIC = re.compile(r'\bstatic\b[^;{}]*$')
CALL = re.compile(r'\b(\w+) ?\(')
OPEN_STRUCT = re.compile(r'^(?:typedef )?struct _(\w+)\s*\{', re.M)
# The class of a type that others derive from has to be open, and so has its instance
# where it has fields for them.
DERIVABLE = re.compile(r'^G_DECLARE_DERIVABLE_TYPE \((\w+)', re.M)

MAX_FILE = 900          # lines of a .c file
MEDIAN_FUNCTION = 12    # lines between the braces
LONG_FUNCTION = 27      # nine of ten are shorter
MAX_COLUMNS = {'gst/librcast/rcast-policy-table.c': 110}


def code_of(path):
    text = COMMENT.sub(lambda m: '\n' * m[0].count('\n'), path.read_text())
    return text, STRING.sub('""', text)


def unit(path):
    """A .c file and its header are one room."""
    return re.sub(r'\.[ch]$', '', path)


def circles(edges):
    """Strongly connected components of more than one node (Tarjan)."""
    index, low, stack, on, found = {}, {}, [], set(), []

    def visit(node):
        work = [(node, iter(sorted(edges.get(node, ()))))]
        index[node] = low[node] = len(index)
        stack.append(node)
        on.add(node)
        while work:
            here, successors = work[-1]
            for there in successors:
                if there not in index:
                    index[there] = low[there] = len(index)
                    stack.append(there)
                    on.add(there)
                    work.append((there, iter(sorted(edges.get(there, ())))))
                    break
                if there in on:
                    low[here] = min(low[here], index[there])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[here])
                if low[here] == index[here]:
                    component = []
                    while True:
                        component.append(stack.pop())
                        on.discard(component[-1])
                        if component[-1] == here:
                            break
                    if len(component) > 1:
                        found.append(sorted(component))

    for node in sorted(edges):
        if node not in index:
            visit(node)
    return found


def read(root):
    """Paths, include edges, call edges with a witness, function lengths, complaints."""
    paths = sorted(p.relative_to(root).as_posix() for top in ('gst', 'ext')
                   for p in (root / top).rglob('*.[ch]'))
    complaints, includes, bodies, defined, lengths = [], {}, {}, {}, []
    by_name = {p.rsplit('/', 1)[1]: p for p in paths}
    for path in paths:
        raw = (root / path).read_text()
        text, code = code_of(root / path)
        here = unit(path)
        for name in INCLUDE.findall(text):
            target = by_name.get(name.rsplit('/', 1)[-1])
            if target and unit(target) != here:
                includes.setdefault(here, {}).setdefault(unit(target), name)
        if path.endswith('.h'):
            if path.endswith('-private.h'):
                complaints.append(f'{path}: a private header is two files that are one')
            open_types = {name for name in DERIVABLE.findall(code)}
            complaints += [f'{path}: struct _{name} is open: it belongs into the .c'
                           for name in OPEN_STRUCT.findall(code)
                           if name.removesuffix('Class') not in open_types]
            continue
        count = raw.count('\n')
        if count > MAX_FILE:
            complaints.append(f'{path}: {count} lines, more than {MAX_FILE}')
        limit = MAX_COLUMNS.get(path)
        if limit:
            complaints += [f'{path}:{n}: {len(line)} columns, more than {limit}'
                           for n, line in enumerate(raw.split('\n'), 1) if len(line) > limit]
        for match in FUNCTION.finditer(code):
            name, body = match[1], match[3]
            lengths.append(body.count('\n'))
            static = STATIC.search(code[max(0, match.start() - 200):match.start()])
            bodies.setdefault(here, []).append((name, body))
            if not static:
                defined.setdefault(name, here)
    calls = {}
    for here, functions in bodies.items():
        for name, body in functions:
            for called in CALL.findall(body):
                there = defined.get(called)
                if there and there != here:
                    calls.setdefault(here, {}).setdefault(there, f'{name}() calls {called}()')
    return includes, calls, lengths, complaints


def check(root):
    """Returns a list of complaints about the tree at root."""
    includes, calls, lengths, complaints = read(root)
    for what, edges in (('include', includes), ('call', calls)):
        for circle in circles(edges):
            complaints.append(f'these {what} each other in a circle: {", ".join(circle)}')
            complaints += [f'    {a} -> {b}: {edges[a][b]}' for a in circle
                           for b in sorted(edges.get(a, ())) if b in circle]
    if len(lengths) >= 100:
        lengths.sort()
        median, long = statistics.median(lengths), lengths[len(lengths) * 9 // 10]
        if median > MEDIAN_FUNCTION or long > LONG_FUNCTION:
            complaints.append(f'functions: median {median:g} lines (at most {MEDIAN_FUNCTION}),'
                              f' nine of ten under {long} (at most {LONG_FUNCTION})')
    return complaints


A = 'void\na_do (void)\n{\n  %s;\n}\n'
# Files, and a word of the only complaint; None where all is well.
CASES = [
    ({'gst/rcast/a.c': '#include "a.h"\n' + A % 'b_do ()', 'gst/rcast/a.h': '\n',
      'gst/rcast/b.c': 'static void\nb_do (void)\n{\n  a_do ();\n}\n'}, None),
    ({'gst/rcast/a.c': A % 'b_do ()',
      'ext/soup/b.c': 'void\nb_do (void)\n{\n  a_do ();\n}\n'}, 'call each other'),
    ({'gst/rcast/a.c': A % 'b_do ()',
      'ext/soup/b.c': 'void\nb_do (void)\n{\n  take (a_do);\n}\n'}, None),
    ({'gst/rcast/a.c': A % 'b_do ()',
      'ext/soup/b.c': 'void\nb_do (void)\n{\n  /* a_do () */ say ("a_do ()");\n}\n'}, None),
    ({'gst/rcast/a.h': '#include "b.h"\n', 'gst/rcast/b.h': '#include "a.h"\n'},
     'include each other'),
    ({'gst/rcast/a.c': '#include "b.h"\n', 'gst/rcast/b.h': '\n',
      'gst/rcast/b.c': '#include "a.h"\n', 'gst/rcast/a.h': '\n'}, 'include each other'),
    ({'ext/soup/whip-private.h': '\n'}, 'private header'),
    ({'gst/rcast/a.h': 'struct _A {\n  int i;\n};\n'}, 'struct _A'),
    ({'gst/rcast/a.h': 'G_DECLARE_DERIVABLE_TYPE (A, a, B, C, D)\nstruct _AClass {\n int i;\n};\n'},
     None),
    ({'gst/rcast/a.h': 'typedef struct {\n  int i;\n} A;\n'}, None),
    ({'gst/rcast/a.c': '\n' * (MAX_FILE + 1)}, 'lines, more'),
    ({'gst/librcast/rcast-policy-table.c': 'x' * 111 + '\n'}, 'columns'),
    ({'gst/rcast/a.c': ''.join(f'void\nf{i} (void)\n{{\n' + '  x ();\n' * 13 + '}\n'
                               for i in range(50)),
      'gst/rcast/b.c': ''.join(f'void\ng{i} (void)\n{{\n' + '  x ();\n' * 13 + '}\n'
                               for i in range(50))}, 'functions: median'),
]


def self_test():
    complaints = []
    for number, (files, expected) in enumerate(CASES):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for path, text in files.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text)
            found = [line for line in check(root) if not line.startswith('    ')]
        if (len(found) != 1 or expected not in found[0]) if expected else found:
            complaints.append(f'case {number}: {found}, not {expected}')
    return complaints


def main():
    if sys.argv[1:] == ['--self-test']:
        complaints, what = self_test(), f'{len(CASES)} cases'
    else:
        root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else '.')
        complaints, what = check(root), 'each file in its place'
    print('\n'.join(complaints) if complaints else what)
    return 1 if complaints else 0


if __name__ == '__main__':
    sys.exit(main())
