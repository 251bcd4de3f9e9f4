#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Players that are given a whep+http URI: playbin, playbin3, uridecodebin and uridecodebin3.

rcastsrc-players.py LOOPBACK [PLAYER…]. Each plays picture and sound, goes on after its publisher was
killed, and goes to NULL while it plays and at each step of connecting. Prints a line of figures for
each; 77 if what it takes is not installed.
"""

import argparse
import json
import signal
import sys
import time

from watching import Clock, Gst, Server, Viewer, judge, until

# In s, from a publisher that is back to picture and sound in the sinks; with another codec, and so
# another decoder
BACK_S = 1.0
OTHER_BACK_S = 4.0
# In s: nothing waits for the network.
DOWN_S = 0.5
# In s: the pads of both streams, and sinks in PLAYING
UP_S = 2.5
STEPS = ('signalling', 'connected', 'broadcasting')
# The publisher's second codec; the first is VP8. decodebin of playbin and uridecodebin takes no other.
PLAYERS = {'playbin': 'vp8', 'playbin3': 'h264', 'uridecodebin': 'vp8', 'uridecodebin3': 'h264'}


class Player(Viewer):
    """What one of the players plays of a URI."""

    told = ('source',)

    def __init__(self, player, uri):
        self.player, self.complete = player, 0
        super().__init__(uri)

    def make(self, uri):
        if self.player.startswith('playbin'):
            player = pipeline = Gst.ElementFactory.make(self.player)
            for kind in self.frames:
                pipeline.set_property(f'{kind}-sink', self.make_sink(kind))
        else:
            pipeline = Gst.parse_launch(f'{self.player} name=p p. ! videoconvert name=video'
                                        ' p. ! audioconvert name=audio')
            player = pipeline.get_by_name('p')
            for kind in self.frames:
                sink = self.make_sink(kind)
                pipeline.add(sink)
                pipeline.get_by_name(kind).link(sink)
        player.connect('source-setup', lambda _, source: self.follow(source))
        player.set_property('uri', uri)
        return pipeline

    def make_sink(self, kind):
        sink = Gst.ElementFactory.make('fakesink')
        sink.set_property('sync', True)
        sink.get_static_pad('sink').add_probe(Gst.PadProbeType.BUFFER, self.on_frame, kind)
        return sink

    def follow(self, source):
        super().follow(source)
        source.connect('no-more-pads', self.on_complete)

    def on_complete(self, _):
        assert sorted(self.pads) == self.wanted, self.pads
        self.complete += 1

    def stop(self):
        """How long that takes, in s"""
        before = time.monotonic()
        self.end()
        return time.monotonic() - before


def outlive(player, uri, server, publisher):
    """Plays, while the publisher is killed and back, perhaps with another codec.
    Returns: figures, and the new publisher"""
    viewer, begun = Player(player, uri), time.monotonic()
    viewer.beside.append(server)
    viewer.wait_frames(15)
    up = max(viewer.first(kind, begun) for kind in viewer.frames) - begun
    query = Gst.Query.new_latency()
    assert viewer.pipeline.query(query) and query.parse_latency()[0], 'not live'
    publisher.end(signal.SIGKILL)
    until(lambda: viewer.time_of('stream_disconnected'), viewer.tell)
    restarted = time.monotonic()
    publisher = server.publish(codec=PLAYERS[player])
    live = until(lambda: server.time_of('event=live', restarted), 'nobody publishes again')
    viewer.wait_frames(15, live)
    viewer.check()
    assert viewer.complete == 1, viewer.complete
    back = max(viewer.first(kind, live) for kind in viewer.frames) - live
    wanted = BACK_S if PLAYERS[player] == 'vp8' else OTHER_BACK_S
    return {'up': (up, UP_S), 'back': (back, wanted), 'down': (viewer.stop(), DOWN_S)}, publisher


def stop_at(player, uri, step):
    """To NULL when the step is reported. Returns: how long that takes"""
    viewer = Player(player, uri)
    until(lambda: viewer.time_of(step), viewer.tell)
    seconds = viewer.stop()
    assert not viewer.error, viewer.error
    return seconds


def play(player, loopback):
    server, clock = Server(loopback), Clock()
    publisher = server.publish()
    until(lambda: server.find('event=live'), 'nobody publishes')
    uri = f'whep+{server.url}whep/demo'
    figures, publisher = outlive(player, uri, server, publisher)
    for step in STEPS:
        figures[step] = stop_at(player, uri, step), DOWN_S
    publisher.end()
    server.end()
    return judge(clock, **figures)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('loopback')
    parser.add_argument('players', nargs='*', choices=[*PLAYERS, []])
    arguments = parser.parse_args()
    Gst.init(None)
    for name in ('rcastsrc', *(arguments.players or PLAYERS)):
        if not Gst.ElementFactory.find(name):
            print(f'skipped: no {name}')
            sys.exit(77)
    for player in arguments.players or PLAYERS:
        print(player, json.dumps(play(player, arguments.loopback)), flush=True)


if __name__ == '__main__':
    main()
