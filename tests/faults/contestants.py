# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who broadcasts: thin adapters around programs that publish to a WHIP endpoint."""

import dataclasses
import os
import re
import shutil
import subprocess
from typing import Callable


@dataclasses.dataclass
class Contestant:
    name: str
    text: str
    argv: Callable                  # argv(tools, urls, settings)
    label: str = ''                 # in the picture that compares; without one it is not there
    ours: bool = False              # held to what is promised
    world: str = ''                 # whose server it is: janus, openvidu, gst; else ours
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


def chroot_of(name):
    """Where ./run test --chroot NAME has made it."""
    cache = os.environ.get('XDG_CACHE_HOME', os.path.expanduser('~/.cache'))
    return os.path.join(os.environ.get('RCAST_CHROOTS', os.path.join(cache, 'gst-rcast/chroots')), name)


def again_in_chroot(name, argv):
    """Started again a second after its end."""
    return ['sh', '-c', 'dir=$0; while :; do chroot "$dir" "$@"; sleep 1; done', chroot_of(name), *argv]


def chroot_missing(name, program, package):
    if os.geteuid() or not os.access(os.path.join(chroot_of(name), 'usr/bin', program), os.X_OK):
        return (f'root, and {program} in a Debian {name} in {chroot_of(name)}: ./run test --chroot {name} --list'
                f' makes that, and apt-get install {package} in it the rest')
    return None


def whip_client(tools, urls, settings):
    """As a service manager would run it: started again a second after it has ended."""
    video = ('videotestsrc is-live=true pattern=ball ! video/x-raw,width=480,height=270,framerate=30/1'
             ' ! x264enc tune=zerolatency speed-preset=ultrafast bitrate=800 key-int-max=60'
             ' ! video/x-h264,profile=constrained-baseline ! rtph264pay config-interval=-1'
             ' ! application/x-rtp,media=video,encoding-name=H264,payload=96')
    audio = ('audiotestsrc is-live=true samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=1'
             ' ! opusenc ! rtpopuspay ! application/x-rtp,media=audio,encoding-name=OPUS,payload=97')
    # The chroot's own plugins, and nothing of this system.
    clean = ['env', '-i', 'HOME=/root', 'PATH=/usr/bin:/bin']
    return again_in_chroot('trixie', [*clean, 'whip-client', '-n', '-o', '-u', urls[0], '-V', video, '-A', audio])


def whip_client_missing():
    """Debian 12's is of libsoup 2, its libnice of libsoup 3: it ends at once."""
    return chroot_missing('trixie', 'whip-client', 'simple-whip-client')


def ffmpeg(tools, urls, settings, kbps=800):
    """It ends for good when its connection does; started again a second later."""
    # Noise, so that the encoder fills its rate
    command = ('ffmpeg -nostdin -loglevel verbose -re -f lavfi -i testsrc2=size=480x270:rate=30,noise=alls=60:allf=t'
               ' -re -f lavfi -i sine=frequency=1000:sample_rate=48000 -pix_fmt yuv420p'
               f' -c:v libx264 -profile:v baseline -preset ultrafast -tune zerolatency -b:v {kbps}k -maxrate {kbps}k'
               f' -bufsize {kbps * 6 // 10}k -g 60'
               ' -c:a libopus -ac 2 -f whip').split()
    return again_in_chroot('sid', [*command, urls[0]])


def ffmpeg_missing():
    return chroot_missing('sid', 'ffmpeg', 'ffmpeg')


def janus_missing():
    return None if shutil.which('janus') else 'janus'


def stand_in_missing():
    probe = "for (const name of ['ws', 'werift']) require.resolve(name)"
    if not shutil.which('node') or subprocess.run(['node', '-e', probe], stderr=subprocess.DEVNULL).returncode:
        return 'nodejs and the npm packages ws and werift'
    return None


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
               label='rcastsink', ours=True, reports=True),
    Contestant('rcastsink-single', 'rcastsink, path-mode=single', rcastsink('single'), ours=True,
               reports=True),
    Contestant('rcastsink-duplicate', 'rcastsink, path-mode=duplicate', rcastsink('duplicate'),
               ours=True, reports=True),
    Contestant('rcastsink-janus', "rcastsink to Debian's Janus, seen by rcastsrc", rcastsink('backup'),
               ours=True, reports=True, world='janus', missing=janus_missing),
    Contestant('rcastsink-openvidu', 'rcastsink to a stand-in of OpenVidu 2', rcastsink('backup'),
               ours=True, reports=True, world='openvidu', missing=stand_in_missing),
    Contestant('rcastsink-gst', 'rcastsink to a consumer at a stand-in of the signalling server of webrtcsink',
               rcastsink('backup'), ours=True, reports=True, world='gst', missing=stand_in_missing),
    Contestant('webrtcbin', 'stock webrtcbin, nothing is done about trouble', stock('stock'),
               label='webrtcbin alone'),
    Contestant('rebuild', 'stock webrtcbin, the whole pipeline is built anew when it says "failed"',
               stock('rebuild')),
    Contestant('rebuild-watchdog', 'the same, and also when no receiver report came for 5 s',
               stock('watchdog'), label='webrtcbin with a watchdog'),
    Contestant('whip-client', "simple-whip-client of Debian trixie, started again 1 s after its end",
               whip_client, label='simple-whip-client, restarted', missing=whip_client_missing),
    Contestant('ffmpeg', "ffmpeg's WHIP muxer of Debian sid, started again 1 s after its end",
               ffmpeg, label='ffmpeg, restarted', missing=ffmpeg_missing),
    Contestant('chromium', 'Chromium, a page that connects anew when its connection failed',
               chromium, label='Chromium, page reconnects', missing=chromium_missing),
]
BY_NAME = {contestant.name: contestant for contestant in CONTESTANTS}


def version(argv):
    """The first number with a dot that it tells; None if there is none."""
    try:
        said = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r'\d+\.\d[\w.+~-]*', said.stdout + said.stderr)
    return found[0] if found else None


def versions(chosen):
    """Of those that are programs of others, and of what ours is built on."""
    asked = {'libnice': ['pkg-config', '--modversion', 'nice']}
    others = {'chromium': {'Chromium': ['chromium', '--version']},
              'rcastsink-janus': {'Janus': ['janus', '--version']},
              'ffmpeg': {'ffmpeg': ['chroot', chroot_of('sid'), 'ffmpeg', '-version']},
              'whip-client': {'simple-whip-client': ['chroot', chroot_of('trixie'), 'dpkg-query', '-W',
                                                     '-f', '${Version}', 'simple-whip-client']}}
    for contestant in chosen:
        asked.update(others.get(contestant.name, {}))
    return {name: told for name, argv in asked.items() if (told := version(argv))}
