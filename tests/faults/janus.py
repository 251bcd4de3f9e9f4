#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""rcastsink to Debian's Janus in network namespaces, watched by Chromium with janus.js.

janus.py --build DIR [--jobs N] [--seed N] [--faults N] [--strict] [CASE…]: without a case, the
rows of them, some beside each other, each row in namespaces and with a Janus of its own;
`all` for every case, one after the other. One line for each with what was seen. Exits with
77 where root, Janus, Chromium or the npm packages are missing.
"""

import argparse
import base64
import concurrent.futures
import hashlib
import hmac
import itertools
import json
import os
import pathlib
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import lab

HERE = pathlib.Path(__file__).resolve().parent

SKIP = 77
ROOM = 1234
FULL_ROOM = 5678
CLOSED_ROOM = 4321
SIGNED_ROOM = 8765
PORT = 8188
TLS_PORT = 8989
ADMIN_PORT = 7088
PIN = 'p1n-s3cret'
SIGNING_KEY = 's1gning-s3cret'
SECRET = 'r00m-s3cret'
HOST = lab.SERVERS[0]
URL = f'ws://{HOST}:{PORT}/'
TLS_URL = f'wss://{HOST}:{TLS_PORT}/'
MOVIE = os.environ.get('RCAST_MOVIE', '')
# What Janus says when it does
LISTENS = 'WebSockets thread started'
# Bounds against hanging, not measurements.
PATIENCE_S = 90
# A fault, s: short ones are as good as long ones, and there are more of them.
SHORTEST_S, LONGEST_S = 0.1, 6
# Each with as many faults of its own
RANDOM_ROWS = 4
# Of others than the plugin under test nothing is wanted.
PLUGINS = ('audiobridge', 'duktape', 'echotest', 'lua', 'nosip', 'recordplay', 'sip', 'streaming',
           'textroom', 'videocall', 'voicemail')
TRANSPORTS = ('pfunix', 'mqtt', 'nanomsg', 'rabbitmq')
# Less than a session lasts that nobody has ended.
GOODBYE_S = 15
# Janus' admin API, asked from the server's own namespace: its answer, as it came.
ASK = ('import sys, urllib.request as r; print(r.urlopen(sys.argv[1], sys.argv[2].encode(), 10)'
       '.read().decode())')


class Failed(Exception):
    pass


def need(condition, text):
    if not condition:
        raise Failed(text)


def sign(*what, key=SIGNING_KEY):
    """A token as Janus' token_auth_secret lets others make them."""
    text = ','.join([str(int(time.time()) + 3600), *what])
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha1).digest()
    return f'{text}:{base64.b64encode(digest).decode()}'


def make_certificates(folder):
    """ca.pem, and what it vouches for: cert.pem and key.pem of the server's address."""
    new = 'openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
    for command in (
            f'{new} -x509 -days 2 -subj /CN=test-authority -keyout ca.key -out ca.pem',
            f'{new} -subj /CN=test -addext subjectAltName=IP:{HOST} -keyout key.pem -out csr.pem',
            'openssl x509 -req -days 2 -in csr.pem -CA ca.pem -CAkey ca.key -CAcreateserial '
            '-copy_extensions copy -out cert.pem'):
        subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)


