#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Shows a stream, or a slate while the stream does not arrive.

slate.py LOCATION [SINK]
"""

import sys

import gi

gi.require_version('Gst', '1.0')
from gi.repository import GLib, Gst  # noqa: E402 (the version comes first)

PICTURE = 'video/x-raw,width=640,height=360'
LINE = ('input-selector name=i sync-mode=clock ! videoconvert ! SINK'
        f'  videotestsrc is-live=true pattern=black ! {PICTURE} ! i.sink_0'
        '  rcastsrc name=s output=raw audio-streams=0'
        f'  s.video_0 ! videoconvert ! videoscale ! {PICTURE} ! i.sink_1')


class Slate:
    def __init__(self, location, sink):
        self.pipeline = Gst.parse_launch(LINE.replace('SINK', sink))
        self.selector = self.pipeline.get_by_name('i')
        source = self.pipeline.get_by_name('s')
        source.set_property('location', location)
        source.connect('pad-added', lambda *_: self.show('sink_1'))
        self.show('sink_0')
        self.bus = self.pipeline.get_bus()
        self.bus.add_signal_watch()
        self.bus.connect('message::element', self.on_message)
        self.pipeline.set_state(Gst.State.PLAYING)

    def show(self, pad):
        self.selector.set_property('active-pad', self.selector.get_static_pad(pad))

    def on_message(self, _, message):
        said = message.get_structure()
        if said.get_name() == 'stream_disconnected':
            self.show('sink_0')
        elif said.get_name() == 'stream_connected':
            self.show('sink_1')

    def end(self):
        self.pipeline.set_state(Gst.State.NULL)
        self.bus.remove_signal_watch()


def main():
    Gst.init(None)
    slate = Slate(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else 'autovideosink')
    loop = GLib.MainLoop()
    slate.bus.connect('message::error', lambda *_: loop.quit())
    try:
        loop.run()
    except KeyboardInterrupt:
        pass
    slate.end()


if __name__ == '__main__':
    main()
