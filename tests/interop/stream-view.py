#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Watches a stream, and says what is seen.

stream-view.py LOCATION [TOKEN-URL]: prints each status, message and event as a line of JSON, ten times a second
how many frames have come, and at once the first picture of each connection, with its time in ms of the epoch, and
each gap between pictures. With the frames goes what is in use of the heap, in kB. The application's tokens come from
TOKEN-URL. Ends at the end of standard input.
"""

import json
import sys
import threading
import time
import urllib.request

from watching import GLib, Gst, Viewer, heap_in_use

# Between two pictures, in s: more than a late machine makes of 40 ms
GAP_S = 0.3
FIELDS = ('reason', 'strategy', 'detail', 'outage', 'event', 'pad', 'stream', 'cause', 'duration')


def say(event, **values):
    # At once: tokens are asked for in a thread of their own.
    sys.stdout.write(json.dumps({'event': event, **values}) + '\n')
    sys.stdout.flush()


class Watcher(Viewer):
    def __init__(self, location, tokens=None):
        self.tokens, self.told, self.last = tokens, None, None
        # Counts, and no list of them: that would be all that grows in a long run.
        self.counts, self.latest, self.back = {'video': 0, 'audio': 0}, {}, set()
        super().__init__(f'rcastsrc name=s location="{location}"', True, self.prepare)

    def prepare(self, source):
        source.connect('request-token', self.on_request_token)
        source.connect('pad-added', self.look)

    def look(self, _source, pad):
        if pad.get_name().startswith('video'):
            pad.add_probe(Gst.PadProbeType.BUFFER, self.on_encoded)

    def on_encoded(self, _pad, info):
        """What is decoded does not say so any more."""
        if info.get_buffer().has_flags(Gst.BufferFlags.DISCONT):
            say('picture', at=time.time() * 1000)
        return Gst.PadProbeReturn.OK

    def on_request_token(self, _source, _location):
        """On a thread of its own."""
        say('token-wanted')
        with urllib.request.urlopen(self.tokens, timeout=5) as answer:
            return answer.read().decode()

    def on_frame(self, pad, info, kind):
        now = time.monotonic()
        if kind == 'video':
            if self.last is not None and now - self.last > GAP_S:
                say('gap', ms=(now - self.last) * 1000)
            self.last = now
        time_of_it = info.get_buffer().pts
        if time_of_it < self.latest.get(kind, 0):
            self.back.add(kind)
        self.latest[kind] = time_of_it
        self.counts[kind] += 1
        return Gst.PadProbeReturn.OK

    def check(self):
        super().check()
        assert not self.back, f'{self.back}: time goes back'

    def on_message(self, bus, message):
        super().on_message(bus, message)
        if message.type == Gst.MessageType.ERROR:
            say('error', text=message.parse_error()[0].message)
        elif message.type == Gst.MessageType.WARNING:
            say('warning', text=message.parse_warning()[0].message)
        elif message.type == Gst.MessageType.ELEMENT:
            values = message.get_structure()
            known = {name: values.get_value(name) for name in FIELDS if values.has_field(name)}
            if 'event' in known:
                known['name'] = known.pop('event')
            known = {name: getattr(value, 'value_nick', value) for name, value in known.items()}
            say(values.get_name(), **known)

    def count(self):
        counts = dict(self.counts)
        if counts != self.told:
            self.told = counts
            if all(counts.values()):
                self.settle()
            say('frames', **counts, inUse=heap_in_use())
        return True


def main():
    Gst.init(None)
    viewer = Watcher(*sys.argv[1:])
    loop = GLib.MainLoop()
    GLib.timeout_add(100, viewer.count)
    threading.Thread(target=lambda: (sys.stdin.read(), GLib.idle_add(loop.quit)), daemon=True).start()
    loop.run()
    if not viewer.error:
        viewer.check()
    viewer.end()
    say('ended')


main()