class Janus:
    """The server, with a configuration of the test's own."""

    def __init__(self, place, folder, reclaim=30, token_auth=False, videoroom=True, tls=None, number=0):
        """NUMBER: of several beside each other."""
        host, port, self.admin_port = lab.SERVERS[number], PORT + number, ADMIN_PORT + number
        self.url = f'ws://{host}:{port}/'
        secure = 'wss = false' if not tls else f'wss = true; wss_port = {TLS_PORT}'
        certificates = '' if not tls else (f'certificates: {{ cert_pem = "{tls}/cert.pem"; '
                                           f'cert_key = "{tls}/key.pem" }}\n')
        self.place = place
        self.folder = tempfile.mkdtemp(dir=folder)
        off = [f'libjanus_{name}.so' for name in PLUGINS + (() if videoroom else ('videoroom',))]
        files = {
            'janus.jcfg': f'general: {{ session_timeout = 60; reclaim_session_timeout = {reclaim}; '
                          f'server_name = "test"; admin_secret = "{SECRET}"; '
                          f'token_auth = {str(token_auth).lower()}; '
                          f'token_auth_secret = "{SIGNING_KEY}" }}\n'
                          'media: { rtp_port_range = "20000-20999"; slowlink_threshold = 4; '
                          'no_media_timer = 1 }\n'
                          f'nat: {{ ice_enforce_list = "{host}" }}\n'
                          f'plugins: {{ disable = "{",".join(off)}" }}\n'
                          'transports: { disable = "'
                          + ','.join(f'libjanus_{name}.so' for name in TRANSPORTS) + '" }\n',
            'janus.transport.websockets.jcfg':
                f'general: {{ json = "compact"; ws = true; ws_port = {port}; {secure}; '
                f'pingpong_trigger = 2; pingpong_timeout = 4 }}\n{certificates}',
            'janus.transport.http.jcfg':
                'general: { http = false; https = false }\n'
                f'admin: {{ admin_http = true; admin_port = {self.admin_port}; admin_ip = "127.0.0.1" }}\n',
            'janus.plugin.videoroom.jcfg':
                f'room-{ROOM}: {{ description = "test"; publishers = 20; secret = "{SECRET}"; '
                'audiocodec = "opus"; videocodec = "h264,vp8" }\n'
                f'room-{FULL_ROOM}: {{ description = "full"; publishers = 1; '
                'audiocodec = "opus"; videocodec = "h264" }\n'
                f'room-{CLOSED_ROOM}: {{ description = "closed"; publishers = 5; pin = "{PIN}" }}\n'
                f'room-{SIGNED_ROOM}: {{ description = "signed"; publishers = 5; '
                'signed_tokens = true; audiocodec = "opus"; videocodec = "h264" }\n',
        }
        for name, text in files.items():
            (pathlib.Path(self.folder) / name).write_text(text)
        self.process = None

    def spawn(self):
        """Without waiting for it."""
        self.process = self.place.spawn('server', ['janus', '-F', self.folder])

    def start(self):
        """Returns when it listens."""
        self.spawn()
        need(self.process.wait(lambda e: LISTENS in e.get('text', ''), PATIENCE_S),
             'Janus does not start')
        return self

    def kill(self):
        self.process.kill()

    def ask(self, path='', **request):
        """By the admin API."""
        text = json.dumps({'transaction': 'test', 'admin_secret': SECRET, **request})
        return json.loads(self.place.run('server', shlex.join(
            [sys.executable, '-c', ASK, f'http://127.0.0.1:{self.admin_port}/admin{path}', text])))

    def sessions(self):
        """The handles of each."""
        return {session: self.ask(f'/{session}', janus='list_handles').get('handles', [])
                for session in self.ask(janus='list_sessions')['sessions']}

    def wait_sessions(self, number):
        """Until there are as many, with one handle in each but the viewer's; not as long as
        the server itself would need to end one that was left to it."""
        end = lab.now() + GOODBYE_S
        left = self.sessions()
        while (len(left) != number or sum(len(handles) != 1 for handles in left.values()) > 1) \
                and lab.now() < end:
            time.sleep(0.2)
            left = self.sessions()
        need(len(left) == number, f'{len(left)} sessions at the server, not {number}: {left}')
        need(sum(len(handles) != 1 for handles in left.values()) <= 1, f'handles are left: {left}')
        return left


class Broadcast:
    """The caster with what it says."""

    def __init__(self, place, folder, query=f'room={ROOM}', *settings, url=URL, message=None):
        argv = [CAST, '--contestant=rcastsink', f'--url=janus+{url}?{query}']
        argv += [f'--message={message}'] if message else []
        argv += [f'--set={setting}' for setting in settings]
        log = os.path.join(folder, 'cast.log')
        self.process = place.spawn('caster', argv, log)

    def wait(self, name, since=0.0, patience=PATIENCE_S, **fields):
        event = self.process.wait(
            lambda e: e.get('name') == name and all(e.get(k) == v for k, v in fields.items()),
            patience, since)
        need(event, f'no {name} {fields or ""} from the caster: {self.tail()}')
        return event

    def wait_error(self, since=0.0):
        """It ends with one, and says goodbye before that."""
        error = self.process.wait(lambda e: e['event'] == 'error', PATIENCE_S, since)
        if error:
            need(self.process.wait(lambda e: e['event'] == 'stopped', PATIENCE_S),
                 'the caster does not end')
        return error

    def wait_on_air(self):
        """Whatever it was about: its last word is that it is."""
        end = lab.now() + PATIENCE_S
        last = self.messages(0.0)[-1]
        while last['name'] != 'broadcasting':
            need(lab.now() < end, f'not on air again: {self.tail()}')
            self.wait('broadcasting', last['at'])
            last = self.messages(0.0)[-1]

    def messages(self, since, until=None):
        """Of its status."""
        return [e for e in self.process.snapshot() if e['event'] == 'message' and e['at'] >= since
                and e['name'] != 'janus-event' and (until is None or e['at'] < until)]

    def tail(self):
        return [{k: e.get(k) for k in ('at', 'event', 'name', 'reason', 'strategy', 'detail', 'text')
                 if e.get(k)} for e in self.process.snapshot() if e['event'] != 'recorded'][-12:]

    def stop(self):
        self.process.stop()


