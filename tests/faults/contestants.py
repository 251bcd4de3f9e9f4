# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who broadcasts: thin adapters around programs that publish to a WHIP endpoint."""

import dataclasses
import os
import shutil
import subprocess
from typing import Callable


@dataclasses.dataclass
class Contestant:
    name: str
    text: str
    argv: Callable                  # argv(tools, urls, settings)
    ours: bool = False              # held to what is promised
    reports: bool = False           # says on standard output when it broadcasts
    missing: Callable = lambda: None
    longest_s: float = 20    # waited for at the most

    def patience(self, seconds):
        return seconds if self.ours else min(seconds, self.longest_s)


def rcastsink(mode):
    def argv(tools, urls, settings):
        settings = (f'path-mode={mode}', *settings)
        return [tools['cast'], '--contestant=rcastsink', '--token=fresh',
                *(f'--url={url}' for url in urls), *(f'--set={setting}' for setting in settings)]
    return argv


def stock(cure):
    return lambda tools, urls, settings: [tools['cast'], f'--contestant={cure}', f'--url={urls[0]}']


def whip_client(tools, urls, settings):
    """As a service manager would run it: started again a second after it has ended."""
    video = ('videotestsrc is-live=true pattern=ball ! video/x-raw,width=480,height=270,framerate=30/1'
             ' ! x264enc tune=zerolatency speed-preset=ultrafast bitrate=800 key-int-max=60'
             ' ! video/x-h264,profile=constrained-baseline ! rtph264pay config-interval=-1'
             ' ! application/x-rtp,media=video,encoding-name=H264,payload=96')
    audio = ('audiotestsrc is-live=true samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=1'
             ' ! opusenc ! rtpopuspay ! application/x-rtp,media=audio,encoding-name=OPUS,payload=97')
    # It is of libsoup 2, and must not meet plugins of libsoup 3.
    apart = [f'--unset={name}' for name in ('GST_PLUGIN_PATH_1_0', 'GST_PLUGIN_PATH')]
    return ['env', *apart, f"GST_REGISTRY_1_0={tools['registry']}", 'sh', '-c',
            'while :; do whip-client -n -o -u "$0" -V "$1" -A "$2"; sleep 1; done',
            urls[0], video, audio]


def whip_client_missing():
    if not shutil.which('whip-client'):
        return 'simple-whip-client'
    # Debian 12's is of libsoup 2, its libnice of libsoup 3: it ends at once.
    try:
        said = subprocess.run(['whip-client', '-u', 'http://127.0.0.1:1/', '-A',
                               'audiotestsrc num-buffers=1 ! opusenc ! rtpopuspay'],
                              capture_output=True, text=True, timeout=10)
    except subprocess.TimeoutExpired:
        return None
    return 'a whip-client that starts (libsoup 2 and 3 meet in it)' if 'libsoup2' in said.stderr else None


def chromium(tools, urls, settings):
    return ['node', os.path.join(tools['here'], 'chromium-cast.cjs'), urls[0]]


def chromium_missing():
    probe = "process.exit(require('./lib/browser.cjs').isThere() ? 0 : 1)"
    interop = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'interop')
    if not shutil.which('node') or subprocess.run(['node', '-e', probe], cwd=interop).returncode:
        return 'chromium, nodejs and the npm package playwright-core'
    return None


CONTESTANTS = [
    Contestant('rcastsink', 'rcastsink, path-mode=backup (the default)', rcastsink('backup'),
               ours=True, reports=True),
    Contestant('rcastsink-single', 'rcastsink, path-mode=single', rcastsink('single'), ours=True,
               reports=True),
    Contestant('rcastsink-duplicate', 'rcastsink, path-mode=duplicate', rcastsink('duplicate'),
               ours=True, reports=True),
    Contestant('webrtcbin', 'stock webrtcbin, nothing is done about trouble', stock('stock')),
    Contestant('rebuild', 'stock webrtcbin, the whole pipeline is built anew when it says "failed"',
               stock('rebuild')),
    Contestant('rebuild-watchdog', 'the same, and also when no receiver report came for 5 s',
               stock('watchdog')),
    Contestant('whip-client', "Debian's simple-whip-client, started again 1 s after its end",
               whip_client, missing=whip_client_missing),
    Contestant('chromium', 'Chromium, a page that connects anew when its connection failed',
               chromium, missing=chromium_missing),
]
BY_NAME = {contestant.name: contestant for contestant in CONTESTANTS}
