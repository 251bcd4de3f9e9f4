#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""rcastsink in a session of OpenVidu while its network is gone, for as long as that takes.

openvidu-cuts.py NODE. Network namespaces of the test's own, the stand-in server with the timers of
OpenVidu, one broadcast through all cases, and the genuine openvidu-browser in Chromium, which watches
it. Prints a line of figures for each; 77 where root or a program is missing.
"""

import json
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'faults'))
import lab  # noqa: E402

PATIENCE_S = 60
# What is wanted, in s
BACK_S, SWITCH_S = 1.0, 0.35
# More than 5 s of them: what came before is over.
STABLE_PACKETS = 400
# Within what the server keeps a session after the last ping, and beyond it
KEPT_S, MEDIA_S, LOST_S = 9, 5, 26


class Scene:
    def __init__(self, place, folder, node):
        self.place, self.late = place, lab.Lateness()
        host = lab.SERVERS[0]
        server = place.spawn('server', [node, str(HERE / 'lib/openvidu-serve.cjs'), host, str(lab.PORT)],
                             f'{folder}/server.log')
        token = server.wait(lambda e: e['text'].startswith('ws://'), PATIENCE_S)
        if not token:
            raise lab.CannotBe('the npm packages')
        self.cast = place.spawn(
            'caster', [sys.executable, str(HERE / 'openvidu-cast.py'), f'openvidu+{token["text"]}',
                       f'http://{host}:{lab.PORT}/token'], f'{folder}/cast.log', commands=True)
        self.wait_packets(100)
        self.viewer = place.spawn(
            'viewer', [node, str(HERE / 'openvidu-look.cjs'), f'http://{host}:{lab.PORT}/token'],
            f'{folder}/viewer.log')
        if not self.viewer.wait(lambda e: e['event'] == 'frame', PATIENCE_S):
            raise lab.CannotBe('Chromium with openvidu-browser') if self.viewer.popen.poll() == 77 \
                else AssertionError('the genuine client sees nothing')

    def fail(self, what):
        tail = '\n'.join(e['text'] for e in self.cast.snapshot()[-15:])
        raise AssertionError(f'{what}; {self.look()}\n{tail}')

    def look(self):
        return self.place.request(0, 'GET', '/stats')

    def wait_packets(self, count, what='packets'):
        """Until so many more have come. Returns how long that took."""
        begun, first = time.monotonic(), self.look()['packets']
        while self.look()['packets'] < first + count:
            if time.monotonic() > begun + PATIENCE_S or not self.cast.alive():
                self.fail(f'no {what}')
            time.sleep(0.02)
        return time.monotonic() - begun

    def said(self, name, since):
        return [e for e in self.cast.snapshot() if e['at'] > since
                and e['text'].startswith(f'{{"event": "{name}"')]

    def wait_seen(self, since):
        """Until the genuine client shows a frame. Returns how long that took."""
        frame = self.viewer.wait(lambda e: e['event'] == 'frame', PATIENCE_S, since)
        if not frame:
            self.fail('no frame at the genuine client')
        return frame['at'] - since

    def streams(self):
        """How many the genuine client has been told of"""
        return sum(e['event'] == 'stream' for e in self.viewer.snapshot())

    def judge(self, begun, **figures):
        late = self.late.worst(begun, time.monotonic())
        for name, (seconds, wanted) in figures.items():
            if seconds > lab.limit(wanted, late):
                self.fail(f'{name}: {seconds} s, the machine {late} s late')
        return {name: round(seconds, 3) for name, (seconds, _) in figures.items()}

    def cut(self, seconds, **which):
        """Returns when it was over, and what the server saw before."""
        before = self.look()
        self.place.cut(**which)
        time.sleep(seconds)
        self.place.heal()
        return time.monotonic(), before

    def check_kept(self, before, since):
        """The same session and stream, and no token for it."""
        now = self.look()
        if now['stream'] != before['stream'] or now['counts']['joinRoom'] != before['counts']['joinRoom']:
            self.fail(f'not kept: {before}')
        if self.said('token-wanted', since):
            self.fail('a token was taken')


def everything_cut(scene):
    """The session is resumed, and so is the media."""
    begun = time.monotonic()
    healed, before = scene.cut(KEPT_S)
    back = scene.wait_packets(5, 'media after the cut')
    resumed = scene.cast.wait(lambda e: '"name": "resumed"' in e['text'], PATIENCE_S, begun)
    if not resumed:
        scene.fail('not resumed')
    seen = scene.wait_seen(healed)
    scene.check_kept(before, begun)
    return scene.judge(healed, media=(back, BACK_S), seen=(seen, BACK_S),
                       resumed=(max(resumed['at'] - healed, 0), BACK_S))


def media_cut(scene):
    """UDP goes nowhere, and the signalling is fine: the same stream."""
    scene.wait_packets(STABLE_PACKETS)
    begun = time.monotonic()
    healed, before = scene.cut(MEDIA_S, protocol='udp')
    back = scene.wait_packets(5, 'media after UDP was cut')
    seen = scene.wait_seen(healed)
    scene.check_kept(before, begun)
    return scene.judge(healed, media=(back, BACK_S), seen=(seen, BACK_S))


def one_uplink_cut(scene):
    """Media goes by the other uplink, and nothing else happens."""
    begun = time.monotonic()
    before = scene.look()
    busy = scene.place.busy_uplink()
    scene.place.request(0, 'GET', '/reset')
    scene.place.cut(uplinks=(busy,), protocol='udp')
    scene.wait_packets(100, 'media by the other uplink')
    back = scene.look()['gap'] / 1000
    scene.check_kept(before, begun)
    if scene.look()['counts'].get('reconnectStream', 0) != before['counts'].get('reconnectStream', 0):
        scene.fail('the media was renegotiated')
    scene.place.heal()
    return scene.judge(begun, switch=(back, SWITCH_S))


def too_long_cut(scene):
    """The server has forgotten the session: a fresh token, and a new stream."""
    scene.wait_packets(STABLE_PACKETS)
    begun, streams = time.monotonic(), scene.streams()
    healed, before = scene.cut(LOST_S)
    back = scene.wait_packets(5, 'media after the eviction')
    now = scene.look()
    if now['stream'] == before['stream'] or now['counts']['joinRoom'] != before['counts']['joinRoom'] + 1:
        scene.fail(f'not joined anew: {before}')
    if not any('"reason": "evicted"' in e['text'] for e in scene.said('reconnecting_broadcast', begun)):
        scene.fail('the eviction was not told')
    # That the genuine client makes another connection takes its time on a busy machine.
    seen = scene.wait_seen(healed)
    if scene.streams() != streams + 1:
        scene.fail(f'the genuine client was told of {scene.streams() - streams} streams')
    return {**scene.judge(healed, media=(back, BACK_S)), 'seen': round(seen, 3)}



CASES = (one_uplink_cut, everything_cut, media_cut, too_long_cut)


def play(place, folder):
    scene = Scene(place, folder, sys.argv[1])
    for case in CASES:
        begun = time.monotonic()
        figures = case(scene)
        print(case.__name__, json.dumps({**figures, 'took': round(time.monotonic() - begun, 1)}), flush=True)


def main():
    return lab.run_in_lab('rcast-openvidu-', lab.what_is_missing(), play)


if __name__ == '__main__':
    sys.exit(main())