class Viewer:
    """Chromium, its feeds and its frames."""

    def __init__(self, place, folder):
        self.process = place.spawn('viewer', ['node', str(HERE.parent / 'interop/janus-view.cjs'),
                                              URL, str(ROOM), SECRET], os.path.join(folder, 'view.log'))

    def ready(self, since=0.0):
        event = self.process.wait(lambda e: e['event'] in ('ready', 'skip'), PATIENCE_S, since)
        need(event, 'the viewer does not come into the room')
        if event['event'] == 'skip':
            raise lab.CannotBe('Chromium and the npm packages (./run installs them)')

    def now(self):
        """The latest numbers."""
        return next((e for e in reversed(self.process.snapshot()) if e['event'] == 'stats'), None)

    def wait_frames(self, more, since=None):
        """Waits for as many more frames; returns the moment of the first of them."""
        begin = since if since is not None else lab.now()
        base = max((int(e['frames']) for e in self.process.snapshot()
                    if e['event'] == 'stats' and e['at'] <= begin), default=0)
        first = self.process.wait(
            lambda e: e['event'] == 'stats' and int(e['frames']) > base, PATIENCE_S, begin)
        need(first, f'no frame at the viewer, {self.now()}')
        need(self.process.wait(lambda e: e['event'] == 'stats' and int(e['frames']) >= base + more,
                               PATIENCE_S, begin), f'frames stop at the viewer, {self.now()}')
        return first['at']

    def wait_sound(self):
        base = float(self.now()['sound'])
        need(self.process.wait(lambda e: e['event'] == 'stats' and float(e['sound']) > base,
                               PATIENCE_S, lab.now()), 'no sound at the viewer')

    def longest_gap(self, begin, end):
        """Between two moments in which the number of frames had grown."""
        gap, last, frames = 0.0, begin, None
        for event in self.process.snapshot():
            if event['event'] != 'stats' or not begin <= event['at'] <= end:
                continue
            if frames is not None and int(event['frames']) > frames:
                gap = max(gap, event['at'] - last)
                last = event['at']
            frames = int(event['frames']) if frames is None else max(frames, int(event['frames']))
        return max(gap, end - last)

    def feeds(self, since=0.0):
        return [e['id'] for e in self.process.snapshot()
                if e['event'] == 'feed' and e['at'] >= since]


class Scene:
    """A server, a viewer, and a caster on air that it sees.

    secure: by janus+wss, with an authority of its own; talking: with a message each second.
    """

    def __init__(self, place, folder, reclaim=30, secure=False, talking=False, casting=True):
        place.repair()
        self.place = place
        self.folder = folder
        if secure:
            make_certificates(folder)
        self.janus = Janus(place, folder, reclaim, tls=folder if secure else None).start()
        self.viewer = Viewer(place, folder)
        self.viewer.ready()
        self.cast = None
        self.over = False
        if casting:
            self.put_on_air(secure, talking)

    def put_on_air(self, secure, talking):
        settings = [f'signaller::tls-ca-file={self.folder}/ca.pem'] if secure else []
        settings += ['data-channel=true'] if talking else []
        self.cast = Broadcast(self.place, self.folder, f'room={ROOM}&display=studio', *settings,
                              url=TLS_URL if secure else URL, message='number' if talking else None)
        self.cast.wait('broadcasting')
        self.viewer.wait_frames(30)
        self.viewer.wait_sound()

    def settle(self):
        """For the next one to play in."""
        if self.cast:
            self.place.repair()
            self.viewer.wait_frames(30)

    def end(self):
        """Nothing is left at the server but the viewer's session."""
        self.place.repair()
        if self.cast:
            self.cast.stop()
        self.janus.wait_sessions(1)


