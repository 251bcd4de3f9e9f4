#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sends messages by the data channel of a rcastsink named r to a server that sends them back.

publish-message.py LAUNCH-LINE…: some are sent before there is a connection, some when these are
back. Prints the statuses; ends with 0 if all came back in their order.
"""

import sys

import gi

gi.require_version('Gst', '1.0')
from gi.repository import GLib, Gst  # noqa: E402

FIRST, ALL = 20, 40
PATIENCE_S = 90


class Talk:
    def __init__(self, line):
        self.pipeline = Gst.parse_launch(line)
        self.sink = self.pipeline.get_by_name('r')
        self.sink.set_property('data-channel', True)
        self.sink.connect('message-received', self.on_received)
        self.loop = GLib.MainLoop()
        self.back = []
        self.exit_code = 1

    def send(self, numbers):
        for number in numbers:
            assert self.sink.emit('send-message', 'count', str(number), True)

    def on_received(self, _sink, kind, payload):
        """On a thread of the element's own."""
        GLib.idle_add(self.on_back, kind, payload)

    def on_back(self, kind, payload):
        assert kind == 'count', kind
        self.back.append(int(payload))
        if len(self.back) == FIRST:
            self.send(range(FIRST, ALL))
        elif len(self.back) == ALL:
            print(f'{ALL} messages are back', flush=True)
            self.exit_code = 0 if self.back == list(range(ALL)) else 1
            self.pipeline.send_event(Gst.Event.new_eos())
        return GLib.SOURCE_REMOVE

    def on_message(self, _bus, message):
        if message.type == Gst.MessageType.ERROR:
            print(message.parse_error(), flush=True)
            self.exit_code = 1
            self.loop.quit()
        elif message.type == Gst.MessageType.EOS:
            self.loop.quit()
        elif message.type == Gst.MessageType.ELEMENT and message.src == self.sink:
            print(message.get_structure().to_string(), flush=True)

    def run(self):
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect('message', self.on_message)
        # The first ones are said before there is a connection.
        self.pipeline.set_state(Gst.State.READY)
        self.send(range(FIRST))
        self.pipeline.set_state(Gst.State.PLAYING)
        GLib.timeout_add_seconds(PATIENCE_S, self.loop.quit)
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)
        if self.exit_code:
            print(f'back: {self.back}', flush=True)
        return self.exit_code


def main():
    Gst.init(None)
    return Talk(' '.join(sys.argv[1:])).run()


if __name__ == '__main__':
    sys.exit(main())
