#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""rcastsrc at a WHEP server, while publishers and servers die and come back.

rcastsrc-whep.py [--outage SECONDS] LOOPBACK [CASE…]. What comes is decoded in this process: pads,
frames, messages and the state of the pipeline are watched. Prints a line of figures for each case;
77 if what it takes is not installed.
"""

import argparse
import json
import re
import signal
import sys
import tempfile
import time
from pathlib import Path

from watching import BACK_S, Clock, Gst, Program, Viewer, judge, sleep, until

PUBLISHER = ('rcastsink name=r location=whip+{url} videotestsrc is-live=true'
             ' ! video/x-raw,width=160,height=120,framerate=30/1 ! vp8enc deadline=1 cpu-used=8'
             ' keyframe-max-dist={gop} ! r. audiotestsrc is-live=true ! opusenc ! r.')


class Server(Program):
    def __init__(self, loopback, *switches, port=0):
        settings = [word for switch in switches for word in ('--set', switch)]
        super().__init__('server', [loopback, '--port', str(port), *settings])
        found = until(lambda: self.find(r'event=listening url=(\S+)'), 'no server')
        self.url = found[1]
        self.port = int(re.search(r':(\d+)/', self.url)[1])

    def publish(self, gop=3000):
        words = PUBLISHER.format(url=f'{self.url}whip/demo', gop=gop).split()
        return Program('publisher', ['gst-launch-1.0', '-q', *words])


def publisher_killed(loopback, outage, *switches, asked=False):
    """Killed without a goodbye, and back. ASKED: the server has to be asked whether it is, at steps
    that grow with the time it takes."""
    server, clock = Server(loopback, *switches), Clock()
    publisher = server.publish()
    until(lambda: server.find('event=live'), 'nobody publishes')
    viewer = Viewer.decoding(f'whep+{server.url}whep/demo')
    viewer.wait_frames(15)
    killed = time.monotonic()
    publisher.end(signal.SIGKILL)
    sleep(outage)
    started = time.monotonic()
    publisher = server.publish()
    live = until(lambda: server.time_of('event=live', started), 'nobody publishes again')
    viewer.wait_frames(15, live)
    viewer.check()
    wanted = BACK_S + (live - killed if asked else 0)
    figures = judge(clock, first_frame=(viewer.first('video', live) - live, wanted))
    for name, since in (('stream_disconnected', killed), ('stream_connected', live)):
        at = viewer.time_of(name, since - 0.1)
        assert at, f'no {name}\n{viewer.tell()}'
        figures[name] = round(at - since, 3)
    causes = {found[1] for at, name, text in viewer.messages if name == 'stream_disconnected'
              for found in [re.search(r'cause=\(string\)"?([a-z]+)', text)]}
    assert causes <= {'silent', 'unpublished'} or (asked and causes <= {
        'silent', 'unpublished', 'server'}), causes
    viewer.end()
    publisher.end()
    server.end()
    return figures


def session_ended(loopback, outage):
    """A server that keeps no viewer without a publisher, answers 404, and sends events."""
    return publisher_killed(loopback, outage, 'viewers=end', 'no-stream-status=404',
                            'stream-timeout-ms=500', 'events=post', asked=True)


def server_killed(loopback, outage):
    server, clock = Server(loopback), Clock()
    publisher = server.publish()
    until(lambda: server.find('event=live'), 'nobody publishes')
    viewer = Viewer.decoding(f'whep+{server.url}whep/demo')
    viewer.wait_frames(15)
    server.end(signal.SIGKILL)
    sleep(outage)
    again = Server(loopback, port=server.port)
    live = until(lambda: again.time_of('event=live'), 'nobody publishes again')
    viewer.wait_frames(15, live)
    viewer.check()
    # Both have waited for the server; the viewer asks until there is a publisher.
    figures = judge(clock, first_frame=(viewer.first('video', live) - live, 2 * BACK_S))
    viewer.end()
    publisher.end()
    again.end()
    return figures


def late_publisher(loopback, outage):
    """Nobody publishes yet: this is no error."""
    server, clock = Server(loopback), Clock()
    begun, viewer = time.monotonic(), Viewer.decoding(f'whep+{server.url}whep/demo')
    sleep(outage)
    publisher = server.publish()
    live = until(lambda: server.time_of('event=live'), 'nobody publishes')
    viewer.wait_frames(15, live)
    viewer.check()
    figures = judge(clock, first_frame=(viewer.first('video', live) - live,
                                          BACK_S + live - begun))
    viewer.end()
    publisher.end()
    server.end()
    return figures


def relay(loopback, outage):
    """rcastsrc ! rcastsink, without transcoding, while each side loses its server."""
    origin, target, clock = Server(loopback), Server(loopback), Clock()
    publisher = origin.publish()
    until(lambda: origin.find('event=live'), 'nobody publishes')
    middle = Viewer(f'rcastsrc name=s location=whep+{origin.url}whep/demo rcastsink name=r'
                    f' location=whip+{target.url}whip/demo s.video_0 ! r. s.audio_0 ! r.')
    until(lambda: target.find('event=live'), middle.tell)
    viewer = Viewer.decoding(f'whep+{target.url}whep/demo')
    viewer.wait_frames(15)
    publisher.end(signal.SIGKILL)
    sleep(outage)
    publisher = origin.publish()
    live = until(lambda: origin.time_of('event=live', time.monotonic() - 1), 'nobody publishes')
    viewer.wait_frames(15, live)
    target.end(signal.SIGKILL)
    sleep(outage)
    target = Server(loopback, port=target.port)
    again = until(lambda: target.time_of('event=live'), middle.tell)
    viewer.wait_frames(15, again)
    viewer.check()
    figures = judge(clock, source=(viewer.first('video', live) - live, 2 * BACK_S),
                    target=(viewer.first('video', again) - again, 2 * BACK_S))
    for pipeline in (viewer, middle):
        pipeline.end()
    publisher.end()
    for server in (origin, target):
        server.end()
    return figures


def play(path):
    """Number of decoded frames of a file; their times only grow."""
    pipeline = Gst.parse_launch(f'filesrc location={path} ! decodebin ! videoconvert ! appsink'
                                ' name=a sync=false max-buffers=0')
    pipeline.set_state(Gst.State.PLAYING)
    sink, times = pipeline.get_by_name('a'), []
    while sample := sink.emit('pull-sample'):
        times.append(sample.get_buffer().pts)
    pipeline.set_state(Gst.State.NULL)
    assert times == sorted(times), f'{path}: time goes back'
    return len(times)


def record(loopback, outage):
    """Segments of a recording over the death of the publisher: each one plays."""
    with tempfile.TemporaryDirectory() as folder:
        server, clock = Server(loopback), Clock()
        publisher = server.publish(gop=30)
        until(lambda: server.find('event=live'), 'nobody publishes')
        viewer = Viewer(f'rcastsrc name=s location=whep+{server.url}whep/demo splitmuxsink name=m'
                        f' location={folder}/%03d.mkv max-size-time=1000000000'
                        ' muxer-factory=matroskamux'
                        ' s.video_0 ! queue ! m.video s.audio_0 ! queue ! m.audio_0')
        count = lambda: len(list(Path(folder).glob('*.mkv')))
        until(lambda: viewer.error or count() >= 2, viewer.tell)
        publisher.end(signal.SIGKILL)
        sleep(outage)
        publisher = server.publish(gop=30)
        before = count()
        until(lambda: viewer.error or count() >= before + 2, viewer.tell)
        assert not viewer.error, viewer.tell()
        viewer.pipeline.send_event(Gst.Event.new_eos())
        until(lambda: viewer.error, 'no end of the recording')
        assert viewer.error == 'EOS', viewer.error
        viewer.end()
        publisher.end()
        server.end()
        frames = [play(path) for path in sorted(Path(folder).glob('*.mkv'))]
        assert all(frames), frames
        return {'segments': len(frames), 'frames': sum(frames)}


def foreign_server(loopback, outage):
    """aiortc: another stack, which knows no ICE restart; killed, and back."""
    start = lambda port: Program('aiortc', [
        '/usr/bin/python3', str(Path(__file__).parent / 'whep-aiortc.py'), '--port', str(port)])
    server, clock = start(0), Clock()
    url = until(lambda: server.find(r'"url": "(http://[^"]+)"'), server.lines)[1]
    viewer = Viewer.decoding(f'whep+{url}')
    viewer.wait_frames(15)
    server.end(signal.SIGKILL)
    sleep(outage)
    server = start(int(re.search(r':(\d+)/', url)[1]))
    up = until(lambda: server.time_of('"listening"'), server.lines)
    viewer.wait_frames(15, up)
    viewer.check()
    figures = judge(clock, first_frame=(viewer.first('video', up) - up, 3 * BACK_S))
    viewer.end()
    server.end()
    return figures


CASES = {function.__name__.replace('_', '-'): function for function in (
    publisher_killed, session_ended, server_killed, late_publisher, foreign_server,
    relay, record)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('loopback')
    parser.add_argument('cases', nargs='*', choices=[*CASES, []])
    parser.add_argument('--outage', type=float, default=1.0)
    arguments = parser.parse_args()
    Gst.init(None)
    if not Gst.ElementFactory.find('rcastsrc'):
        print('skipped: no rcastsrc')
        sys.exit(77)
    for name in arguments.cases or CASES:
        print(name, json.dumps(CASES[name](arguments.loopback, arguments.outage)), flush=True)


if __name__ == '__main__':
    main()
