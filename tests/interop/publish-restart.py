#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a launch line with a rcastsink named r, and restarts ICE once it broadcasts.

publish-restart.py LAUNCH-LINE…: an application in a language with bindings. Prints
the statuses; ends with the stream, or with 1 if there was an error.
"""

import sys

import gi

gi.require_version('Gst', '1.0')
from gi.repository import GLib, Gst  # noqa: E402

# Media shall flow before the restart, and after it.
SETTLE_MS = 1500


def main():
    Gst.init(None)
    pipeline = Gst.parse_launch(' '.join(sys.argv[1:]))
    sink = pipeline.get_by_name('r')
    loop = GLib.MainLoop()
    state = {'exit': 0, 'restarted': False}

    def restart():
        print('restarting', flush=True)
        sink.emit('ice-restart')
        return GLib.SOURCE_REMOVE

    def on_message(_bus, message):
        if message.type == Gst.MessageType.ERROR:
            print(message.parse_error(), flush=True)
            state['exit'] = 1
            loop.quit()
        elif message.type == Gst.MessageType.EOS:
            loop.quit()
        elif message.type == Gst.MessageType.ELEMENT and message.src == sink:
            print(message.get_structure().to_string(), flush=True)
            if message.get_structure().get_name() == 'broadcasting' and not state['restarted']:
                state['restarted'] = True
                GLib.timeout_add(SETTLE_MS, restart)

    bus = pipeline.get_bus()
    bus.add_signal_watch()
    bus.connect('message', on_message)
    pipeline.set_state(Gst.State.PLAYING)
    loop.run()
    pipeline.set_state(Gst.State.NULL)
    return state['exit']


if __name__ == '__main__':
    sys.exit(main())
