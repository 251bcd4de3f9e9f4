#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Raw and G.711 input as capture cards, cameras and mixers have it: what aiortc decodes has the right
size, colour, and sound on the right side.

odd-formats.py [NAME…]: all of them, or these. Each is a broadcast of its own; three at a time.
"""

import dataclasses
import sys

from lib.whip_rows import WHIP, broadcast, run, serve

ENOUGH = 20
# Red, green and blue of the picture, and how far off each may be: VP8 has no word for the matrix,
# and the encoder rounds.
COLOUR, NEAR = (192, 64, 32), 30
# A side on which nothing plays is so much weaker.
SILENT = 1e-3
PICTURE = 'videotestsrc is-live=true pattern=solid-color foreground-color=0xffc04020'
SMALL = 'width=320,height=240,framerate=25/1'
TONE = 'audiotestsrc is-live=true samplesperbuffer=441'


@dataclasses.dataclass
class Row:
    video: str = f'I420,{SMALL}'        # format and more of the caps
    size: tuple = (320, 240)            # that is wanted
    colour: tuple = COLOUR
    behind: str = ''                    # elements behind the picture
    audio: str = 'format=S16LE,channels=2,rate=48000'
    through: str = ''                   # elements behind the tone
    sides: tuple = (True, True)         # where something plays


FIELDS = '! interlace field-pattern=1:1'
ROWS = {
    # pictures
    'v210': Row(f'v210,{SMALL}'),
    'ten-bit-4:4:4': Row(f'Y444_10LE,{SMALL}'),
    'p010': Row(f'P010_10LE,{SMALL}'),
    'argb-odd-size': Row('ARGB,width=321,height=241,framerate=25/1'),
    'full-range': Row(f'I420,colorimetry=1:4:16:4,{SMALL}'),
    'grey': Row(f'GRAY8,{SMALL}', colour=(95, 95, 95)),
    'interlaced': Row('UYVY,width=320,height=240,framerate=50/1', behind=FIELDS),
    'fields-apart': Row('I420,width=320,height=240,framerate=50/1', behind=(
        f'{FIELDS} ! video/x-raw(format:Interlaced),interlace-mode=alternate')),
    'wide-pixels': Row('I420,width=360,height=288,framerate=25/1,pixel-aspect-ratio=16/15', size=(384, 288)),
    'narrow-pixels': Row('NV12,width=360,height=240,framerate=30000/1001,pixel-aspect-ratio=8/9'),
    'absurd-pixels': Row('I420,width=160,height=120,framerate=15/1,pixel-aspect-ratio=100/1', size=(3200, 24)),
    'no-frame-rate': Row(behind='! capssetter caps=video/x-raw,framerate=0/1'),
    # sound
    'mono': Row(audio='format=S16LE,channels=1,rate=44100'),
    'left-only': Row(through='! audiopanorama panorama=-1', sides=(True, False)),
    'right-only-planar': Row(
        through='! audiopanorama panorama=1 ! audioconvert ! audio/x-raw,format=F32LE,layout=non-interleaved',
        sides=(False, True)),
    'six-without-positions': Row(audio='format=S32LE,channels=6,rate=48000,channel-mask=(bitmask)0'),
    'sixteen-planar': Row(
        audio='format=S24LE,channels=16,rate=96000,channel-mask=(bitmask)0,layout=non-interleaved'),
    'surround': Row(audio='format=F64LE,channels=6,rate=192000,channel-mask=(bitmask)0x3f'),
    'eight-bit': Row(audio='format=U8,channels=2,rate=11025'),
    'a-law-60-ms': Row(audio='format=S16LE,channels=1,rate=8000',
                       through='! audiobuffersplit output-buffer-duration=3/50 ! alawenc'),
    'mu-law-1-s': Row(audio='format=S16LE,channels=1,rate=8000',
                      through='! audiobuffersplit output-buffer-duration=1/1 ! mulawenc'),
}


def get_faults(row, session):
    """What is not as it is wanted of what has arrived; None: not yet enough."""
    streams = {stream.kind: stream for stream in session.streams}
    if any(kind not in streams or streams[kind].frames < ENOUGH for kind in ('video', 'audio')):
        return None
    picture, sound = streams['video'].frame, streams['audio'].frame
    faults = []
    if (picture.width, picture.height) != row.size:
        faults.append(f'size {picture.width}x{picture.height}, not {row.size}')
    pixel = picture.to_ndarray(format='rgb24')[picture.height // 2, picture.width // 2]
    if any(abs(int(have) - want) > NEAR for have, want in zip(pixel, row.colour)):
        faults.append(f'colour {pixel.tolist()}, not {row.colour}')
    samples = sound.to_ndarray().astype('float32').reshape(-1, len(sound.layout.channels)) / 32768
    energy = (samples ** 2).mean(axis=0).tolist()
    plays = tuple(side > SILENT * max(energy) > 0 for side in (energy[0], energy[-1]))
    if plays != row.sides:
        faults.append(f'sound {energy}, not {row.sides}')
    return faults


class Front(WHIP.Front):
    def __init__(self, row):
        super().__init__()
        self.row = row

    def get_faults(self):
        found = [get_faults(self.row, session) for session in self.sessions.values()]
        return found[0] if found else None

    def has_enough(self):
        """A picture may need some frames until it is sharp."""
        return self.get_faults() == []


async def try_one(name):
    row = ROWS[name]
    front = Front(row)
    async with serve(front) as url:
        good, output = await broadcast(front, (
            f'{PICTURE} ! video/x-raw,format={row.video} {row.behind} ! r. '
            f'{TONE} ! audio/x-raw,{row.audio} {row.through} ! r. rcastsink name=r location={url}'))
        if not good:
            print(output[-3000:])
        print(f"{name}: {'right' if good else front.get_faults() or 'nothing arrived'}", flush=True)
    return good


if __name__ == '__main__':
    run(try_one, sys.argv[1:] or list(ROWS))
