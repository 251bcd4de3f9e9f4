#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Watches a stream of an OpenVidu session, and says what is seen.

openvidu-view.py LOCATION TOKEN-URL: prints each status, message and event as a line of JSON, and ten times a
second how many frames have come. The application's tokens come from TOKEN-URL. Ends at the end of standard input.
"""

import json
import sys
import threading
import urllib.request

from watching import GLib, Gst, Viewer

FIELDS = ('reason', 'strategy', 'detail', 'outage', 'event', 'pad', 'stream', 'cause', 'duration')


def say(event, **values):
    # At once: tokens are asked for in a thread of their own.
    sys.stdout.write(json.dumps({'event': event, **values}) + '\n')
    sys.stdout.flush()


class Watcher(Viewer):
    def __init__(self, location, tokens):
        self.tokens, self.told = tokens, None
        super().__init__(f'rcastsrc name=s location="{location}"', True, self.prepare)

    def prepare(self, source):
        source.connect('request-token', self.on_request_token)

    def on_request_token(self, _source, _location):
        """On a thread of its own."""
        say('token-wanted')
        with urllib.request.urlopen(self.tokens, timeout=5) as answer:
            return answer.read().decode()

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
        counts = {kind: len(frames) for kind, frames in self.frames.items()}
        if counts != self.told:
            self.told = counts
            if self.settled is None and all(counts.values()):
                self.settled = len(self.states)
            say('frames', **counts)
        return True


def main():
    Gst.init(None)
    viewer = Watcher(*sys.argv[1:3])
    loop = GLib.MainLoop()
    GLib.timeout_add(100, viewer.count)
    threading.Thread(target=lambda: (sys.stdin.read(), GLib.idle_add(loop.quit)), daemon=True).start()
    loop.run()
    if not viewer.error:
        viewer.check()
    viewer.end()
    say('ended')


main()
