#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What an encoder rig shows of its broadcast, as rig-view.c, in Python.

rig-view.py LOCATION [LAUNCH-LINE with rcastsink name=r]
"""

import signal
import sys
import time

import gi

gi.require_version('Gst', '1.0')
from gi.repository import GLib, Gst  # noqa: E402 (the version comes first)

PICTURE = ('rcastsink name=r  videotestsrc is-live=true ! timeoverlay ! r.  '
           'audiotestsrc is-live=true ! r.')
STATUSES = ('signalling', 'connected', 'broadcasting', 'reconnecting_broadcast',
            'reconnecting', 'disconnected')


def line_of(said):
    """One line for a status message; docs/messages.md has its fields."""
    name, reason = said.get_name(), said.get_string('reason')
    text = name if reason == 'none' else f'{name}: {reason}'
    if said.get_string('detail'):
        text += f' ({said.get_string("detail")})'
    if name == 'reconnecting_broadcast':
        text += f', attempt {said.get_value("attempt")} by {said.get_string("strategy")}'
        if said.get_value('delay'):
            text += f' in {said.get_value("delay") / Gst.SECOND:.1f} s'
    if said.get_value('outage'):
        text += f', off air for {said.get_value("outage") / Gst.SECOND:.1f} s'
    return text


class Rig:
    def __init__(self, location, description):
        self.pipeline = Gst.parse_launch(description)
        self.sink = self.pipeline.get_by_name('r')
        self.sink.set_property('location', location)
        self.loop = GLib.MainLoop()
        self.began = time.monotonic()
        self.exit_code = 0

    def path(self):
        """The path that carries the media."""
        stats = self.sink.get_property('stats')
        if not stats.has_field('path-interface'):
            return 'no path'
        return f'{stats.get_string("path-interface")} ({stats.get_string("path-local-candidate")})'

    def show(self, text):
        print(f'{time.monotonic() - self.began:7.1f} s  {text}  [{self.path()}]', flush=True)

    def on_message(self, bus, message):
        if message.type == Gst.MessageType.ELEMENT:
            said = message.get_structure()
            if said.get_name() in STATUSES:
                self.show(line_of(said))
            elif said.get_name() in ('stream_disconnected', 'stream_connected'):
                self.show(f'{said.get_name()}: {said.get_string("pad")}, {said.get_string("cause")}')
            elif said.get_name() == 'stream-flowing':
                self.show(f'{said.get_string("pad")} flows again')
        elif message.type == Gst.MessageType.WARNING:
            self.show(f'warning: {message.parse_warning()[0].message}')
        elif message.type == Gst.MessageType.ERROR:
            print(f'error: {message.parse_error()[0].message}', file=sys.stderr)
            self.exit_code = 1
            self.loop.quit()
        elif message.type == Gst.MessageType.EOS:
            self.loop.quit()

    def on_interrupt(self):
        self.pipeline.send_event(Gst.Event.new_eos())
        return GLib.SOURCE_REMOVE

    def run(self):
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect('message', self.on_message)
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGINT, self.on_interrupt)
        if self.pipeline.set_state(Gst.State.PLAYING) != Gst.StateChangeReturn.FAILURE:
            self.loop.run()
        else:
            self.exit_code = 1
        self.pipeline.set_state(Gst.State.NULL)
        bus.remove_signal_watch()
        return self.exit_code


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    Gst.init(None)
    return Rig(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else PICTURE).run()


if __name__ == '__main__':
    sys.exit(main())