def on_air(**how):
    """A case that is given a Scene: made so, and shared by those that want the same in a row."""
    def mark(case):
        case.how = how
        return case
    return mark


class Stage:
    """The lab, and the scene in it if there is one."""

    def __init__(self):
        self.lab = None
        self.scene = None
        self.how = None
        self.folder = None

    def make_room(self, case):
        """Ends the scene in which it cannot play."""
        how = getattr(case, 'how', None)
        if self.scene and (how is None or how != self.how or self.scene.over):
            self.end()

    def play(self, case):
        """Returns what the case has seen."""
        how = getattr(case, 'how', None)
        if how is None or how != self.how:
            self.clear()
            self.folder = tempfile.mkdtemp(prefix='rcast-janus-')
            self.lab = lab.Lab()
            place = self.lab.__enter__()
            if how is None:
                return case(place, self.folder)
            self.scene = Scene(place, self.folder, **how)
            self.how = how
        else:
            self.scene.settle()
        return case(self.scene)

    def end(self):
        """As one who has broadcast for long enough."""
        if self.scene:
            self.scene.end()
        self.clear()

    def fail(self, name, reason):
        print(f'{name}: FAILED: {reason}', flush=True)
        for log in pathlib.Path(self.folder).glob('*.log'):
            print(f'--- {log.name}\n' + log.read_text(errors='replace')[-3000:])
        self.clear()

    def clear(self):
        """Nothing is left of what was."""
        if self.lab:
            self.lab.__exit__()
            shutil.rmtree(self.folder, ignore_errors=True)
        self.lab = self.scene = self.how = self.folder = None


def pause(scene, seconds):
    """The length of a fault: what the viewer counts meanwhile is what matters."""
    end = lab.now() + seconds
    scene.cast.process.wait(lambda e: False, end - lab.now(), end)


def block_signalling(scene):
    """What is under way is reset, what is new is refused."""
    scene.place.filter([f'-p tcp --dport {PORT} -i {end} -j REJECT --reject-with tcp-reset'
                        for end in ('r0', 'r1')])


def media_strategies(messages):
    return sorted({m['strategy'] for m in messages
                   if m.get('strategy') in ('path-switch', 'ice-restart', 'renegotiate', 'rejoin',
                                            'failover')})


# --- cases: each returns what was seen -----------------------------------------


def publish(scene, line, seconds, movie=True):
    """A line of gst-launch-1.0, for so long."""
    viewer, begin = scene.viewer, lab.now()
    cast = scene.place.spawn('caster', ['gst-launch-1.0', '-q', '-e', *shlex.split(line)],
                             os.path.join(scene.folder, 'launch.log'))
    viewer.wait_frames(5)
    if movie:
        viewer.wait_sound()
    before = viewer.now()
    viewer.process.wait(lambda e: False, seconds, before['at'] + seconds)
    # How many come in that time is the machine's; they do to the end.
    viewer.wait_frames(5)
    if movie:
        viewer.wait_sound()
    after = viewer.now()
    frames = int(after['frames']) - int(before['frames'])
    lost = int(after['lost']) - int(before['lost'])
    need(lost == 0, f'{lost} packets lost at the viewer')
    need(len(viewer.feeds(begin)) == 1, f'more than one feed: {viewer.feeds(begin)}')
    gap = viewer.longest_gap(before['at'], after['at'])
    if movie:
        # A file goes on to its end, however gently it is asked.
        cast.stop()
    else:
        # As one who presses Ctrl-C.
        cast.send(signal.SIGINT)
        need(cast.popen.wait(PATIENCE_S) == 0, f'gst-launch-1.0 ends with {cast.popen.returncode}')
    need(viewer.process.wait(lambda e: e['event'] == 'gone', PATIENCE_S, begin), 'the feed stays')
    return (f'{frames} frames in {after["at"] - before["at"]:.1f} s, longest gap '
            f'{gap * 1000:.0f} ms, lost {lost}')


def publish_movie(scene, seconds, encoder):
    """From a movie; what is not H.264 is encoded anew."""
    if not os.path.exists(MOVIE):
        raise lab.CannotBe('the movie (./run fetches it)')
    video = 'd.video_0 ! queue ! h264parse ! r.'
    if encoder:
        video = f'd.video_0 ! queue ! decodebin ! videoconvert ! videoscale ! {encoder} ! r.'
    return publish(scene, f'filesrc location={MOVIE} ! qtdemux name=d rcastsink name=r '
                   f'location=janus+{URL}?room={ROOM} {video} d.audio_0 ! queue ! decodebin ! '
                   'audioconvert ! audioresample ! opusenc ! r.', seconds)


