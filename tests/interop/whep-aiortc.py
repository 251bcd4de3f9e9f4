#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A WHEP server on aiortc (WebRTC in Python): sends a picture and silence, cannot restart ICE.

Command line and output are those of lib/front.cjs.
"""

from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack

from lib.aiortc_front import front


class Sending(front.Session):
    """The other way round: what aiortc makes up is sent."""

    async def answer(self, offer):
        self.pc.addTrack(VideoStreamTrack())
        self.pc.addTrack(AudioStreamTrack())
        return await super().answer(offer)


if __name__ == '__main__':
    front.main(__doc__, Sending)
