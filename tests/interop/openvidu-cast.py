#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Broadcasts to OpenVidu, and does what it is told.

openvidu-cast.py LOCATION [TOKEN-URL]: prints each status, message and event as a line of JSON. Takes
lines of standard input: `signal TYPE DATA`, `stop`. The application's tokens come from
TOKEN-URL, where there is one.
"""

import json
import sys
import threading
import urllib.request

import gi

gi.require_version('Gst', '1.0')
from gi.repository import GLib, Gst  # noqa: E402

LINE = ('videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=25/1'
        ' ! vp8enc deadline=1 cpu-used=8 target-bitrate=300000 keyframe-max-dist=100'
        ' ! rcastsink name=r audiotestsrc is-live=true volume=0.1 ! opusenc ! r.')


def say(event, **values):
    # At once: tokens are asked for in a thread of their own.
    sys.stdout.write(json.dumps({'event': event, **values}) + '\n')
    sys.stdout.flush()


class Cast:
    def __init__(self, location, tokens):
        self.tokens = tokens
        self.pipeline = Gst.parse_launch(LINE)
        self.sink = self.pipeline.get_by_name('r')
        self.sink.set_property('location', location)
        self.sink.connect('message-received',
                          lambda _sink, kind, text: say('signal', type=kind, data=text))
        if tokens:
            self.sink.connect('request-token', self.on_request_token)
        self.loop = GLib.MainLoop()

    def on_request_token(self, _sink, _location):
        """On a thread of its own."""
        say('token-wanted')
        with urllib.request.urlopen(self.tokens, timeout=5) as answer:
            return answer.read().decode()

    def on_message(self, _bus, message):
        if message.type == Gst.MessageType.ERROR:
            say('error', text=message.parse_error()[0].message)
            self.loop.quit()
        elif message.type == Gst.MessageType.WARNING:
            say('warning', text=message.parse_warning()[0].message)
        elif message.type == Gst.MessageType.ELEMENT:
            values = message.get_structure()
            known = {name: values.get_value(name) for name in
                     ('reason', 'strategy', 'detail', 'outage', 'event') if values.has_field(name)}
            if 'event' in known:
                known['name'] = known.pop('event')
            say(values.get_name(), **known)

    def listen(self):
        for line in sys.stdin:
            words = line.rstrip('\n').split(' ', 2)
            if words[0] == 'signal':
                self.sink.emit('send-message', words[1], words[2], True)
            elif words[0] == 'stop':
                break
        GLib.idle_add(self.loop.quit)

    def run(self):
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect('message', self.on_message)
        threading.Thread(target=self.listen, daemon=True).start()
        self.pipeline.set_state(Gst.State.PLAYING)
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)
        say('ended')


Gst.init(None)
Cast(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None).run()