@on_air(casting=False, reclaim=0)
def launch_line(scene, seconds=3):
    """The line in the documentation of rcastjanus."""
    text = (HERE.parents[1] / 'ext/soup/gstrcastjanus.c').read_text()
    [line] = re.findall(r'\|\[\n \* gst-launch-1\.0 (.*)\n \* \]\|', text)
    need(f'127.0.0.1:{PORT}/?room={ROOM}' in line, f'another server or room: {line}')
    return publish(scene, line.replace('127.0.0.1', HOST), seconds, movie=False)


@on_air(casting=False, reclaim=0)
def publish_h264(scene, seconds=60):
    return publish_movie(scene, seconds, None)


@on_air(casting=False, reclaim=0)
def publish_vp8(scene, seconds=60):
    return publish_movie(scene, seconds, 'video/x-raw,width=320,height=180 ! '
                         'vp8enc deadline=1 cpu-used=8 keyframe-max-dist=60')


@on_air()
def websocket_cut(scene):
    before = scene.viewer.now()
    begin = lab.now()
    block_signalling(scene)
    pause(scene, 5)
    healed = lab.now()
    scene.place.heal()
    claimed = wait_claimed(scene, healed)
    scene.viewer.wait_frames(60)
    after = scene.viewer.now()
    lost = int(after['lost']) - int(before['lost'])
    need(not scene.viewer.feeds(begin), 'the viewer had to subscribe again')
    touched = media_strategies(scene.cast.messages(begin))
    need('rejoin' not in touched, f'a new session: {scene.cast.tail()}')
    # A browser among others on a busy machine loses a few.
    need(lost <= (0 if STRICT else 10), f'{lost} packets lost at the viewer')
    need(len(scene.janus.wait_sessions(2)) == 2, 'another session')
    if STRICT:
        need(not touched, f'the media was touched: {scene.cast.tail()}')
    gap = scene.viewer.longest_gap(begin, after['at'])
    return f'claimed {claimed - healed:.2f} s after the cut, lost {lost}, longest gap {gap * 1000:.0f} ms'


def wait_claimed(scene, since):
    event = scene.cast.process.wait(lambda e: e['event'] == 'claimed', PATIENCE_S, since)
    need(event, f'the session was not claimed: {scene.cast.tail()}')
    return event['at']


@on_air(reclaim=5)
def websocket_cut_long(scene):
    """Longer than the server waits: the session is lost, and the media with it."""
    begin = lab.now()
    block_signalling(scene)
    need(scene.viewer.process.wait(lambda e: e['event'] == 'gone', PATIENCE_S, begin),
         'the server does not end the session')
    pause(scene, 2)
    healed = lab.now()
    scene.place.heal()
    feed = scene.viewer.process.wait(lambda e: e['event'] == 'feed', PATIENCE_S, begin)
    need(feed, f'no new feed at the viewer: {scene.cast.tail()}')
    scene.cast.wait('broadcasting', begin)
    back = scene.viewer.wait_frames(30, max(feed['at'], begin))
    return f'a new feed, frames {back - healed:.2f} s after the cut'


@on_air()
def media_cut(scene):
    """The WebSocket lives; what brings the media back is an ICE restart by configure."""
    begin = lab.now()
    scene.place.cut(protocol='udp')
    scene.cast.wait('reconnecting_broadcast', begin)
    noticed = lab.now()
    pause(scene, 2)
    healed = lab.now()
    scene.place.heal()
    scene.cast.wait('broadcasting', begin)
    back = scene.viewer.wait_frames(30, healed)
    strategies = media_strategies(scene.cast.messages(begin))
    again = scene.viewer.feeds(begin)
    need('ice-restart' in strategies, f'no ICE restart: {strategies}')
    need(not again, f'the viewer had to subscribe again: {strategies}, {scene.cast.tail()}')
    return (f'noticed after {noticed - begin:.2f} s, frames {back - healed:.2f} s after the cut, '
            f'by {",".join(strategies)}, same feed')


