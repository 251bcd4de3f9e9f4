#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Broadcasts at a signalling server of GStreamer, and does what it is told.

gstsig-cast.py LOCATION: prints each status and event as a line of JSON. Takes lines of standard
input: `restart` (an ICE restart), `stop`.
"""

import json
import sys
import threading

import gi

gi.require_version('Gst', '1.0')
from gi.repository import GLib, Gst  # noqa: E402

LINE = ('videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=25/1'
        ' ! vp8enc deadline=1 cpu-used=8 target-bitrate=300000 keyframe-max-dist=100'
        ' ! rcastsink name=r audiotestsrc is-live=true volume=0.1 ! opusenc ! r.')
# After that a consumer whose answer has not come gives way: a browser's first one takes seconds on a busy machine.
TIMEOUT_MS = 8000


def say(event, **values):
    print(json.dumps({'event': event, **values}), flush=True)


def on_message(_bus, message, loop):
    if message.type == Gst.MessageType.ERROR:
        say('error', text=message.parse_error()[0].message)
        loop.quit()
    elif message.type == Gst.MessageType.ELEMENT:
        values = message.get_structure()
        known = {name: values.get_value(name) for name in ('reason', 'detail', 'event', 'peer')
                 if values.has_field(name)}
        if 'event' in known:
            known['name'] = known.pop('event')
        say(values.get_name(), **known)


def main():
    Gst.init(None)
    pipeline = Gst.parse_launch(LINE)
    sink = pipeline.get_by_name('r')
    sink.set_property('location', sys.argv[1])
    sink.get_property('signaller').set_property('timeout', TIMEOUT_MS)
    loop = GLib.MainLoop()
    bus = pipeline.get_bus()
    bus.add_signal_watch()
    bus.connect('message', on_message, loop)

    def listen():
        for line in sys.stdin:
            if line.strip() == 'restart':
                sink.emit('ice-restart')
            else:
                break
        GLib.idle_add(loop.quit)

    threading.Thread(target=listen, daemon=True).start()
    pipeline.set_state(Gst.State.PLAYING)
    loop.run()
    pipeline.set_state(Gst.State.NULL)
    say('ended')


main()
