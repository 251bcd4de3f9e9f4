#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""rcastsrc at Debian's Janus, while publishers and the server die and come back.

rcastsrc-janus.py [SIGNALLERS.md]. One pipeline watches whoever publishes under a name, in network
namespaces of the test's own, through all of the cases. Each publisher has a colour, so that a
decoded frame tells whose it is. Then the receiving lines of that text are run. Prints a line of
figures for each case; 77 where root, Janus or Python's GStreamer is missing.
"""

import json
import os
import re
import shlex
import shutil
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'faults'))
import janus
import lab
from watching import BACK_S, Clock, Gst, Viewer, judge, until

LOCATION = f'janus+{janus.URL}?room={janus.ROOM}&display=studio'
PUBLISHER = ('stdbuf -oL gst-launch-1.0 -m rcastsink name=r location={location} videotestsrc is-live=true'
             ' pattern=solid-color foreground-color=0xff{grey:02x}{grey:02x}{grey:02x}'
             ' ! video/x-raw,width=160,height=120,framerate=30/1 ! vp8enc deadline=1 cpu-used=8'
             ' keyframe-max-dist=3000 ! r. audiotestsrc is-live=true ! opusenc ! r.')
# What Janus says of a connection with media: a publisher has one before whoever watches it.
MEDIA = 'WebRTC media is now available'
# What gst-launch-1.0 prints of rcastsink when it first has such a connection
CONNECTED = '(element): connected,'
GREYS = (30, 80, 130, 180, 230, 105)
SCREEN = (' videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=15/1 ! vp8enc deadline=1'
          ' cpu-used=8 keyframe-max-dist=3000 ! r.video_1')
# Between neighbours, as luma of video range
NEAR = 10
# Longer than frames wait in the jitter buffer
QUIET_S = 0.5


def luma(grey):
    return 16 + grey * 219 / 255


class Watcher(Viewer):
    """Knows whose frames come."""

    def __init__(self, *arguments):
        self.colours = []
        super().__init__(*arguments)

    def on_frame(self, pad, info, kind):
        if kind == 'video':
            self.colours.append((time.monotonic(), info.get_buffer().extract_dup(0, 1)[0]))
        return super().on_frame(pad, info, kind)

    def first_of(self, grey, after):
        return next((at for at, seen in list(self.colours)
                     if at > after and abs(seen - luma(grey)) < NEAR), None)

    def is_quiet(self):
        return time.monotonic() - self.frames['video'][-1][0] > QUIET_S


def said(process, text):
    """When it did"""
    return next((e['at'] for e in process.snapshot() if text in e.get('text', '')), None)


class Scene:
    """A Janus, one publisher after the other, and the pipeline that watches them."""

    def __init__(self, place, folder):
        self.place, self.folder = place, folder
        self.greys = iter(GREYS)
        self.publisher = None
        self.serve(reclaim=30)
        self.viewer = Watcher.decoding(LOCATION)

    def serve(self, reclaim):
        """RECLAIM: s for which the feed of a connection that is gone stays in the room."""
        self.server = janus.Janus(self.place, self.folder, reclaim)
        self.server.spawn()
        until(lambda: said(self.server.process, janus.LISTENS), 'Janus does not start')

    def publish(self, more=''):
        """Returns when it is connected."""
        self.grey, self.since = next(self.greys), time.monotonic()
        self.publisher = self.place.spawn(
            'caster', shlex.split(PUBLISHER.format(location=shlex.quote(LOCATION), grey=self.grey) + more),
            os.path.join(self.folder, 'cast.log'))
        return until(lambda: said(self.publisher, CONNECTED), self.publisher.snapshot)

    def wait_back(self, clock, live, wanted=BACK_S):
        """Until the publisher of now is seen and heard; judges how long that took."""
        viewer = self.viewer
        first = until(lambda: viewer.error or viewer.first_of(self.grey, self.since),
                      lambda: f'{time.monotonic()}: no frame of {luma(self.grey)} after {live}: '
                      f'{viewer.colours[-3:]}\n{viewer.tell()}')
        assert not viewer.error, viewer.tell()
        viewer.wait_frames(15, live)
        viewer.check()
        return judge(clock, first_frame=(max(first - live, 0), wanted))

    def end(self):
        self.viewer.end()


def publisher_late(scene):
    """Nobody has the name yet: this is no error, and the room says when somebody has."""
    clock, viewer = Clock(), scene.viewer
    # The next attempt of its own accord is a second away by then, or more.
    until(lambda: sum('no-stream' in text for _, _, text in viewer.messages) >= 3, viewer.tell)
    until(lambda: viewer.states[-1:] == [Gst.State.PLAYING], viewer.tell)
    return scene.wait_back(clock, scene.publish())


def publisher_replaced(scene):
    """Killed without a goodbye, and back with a new id while its old feed is still in the room."""
    clock = Clock()
    scene.publisher.kill()
    return scene.wait_back(clock, scene.publish())


def publisher_stopped(scene):
    """As by Ctrl-C, and back when nothing comes any more."""
    clock = Clock()
    scene.publisher.send(signal.SIGINT)
    until(lambda: not scene.publisher.alive(), 'the publisher does not end')
    assert scene.publisher.popen.returncode == 0, scene.publisher.popen.returncode
    until(scene.viewer.is_quiet, 'frames of a publisher that has ended')
    return scene.wait_back(clock, scene.publish())


def server_killed(scene):
    """Both have to come back; this one lets go of a feed at once when its connection is."""
    clock = Clock()
    scene.server.kill()
    until(scene.viewer.is_quiet, 'frames of a server that is dead')
    scene.since = begun = time.monotonic()
    scene.serve(reclaim=0)
    live = until(lambda: said(scene.server.process, MEDIA), 'nobody publishes again')
    # It may have asked before the publisher is back.
    return scene.wait_back(clock, live, BACK_S + live - begun)


def publisher_killed(scene):
    """Killed without a goodbye, and back when Janus has said that it is gone."""
    clock = Clock()
    scene.publisher.kill()
    until(scene.viewer.is_quiet, 'frames of a publisher that is dead')
    return scene.wait_back(clock, scene.publish())


def ask_room(scene, request, **members):
    answer = scene.server.ask(janus='message_plugin', plugin='janus.plugin.videoroom', request={
        'request': request, 'room': janus.ROOM, 'secret': janus.SECRET, **members})
    assert answer['janus'] == 'success' and 'error' not in answer['response'], answer
    return answer['response']


def state_of(viewer, pad):
    # It owns what is in it.
    stats = viewer.source.get_property('stats')
    return stats.get_value(pad).get_value('state')


def publisher_muted(scene):
    """By a moderator: its streams pause, and that is nobody's fault."""
    clock, viewer = Clock(), scene.viewer
    feed = next(member['id'] for member in ask_room(scene, 'listparticipants')['participants']
                if member.get('publisher'))
    before = len(viewer.messages)
    for mid in '0', '1':
        ask_room(scene, 'moderate', id=feed, mid=mid, mute=True)
    until(lambda: {state_of(viewer, pad) for pad in ('video_0', 'audio_0')} == {'paused'},
          viewer.tell)
    scene.since = live = time.monotonic()
    for mid in '0', '1':
        ask_room(scene, 'moderate', id=feed, mid=mid, mute=False)
    figures = scene.wait_back(clock, live)
    assert not any(name == 'stream_disconnected' for _, name, _ in viewer.messages[before:]), \
        viewer.tell()
    return figures