@on_air()
def uplink_switch(scene):
    """Both planes move."""
    begin = lab.now()
    scene.place.link(0, False)
    back = scene.viewer.wait_frames(30, begin)
    # The signalling plane follows in its own time: by the other uplink.
    wait_claimed(scene, begin)
    scene.viewer.wait_frames(60)
    gap = scene.viewer.longest_gap(begin, lab.now())
    need(not scene.viewer.feeds(begin), f'the viewer had to subscribe again: {scene.cast.tail()}')
    return f'longest gap {gap * 1000:.0f} ms, first frame {1000 * (back - begin):.0f} ms, same feed'


@on_air(casting=False)
def uplink_hangs(scene):
    """Of the signalling: it is reset once, and goes nowhere then. What is given up before its
    time is over has been tried as well."""
    scene.cast = Broadcast(scene.place, scene.folder, f'room={ROOM}', 'resume-timeout=1500')
    scene.cast.wait('broadcasting')
    scene.viewer.wait_frames(30)
    begin = lab.now()
    rule = f'-p tcp --dport {PORT} -i r0'
    scene.place.filter([f'{rule} ! --syn -j REJECT --reject-with tcp-reset', f'{rule} --syn -j DROP'])
    claimed = wait_claimed(scene, begin)
    need(not scene.viewer.feeds(begin), f'the viewer had to subscribe again: {scene.cast.tail()}')
    return f'claimed by the other uplink {claimed - begin:.2f} s after it began'


@on_air()
def server_killed(scene):
    begin = lab.now()
    scene.janus.kill()
    scene.cast.wait('reconnecting_broadcast', begin)
    noticed = lab.now()
    pause(scene, 2)
    scene.janus.start()
    listening = lab.now()
    back = scene.viewer.wait_frames(30, listening)
    scene.cast.wait('broadcasting', noticed)
    return (f'noticed after {noticed - begin:.2f} s, '
            f'frames {back - listening:.2f} s after it listens again')


def kick(scene):
    """Another member does it, with the room's secret."""
    begin = lab.now()
    scene.viewer.process.send(signal.SIGUSR1)
    need(scene.viewer.process.wait(lambda e: e['event'] == 'gone', PATIENCE_S, begin),
         'nobody is kicked')


def wait_kicked(scene, begin):
    error = scene.cast.wait_error(begin)
    need(error and 'kicked' in error['text'], f'no error tells it: {scene.cast.tail()}')
    # Nobody is on air any more.
    scene.over = True
    return error['text']


@on_air()
def kicked(scene):
    begin = lab.now()
    kick(scene)
    return wait_kicked(scene, begin)


@on_air()
def kicked_unheard(scene):
    """Who has no WebSocket then is told so when it claims its session."""
    begin = lab.now()
    block_signalling(scene)
    # Others tell of the media, which a busy machine delays.
    need(scene.cast.process.wait(lambda e: e['event'] == 'warning' and e['text'].startswith('ws:'),
                                 PATIENCE_S, begin),
         f'the loss is not noticed: {scene.cast.tail()}')
    kick(scene)
    kicked_at = lab.now()
    error = scene.cast.process.wait(lambda e: e['event'] == 'error', 0, begin)
    need(not error, f'it was heard: {error}, {scene.cast.tail()}')
    scene.place.heal()
    return f'{wait_kicked(scene, begin)}, {lab.now() - kicked_at:.1f} s later'


def refused(place, folder):
    """One clear error each, which names it."""
    seen = []
    forged = sign('janus', 'janus.plugin.videoroom', key='another')
    cases = [
        ('wrong pin', f'room={CLOSED_ROOM}&pin=nonsense', (), {}, 'pin'),
        ('room missing', 'room=99', (), {}, 'No such room'),
        ('publishers full', f'room={FULL_ROOM}', (), {}, 'ublishers'),
        ('bad token', f'room={ROOM}', (f'auth-token={forged}',), {'token_auth': True}, '403'),
        ('no VideoRoom', f'room={ROOM}', (), {'videoroom': False}, 'no VideoRoom'),
    ]
    for name, query, settings, server, word in cases:
        janus = Janus(place, folder, **server).start()
        present = []
        if name == 'publishers full':
            # It takes one, and has it.
            present = [Broadcast(place, folder, query)]
            present[0].wait('broadcasting')
        cast = Broadcast(place, folder, query, 'reconnect-max-retries=0', *settings)
        error = cast.wait_error()
        need(error and word in error['text'], f'{name}: {error}, {cast.tail()}')
        said = str(cast.process.snapshot())
        need('nonsense' not in said and forged not in said, f'{name}: a secret is told')
        cast.stop()
        errors = [e for e in cast.process.snapshot() if e['event'] == 'error']
        need(len(errors) == 1, f'{name}: {len(errors)} errors')
        janus.wait_sessions(len(present))
        for other in present:
            other.stop()
        janus.wait_sessions(0)
        janus.kill()
        seen.append(name)
    return ', '.join(seen)


