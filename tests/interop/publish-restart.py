#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a launch line with a rcastsink named r, and restarts ICE when it is told to.

publish-restart.py LAUNCH-LINE…: an application in a language with bindings. Prints
the statuses; SIGUSR1 restarts ICE, SIGINT ends the stream. Exits with 1 if there was
an error.
"""

import signal
import sys

import gi

gi.require_version('Gst', '1.0')
from gi.repository import GLib, Gst  # noqa: E402


def main():
    Gst.init(None)
    pipeline = Gst.parse_launch(' '.join(sys.argv[1:]))
    sink = pipeline.get_by_name('r')
    loop = GLib.MainLoop()
    exit_code = 0

    def on_restart():
        print('restarting', flush=True)
        sink.emit('ice-restart')
        return GLib.SOURCE_CONTINUE

    def on_end():
        pipeline.send_event(Gst.Event.new_eos())
        return GLib.SOURCE_CONTINUE

    def on_message(_bus, message):
        nonlocal exit_code
        if message.type == Gst.MessageType.ERROR:
            print(message.parse_error(), flush=True)
            exit_code = 1
            loop.quit()
        elif message.type == Gst.MessageType.EOS:
            loop.quit()
        elif message.type == Gst.MessageType.ELEMENT and message.src == sink:
            print(message.get_structure().to_string(), flush=True)

    bus = pipeline.get_bus()
    bus.add_signal_watch()
    bus.connect('message', on_message)
    GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGUSR1, on_restart)
    GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGINT, on_end)
    pipeline.set_state(Gst.State.PLAYING)
    loop.run()
    pipeline.set_state(Gst.State.NULL)
    return exit_code


if __name__ == '__main__':
    sys.exit(main())
