#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plays what the quick start shows for outages, and looks at the picture.

outage-picture.py LOOPBACK QUICKSTART SLATE. The publisher sends white. While it is away, the picture must be
black. 77 if something that this needs is not installed.
"""

import importlib.util
import re
import signal
import sys
from pathlib import Path

from watching import Gst, Program, Server, until

PUBLISHER = ('gst-launch-1.0 -q rcastsink location=whip+{url}whip/demo name=r  videotestsrc is-live=true pattern=white'
             ' ! video/x-raw,width=160,height=120,framerate=30/1 ! vp8enc deadline=1 cpu-used=8 ! r.')
# A picture of its luma only
SCREEN = 'videoconvert ! video/x-raw,format=GRAY8 ! fakesink name=screen sync=true'
MIDDLE = 128


class Screen:
    """A pipeline whose picture is watched"""

    def __init__(self, pipeline):
        self.white = None
        self.pipeline = pipeline
        pad = pipeline.get_by_name('screen').get_static_pad('sink')
        pad.add_probe(Gst.PadProbeType.BUFFER, self.on_picture)

    def on_picture(self, _, info):
        picture = info.get_buffer().extract_dup(0, 1)
        self.white = picture[0] > MIDDLE
        return Gst.PadProbeReturn.OK

    def wait(self, white):
        until(lambda: self.white is white, f'the picture is not {"white" if white else "black"}')


def compositor(text, location):
    """The line of the quick start, with our screen and LOCATION"""
    line = re.search(r'^gst-launch-1\.0 (?:-\w )*(.*\bcompositor\b.*)$', text, re.M)[1]
    line = re.sub(r'location=\S+', f'location=whep+{location}', line)
    pipeline = Gst.parse_launch(line.replace('autovideosink', SCREEN))
    pipeline.set_state(Gst.State.PLAYING)
    return Screen(pipeline), lambda: pipeline.set_state(Gst.State.NULL)


def selector(example, location):
    """The example that the quick start names, with our screen and LOCATION"""
    spec = importlib.util.spec_from_file_location('slate', example)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    slate = module.Slate(f'whep+{location}', SCREEN)
    return Screen(slate.pipeline), slate.end


def publish(server):
    return Program('publisher', PUBLISHER.format(url=server.url).split())


def check(loopback, begin):
    server = Server(loopback)
    screen, end = begin(f'{server.url}whep/demo')
    screen.wait(False)
    publisher = publish(server)
    screen.wait(True)
    publisher.end(signal.SIGKILL)
    screen.wait(False)
    publisher = publish(server)
    screen.wait(True)
    end()
    publisher.end()
    server.end()


def main():
    loopback, quickstart, example = sys.argv[1:4]
    Gst.init(None)
    text = Path(quickstart).read_text(encoding='utf-8')
    check(loopback, lambda location: compositor(text, location))
    check(loopback, lambda location: selector(example, location))


if __name__ == '__main__':
    main()