def tokens(place, folder):
    """That of the server goes with each request, that of a room with the join."""
    janus = Janus(place, folder, token_auth=True).start()
    server = f'auth-token={sign("janus", "janus.plugin.videoroom")}'
    room = sign('janus.plugin.videoroom', f'room={SIGNED_ROOM}')
    other = sign('janus.plugin.videoroom', f'room={ROOM}')
    for name, settings in (('none', [server]),
                           ("the server's", [server, f'signaller::room-token={server}']),
                           ("another room's", [server, f'signaller::room-token={other}'])):
        cast = Broadcast(place, folder, f'room={SIGNED_ROOM}', *settings)
        error = cast.process.wait(lambda e: e['event'] == 'error', PATIENCE_S)
        need(error and '433' in error['text'], f'{name}: {error}, {cast.tail()}')
        cast.stop()
    cast = Broadcast(place, folder, f'room={SIGNED_ROOM}', server, f'signaller::room-token={room}')
    cast.wait('broadcasting')
    said = str(cast.process.snapshot())
    need(room not in said and server not in said, 'a token is told')
    cast.stop()
    janus.kill()
    return 'refused without, with the server\'s and with another room\'s; on air with its own'


@on_air(secure=True, talking=True)
def tls(scene):
    """With an authority of one's own: trusted if told to, as in this scene, and not else."""
    stranger = Broadcast(scene.place, scene.folder, f'room={ROOM}', url=TLS_URL)
    error = stranger.process.wait(lambda e: e['event'] == 'error', PATIENCE_S)
    need(error and 'certificate' in error['text'], f'{error}, {stranger.tail()}')
    stranger.stop()
    return error['text']


@on_air(secure=True, talking=True)
def messages(scene):
    """By the data channel to those who subscribe, through an outage of the media."""

    def numbers():
        return [int(e['text'].split()[2]) for e in scene.viewer.process.snapshot()
                if e['event'] == 'data']

    def wait_number(number):
        need(scene.viewer.process.wait(lambda e: e['event'] == 'data'
                                       and int(e['text'].split()[2]) >= number, PATIENCE_S),
             f'no message {number} at the viewer: {numbers()}, {scene.cast.tail()}')

    wait_number(1)
    begin = lab.now()
    scene.place.cut(protocol='udp')
    scene.cast.wait('reconnecting_broadcast', begin)
    scene.place.heal()
    scene.cast.wait('broadcasting', begin)
    wait_number(numbers()[-1] + 3)
    seen = numbers()
    # Those before the viewer subscribed are nobody's.
    need(seen == list(range(seen[0], seen[0] + len(seen))), f'holes, or out of order: {seen}')
    strategies = media_strategies(scene.cast.messages(begin))
    return f'{len(seen)} without a hole, over {",".join(strategies)}'


