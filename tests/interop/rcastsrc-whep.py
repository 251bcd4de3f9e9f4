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
import time
from pathlib import Path

from watching import BACK_S, Clock, Gst, Program, Server, Viewer, judge, sleep, until


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


def two_videos(loopback, outage):
    """As many as are asked for, each on its pad again after the publisher has been killed."""
    screen = (' videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=15/1 ! vp8enc'
              ' deadline=1 cpu-used=8 keyframe-max-dist=3000 ! r.video_1')
    server, clock = Server(loopback), Clock()
    publisher = server.publish(more=screen)
    until(lambda: server.find('event=live'), 'nobody publishes')
    viewer = Viewer(f'rcastsrc name=s video-streams=2 location=whep+{server.url}whep/demo', True)
    viewer.wanted = ['audio_0', 'video_0', 'video_1']
    until(lambda: len(viewer.frames) == 3, viewer.tell)
    viewer.wait_frames(15)
    publisher.end(signal.SIGKILL)
    sleep(outage)
    started = time.monotonic()
    publisher = server.publish(more=screen)
    live = until(lambda: server.time_of('event=live', started), 'nobody publishes again')
    viewer.wait_frames(15, live)
    viewer.check()
    figures = judge(clock, first_frame=(viewer.first('video', live) - live, BACK_S),
                    second=(viewer.first('video_1', live) - live, BACK_S))
    assert (viewer.sizes['video'], viewer.sizes['video_1']) == (160, 320), viewer.sizes
    viewer.end()
    publisher.end()
    server.end()
    return figures


def foreign_server(outage, *argv, restarts=False):
    """Another stack; killed, and back."""
    start = lambda port: Program(argv[0], [*argv, '--port', str(port)])
    server, clock = start(0), Clock()
    url = until(lambda: server.find(r'"url": ?"(http://[^"]+)"'), lambda: str(server.lines))[1]
    viewer = Viewer.decoding(f'whep+{url}')
    viewer.wait_frames(15)
    if restarts:
        viewer.source.emit('ice-restart')
        until(lambda: server.find('"restart"'), viewer.tell)
        viewer.wait_frames(15, time.monotonic())
    server.end(signal.SIGKILL)
    sleep(outage)
    server = start(int(re.search(r':(\d+)/', url)[1]))
    up = until(lambda: server.time_of('"listening"'), lambda: str(server.lines))
    viewer.wait_frames(15, up)
    viewer.check()
    figures = judge(clock, first_frame=(viewer.first('video', up) - up, 3 * BACK_S))
    viewer.end()
    server.end()
    return figures


HERE = Path(__file__).parent


def aiortc_server(loopback, outage):
    """It knows no ICE restart."""
    return foreign_server(outage, '/usr/bin/python3', str(HERE / 'whep-aiortc.py'))


def libwebrtc_server(loopback, outage):
    return foreign_server(outage, 'node', str(HERE / 'whep-libwebrtc.cjs'), restarts=True)


CASES = {function.__name__.replace('_', '-'): function for function in (
    publisher_killed, session_ended, server_killed, late_publisher, aiortc_server,
    libwebrtc_server, two_videos)}


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