def second_video(scene):
    """Comes with a publisher, on a pad of its own, and again with the next one."""
    clock, viewer = Clock(), scene.viewer
    viewer.wanted = ['audio_0', 'video_0', 'video_1']
    # The decodebin of that pad is asynchronous once.
    viewer.settled = None
    figures = {}
    for name in 'added', 'again':
        scene.publisher.kill()
        until(viewer.is_quiet, 'frames of a publisher that is dead')
        live = scene.publish(SCREEN)
        second = until(lambda: viewer.error or viewer.first('video_1', scene.since), viewer.tell)
        figures[name] = scene.wait_back(clock, live)['first_frame']
        judge(clock, second=(second - live, BACK_S))
        assert (viewer.sizes['video'], viewer.sizes['video_1']) == (160, 320), viewer.sizes
    return figures


CASES = (publisher_late, publisher_muted, publisher_replaced, publisher_stopped, server_killed,
         publisher_killed, second_video)


def lines_of(path):
    """Its lines that receive from Janus"""
    text = Path(path).read_text().replace('\\\n', ' ')
    return re.findall(r'^gst-launch-1\.0 (.*\brcastsrc\b.*janus\+ws.*)$', text, re.MULTILINE)


def launch_line(scene, line):
    """A line of the documentation, with a file in place of what shows it."""
    shown = Path(scene.folder) / 'shown'
    words = shlex.split(line.replace('127.0.0.1', janus.HOST))
    assert f'{janus.HOST}:{janus.PORT}/?room={janus.ROOM}&display=studio' in ' '.join(words), line
    words = [word for word in words for word in
             (['filesink', f'location={shown}'] if word == 'autovideosink' else [word])]
    log = os.path.join(scene.folder, 'line.log')
    launch = scene.place.spawn('viewer', ['gst-launch-1.0', *words], log)
    until(lambda: not launch.alive() or (shown.exists() and shown.stat().st_size > 100000),
          lambda: Path(log).read_text()[-2000:])
    assert launch.alive(), f'{line}\n{launch.snapshot()[-5:]}\n{Path(log).read_text()[-2000:]}'
    launch.send(signal.SIGINT)
    until(lambda: not launch.alive(), f'does not end: {line}')
    assert launch.popen.returncode == 0, f'{launch.popen.returncode}: {line}'


def what_is_missing():
    missing = [tool for tool in ('janus', 'gst-launch-1.0', 'stdbuf') if not shutil.which(tool)]
    return ', '.join(missing) or lab.what_is_missing()


def play(place, folder, documents):
    # The pipeline of this process is the viewer's.
    with open(place.path('viewer')) as space:
        if lab.libc.setns(space.fileno(), lab.CLONE_NEWNET):
            raise OSError('cannot enter a network namespace')
    Gst.init(None)
    if not all(map(Gst.ElementFactory.find, ('rcastsrc', 'rcastjanus'))):
        raise lab.CannotBe('rcastsrc and rcastjanus')
    scene = Scene(place, folder)
    for case in CASES:
        begun = time.monotonic()
        figures = case(scene)
        took = round(time.monotonic() - begun, 1)
        print(case.__name__, json.dumps({**figures, 'took': took}), flush=True)
    for document in documents:
        lines = lines_of(document)
        assert lines, f'no line in {document}'
        for line in lines:
            launch_line(scene, line)
            print(f'{Path(document).name}: {line}', flush=True)
    scene.end()


def main():
    return lab.run_in_lab('rcast-watch-', what_is_missing(),
                          lambda place, folder: play(place, folder, sys.argv[1:]))


if __name__ == '__main__':
    sys.exit(main())