def random_faults(scene, count, seed):
    """Whatever comes, it comes back, and nothing grows."""
    dice = random.Random(seed)
    place = scene.place
    first = None

    def cut_media(seconds):
        place.cut(protocol='udp')
        pause(scene, seconds)
        place.heal()

    def cut_signalling(seconds):
        block_signalling(scene)
        pause(scene, seconds)
        place.heal()

    def cut_all(seconds):
        place.cut()
        pause(scene, seconds)
        place.heal()

    def drop_uplink(seconds):
        uplink = dice.randrange(2)
        place.link(uplink, False)
        pause(scene, seconds)
        place.link(uplink, True)
        place.set_up_uplink(uplink)

    def kill_server(seconds):
        scene.janus.kill()
        pause(scene, min(seconds, 2))
        scene.janus.start()

    def wait_well(since):
        """The viewer may need its own time to come back; frames are the measure."""
        back = scene.viewer.wait_frames(10, since)
        scene.cast.wait_on_air()
        return back

    def look(first=None):
        """In a new session: how many paths one has is what it has been through."""
        kill_server(0)
        wait_well(lab.now())
        return scene.cast.process.settle(first)

    for number in range(count):
        fault = dice.choice((cut_media, cut_signalling, cut_all, drop_uplink, kill_server))
        seconds = dice.uniform(SHORTEST_S ** 0.5, LONGEST_S ** 0.5) ** 2
        begin = lab.now()
        fault(seconds)
        over = lab.now()
        back = wait_well(over)
        print(f'  {number}: {fault.__name__} {over - begin:.1f} s, frames {back - over:.1f} s after '
              f'it, all is well {lab.now() - over:.1f} s after it', flush=True)
        # The first ones make caches.
        first = look() if number == min(10, count // 2) else first
    need(scene.cast.process.alive(), 'the caster is gone')
    last = look(first)
    need(not lab.grown(first, last), '; '.join(lab.grown(first, last)))
    scene.janus.wait_sessions(2)
    return (f'{count} faults, fds {first["fds"]} -> {last["fds"]}, '
            f'threads {first["threads"]} -> {last["threads"]}, '
            f'KiB in use {first["in_use_kib"]} -> {last["in_use_kib"]}, '
            f'resident {first["kib"]} -> {last["kib"]}')


def random_row(number):
    @on_air()
    def case(scene):
        return random_faults(scene, FAULTS, SEED + number)
    case.__name__ = f'random_{number}'
    return case


RANDOM = [random_row(number) for number in range(RANDOM_ROWS)]
# In each those that want the same scene follow each other; the long ones begin first.
ROWS = [*([case] for case in RANDOM),
        [launch_line, websocket_cut, media_cut, server_killed, kicked],
        [websocket_cut_long, kicked_unheard, uplink_switch, refused, tokens],
        [publish_h264], [publish_vp8]]
MORE = [tls, messages, uplink_hangs]


def play_row(arguments, row):
    """In a program of its own. Returns how it ended."""
    played = subprocess.run(
        [sys.executable, __file__, '--build', arguments.build, '--seed', str(arguments.seed),
         '--faults', str(arguments.faults), *(['--strict'] if arguments.strict else []),
         *(case.__name__ for case in row)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors='replace', preexec_fn=lab.die_with_parent)
    print(played.stdout, end='', flush=True)
    return played.returncode


def play_rows(arguments):
    """They mostly wait: some beside each other."""
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        ends = list(pool.map(lambda row: play_row(arguments, row), ROWS))
    failed = [end for end in ends if end not in (0, SKIP)]
    return 1 if failed else max(ends)


def what_is_missing():
    missing = [tool for tool in ('janus', 'node', 'gst-launch-1.0') if not shutil.which(tool)]
    if missing:
        return ', '.join(missing)
    return lab.what_is_missing()


def main():
    global CAST, FAULTS, SEED, STRICT
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--build', required=True)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--faults', type=int, default=25, help='of each random row')
    parser.add_argument('--jobs', type=int, default=6, help='rows beside each other')
    parser.add_argument('--strict', action='store_true',
                        help='judge the figures, too: for a machine that has nothing else to do')
    parser.add_argument('cases', nargs='*')
    arguments = parser.parse_args()
    lab.PREFIX = 'rcast-janus-'
    CAST = os.path.join(arguments.build, 'tests/faults/faults-cast')
    SEED = arguments.seed
    FAULTS = arguments.faults
    STRICT = arguments.strict
    cases = {case.__name__: case for case in [*itertools.chain(*reversed(ROWS)), *MORE]}
    names = arguments.cases
    if names == ['all']:
        names = list(cases)

    missing = what_is_missing()
    if missing:
        print(f'skipped: needs {missing}')
        return SKIP
    if not names:
        return play_rows(arguments)
    failures, skipped = 0, 0
    stage = Stage()
    try:
        for name in [*names, None]:
            begin = lab.now()
            try:
                stage.make_room(cases.get(name))
            except Failed as error:
                failures += 1
                stage.fail('the end of the scene', error)
            if name is None:
                break
            try:
                seen = stage.play(cases[name])
                print(f'{name}: {seen} ({lab.now() - begin:.0f} s)', flush=True)
            except lab.CannotBe as error:
                skipped += 1
                print(f'{name}: skipped: needs {error}', flush=True)
            except Failed as error:
                failures += 1
                stage.fail(name, error)
    finally:
        stage.clear()
    return 1 if failures else SKIP if skipped else 0


if __name__ == '__main__':
    sys.exit(main())
