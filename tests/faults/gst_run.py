# SPDX-License-Identifier: LGPL-2.1-or-later
"""A broadcast to a consumer at the stand-in for the signalling server of webrtcsink."""

from stand_in import StandInRun, make_random

# Those that need nothing of the server but to be killed or frozen. Where the connection is dead while media
# flows, the session is over. werift keeps its port in an ICE restart, and asks for no packet again.
SCENARIOS = ('kill-1s', 'kill-20s', 'udp-cut-5s', 'cut-0.3s', 'cut-2s', 'cut-7s', 'cut-12s', 'uplink-down',
             'uplink-dead', 'uplink-dead-out', 'uplink-dead-in', 'links-down-5s', 'late-uplink', 'nat-rebinding',
             'address-changed', 'frozen-5s')
# And what happens at a signalling server
RANDOM = make_random('drop', 'viewer-drop', 'leave', 'media')


class GstRun(StandInRun):
    """The consumer goes with the server."""

    serve = 'gst-signalling-serve.cjs'
    url = 'gst+ws://{host}:{port}/?name=live'

    @staticmethod
    def count_harm(counts):
        return counts.get('offer', 0) - counts.get('startSession', 0), counts.get('startSession', 0)
