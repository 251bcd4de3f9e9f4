#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What an application sees of an outage: both examples, gst-launch-1.0 -m, log and graph.

rig-view.py LOOPBACK C-EXAMPLE PYTHON-EXAMPLE. The server is killed without a goodbye and
comes back on its port; 77 if what it takes is not installed.
"""

import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading

PATIENCE_S = 90
STORY_LINES = 20
SECRET = 'very-secret-token'
PICTURE = 'rcastsink name=r  videotestsrc is-live=true ! video/x-raw,width=160,height=120 ! ' \
    'vp8enc deadline=1 cpu-used=8 ! r.  audiotestsrc is-live=true ! r.'
TROUBLE = re.compile(r'suspect|dead|live -> ')


class Program:
    """A process whose lines are waited for."""

    def __init__(self, name, argv, **environment):
        self.name, self.lines, self.changed = name, [], threading.Condition()
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True,
                                        stderr=subprocess.STDOUT,
                                        env=os.environ | environment)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.rstrip())
                self.changed.notify_all()

    def wait(self, pattern, after=0):
        """The number of the first line from AFTER on that has PATTERN."""
        def find():
            return next((i for i, line in enumerate(self.lines)
                         if i >= after and re.search(pattern, line)), None)
        with self.changed:
            if not self.changed.wait_for(lambda: find() is not None, PATIENCE_S):
                raise AssertionError(f'{self.name}: no {pattern} in\n' + '\n'.join(self.lines))
            return find()

    def end(self, how):
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


def start_server(loopback, port):
    server = Program('server', [loopback, '--quiet', '--seconds=240', f'--port={port}'])
    found = re.search(r'whip=(\S+)', server.lines[server.wait('whip=')])
    return server, found.group(1)


def check_view(view, what):
    """The lines of an example, from on air to off air and back."""
    text = '\n'.join(view.lines)
    print(f'--- {what}\n{text}')
    for pattern in (r'^ +\d+\.\d s  signalling', r's  broadcasting.*\[\S+ \(host udp ',
                    r'reconnecting_broadcast: [a-z-]+ \(.+\), attempt 1 by (rejoin|ice-restart)',
                    r'broadcasting, (after|off air for) \d+\.\d s'):
        assert re.search(pattern, text, re.M), f'{what}: no {pattern}'
    assert 'error' not in text, f'{what}: an error'


def check_launch(text):
    said = [line for line in text.splitlines() if ': reconnecting_broadcast, ' in line]
    print('--- gst-launch-1.0 -m\n' + said[0])
    for field in (r'reason=\(string\)[a-z]+', r'detail=\(string\)', r'strategy=\(string\)[a-z]+',
                  r'attempt=\(uint\)1', r'max-retries=\(int\)-1', r'outage=\(guint64\)\d'):
        assert re.search(field, said[0]), f'no {field}'
    assert 'ERROR' not in text, 'an error where a retry was due'


def check_story(log):
    """From the first sign of trouble until on air again, at the level that is for humans."""
    lines = [line for line in log.splitlines() if ' INFO ' in line or ' WARN ' in line]
    down = next(i for i, line in enumerate(lines) if 'live -> ' in line)
    first = next(i for i in range(max(0, down - 5), down + 1) if TROUBLE.search(lines[i]))
    last = next(i for i, line in enumerate(lines) if i > down and '-> live' in line)
    story = lines[first:last + 1]
    print(f'--- GST_DEBUG=rcast*:4, {len(story)} lines\n' + '\n'.join(story))
    assert len(story) < STORY_LINES, f'{len(story)} lines'
    assert SECRET not in log


def check_graphs(directory):
    graphs = list(pathlib.Path(directory).glob('*.dot'))
    print('--- graphs:', ', '.join(graph.name for graph in graphs))
    mine = [graph for graph in graphs if re.search(r'r-[a-z-]+\.dot$', graph.name)]
    assert mine, 'no graph of the failure'
    for graph in mine:
        text = graph.read_text()
        assert 'webrtcbin' in text and SECRET not in text


def main():
    loopback, c_example, python_example = sys.argv[1:4]
    probe = subprocess.run(['/usr/bin/python3', '-c', 'import gi; gi.require_version("Gst", "1.0");'
                            'from gi.repository import Gst'], check=False, capture_output=True)
    with tempfile.TemporaryDirectory() as folder:
        server, whip = start_server(loopback, 0)
        location = 'whip+' + whip
        programs = [Program('c', [c_example, location + 'one', PICTURE])]
        if probe.returncode == 0:
            programs.append(Program('python', ['/usr/bin/python3', python_example,
                                               location + 'two', PICTURE]))
        launch = Program('launch', [
            'gst-launch-1.0', '-m'] + PICTURE.replace(
                'name=r', f'name=r location={location}three auth-token={SECRET}'
                ' reconnect-min-delay=4000').split(),
            GST_DEBUG='rcast*:4', GST_DEBUG_NO_COLOR='1', GST_DEBUG_FILE=f'{folder}/log',
            GST_DEBUG_DUMP_DOT_DIR=folder)
        programs.append(launch)
        try:
            at = [p.wait(r's  broadcasting|: broadcasting, ') for p in programs]
            # Back before it is missed, or soon after: few attempts are in vain.
            server.end(signal.SIGKILL)
            server, _ = start_server(loopback, whip.split(':')[2].split('/')[0])
            at = [p.wait('reconnecting_broadcast', i) for p, i in zip(programs, at)]
            for program, i in zip(programs, at):
                program.wait(r's  broadcasting|: broadcasting, ', i)
            # The log is written when it is closed.
            codes = [program.end(signal.SIGINT) for program in programs]
        finally:
            for program in programs + [server]:
                if program.process.poll() is None:
                    program.process.kill()
        check_view(programs[0], 'rig-view.c')
        if probe.returncode == 0:
            check_view(programs[1], 'rig-view.py')
        check_launch('\n'.join(launch.lines))
        check_story(pathlib.Path(f'{folder}/log').read_text())
        check_graphs(folder)
        assert codes[0] == 0 and codes[-1] == 0, codes
    if probe.returncode != 0:
        print('no gi for python3: its example is not run')


if __name__ == '__main__':
    main()
