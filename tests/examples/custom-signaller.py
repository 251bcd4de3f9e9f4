#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A signaller of one's own in Python: lines of text over TCP, and a program that broadcasts with it.

custom-signaller.py lines+tcp://HOST:PORT

The protocol is made up, as in custom-signaller.c: `offer BASE64` is answered by `answer BASE64` or
`error TEXT`, and `bye` ends the session. docs/signallers.md says what each function is for.
"""

import base64
import signal
import sys
import urllib.parse

import gi
gi.require_version('Gst', '1.0')
gi.require_version('GstRcast', '1.0')
from gi.repository import Gio, GLib, Gst, GstRcast  # noqa: E402

SCHEME = 'lines+tcp'

# Before the first class that derives from an element.
Gst.init(None)


def failure(code, text):
    return GLib.Error.new_literal(GstRcast.error_quark(), text, code)


class LineSignaller(GstRcast.Signaller):
    """All functions but do_set_location() are called on one thread: no locks."""

    __gtype_name__ = 'PyLineSignaller'

    def __init__(self):
        super().__init__()
        self.connection = None
        # No trickle: the offer has all candidates. No ICE restart, no resume.
        self.set_capabilities(GstRcast.SignallerCapabilities(0))

    def do_set_location(self, location):
        url = urllib.parse.urlsplit(location)
        if url.hostname and url.port:
            return True
        raise failure(GstRcast.Error.INVALID_ARGUMENT, f'expected {SCHEME}://host:port')

    def task(self, cancellable, callback):
        return Gio.Task.new(self, cancellable, lambda source, result, *_: callback(source, result))

    def do_open_async(self, cancellable, callback, *_):
        task = self.task(cancellable, callback)
        url = urllib.parse.urlsplit(self.dup_location())

        def connected(client, result):
            try:
                self.connection = client.connect_finish(result)
                self.lines = Gio.DataInputStream.new(self.connection.get_input_stream())
                task.return_boolean(True)
            except GLib.Error as error:
                task.return_error(failure(GstRcast.Error.NETWORK, error.message))

        Gio.SocketClient.new().connect_to_host_async(url.hostname, url.port, cancellable, connected)

    def do_open_finish(self, result):
        return result.propagate_boolean()

    def send(self, line):
        self.connection.get_output_stream().write_all(f'{line}\n'.encode(), None)

    def do_offer_async(self, kind, sdp, cancellable, callback, *_):
        task = self.task(cancellable, callback)

        def answered(lines, result):
            try:
                line, _ = lines.read_line_finish_utf8(result)
                word, _, rest = (line or '').partition(' ')
            except GLib.Error as error:
                task.return_error(failure(GstRcast.Error.NETWORK, error.message))
                return
            if word == 'answer':
                task.answer = base64.b64decode(rest).decode()
                task.return_boolean(True)
            else:
                task.return_error(failure(GstRcast.Error.REJECTED, rest or 'no answer'))

        self.send('offer ' + base64.b64encode(sdp.encode()).decode())
        self.lines.read_line_async(GLib.PRIORITY_DEFAULT, cancellable, answered)

    def do_offer_finish(self, result):
        result.propagate_boolean()
        return result.answer

    def do_close_async(self, cancellable, callback, *_):
        if self.connection:
            self.send('bye')
            self.connection.close(None)
        self.connection = None
        self.task(cancellable, callback).return_boolean(True)

    def do_close_finish(self, result):
        return result.propagate_boolean()


LineSignaller.set_metadata('Line signaller', 'Network/Signaller/WebRTC',
                           'An example of a signaller', 'The gst-rcast developers')
LineSignaller.set_protocols([SCHEME])


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    pipeline = Gst.parse_launch('videotestsrc is-live=true ! video/x-raw,width=320,height=240,'
                                'framerate=25/1 ! rcastsink name=r')
    sink = pipeline.get_by_name('r')
    # From now on `location` knows the scheme. An element of Python must not be made by a
    # factory: its reference would not be floating.
    sink.props.signaller = LineSignaller()
    sink.props.location = sys.argv[1]
    loop = GLib.MainLoop()

    def on_message(bus, message):
        if message.type == Gst.MessageType.ERROR:
            print(message.parse_error()[0].message, file=sys.stderr)
            loop.quit()
        elif message.type == Gst.MessageType.EOS:
            loop.quit()
        elif message.type == Gst.MessageType.ELEMENT:
            info = GstRcast.Message.parse_status(message)
            if info:
                print(info.status.value_nick, flush=True)

    bus = pipeline.get_bus()
    bus.add_signal_watch()
    bus.connect('message', on_message)
    GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGINT,
                         lambda: pipeline.send_event(Gst.Event.new_eos()) or True)
    pipeline.set_state(Gst.State.PLAYING)
    loop.run()
    pipeline.set_state(Gst.State.NULL)


if __name__ == '__main__':
    main()
