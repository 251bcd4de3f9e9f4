#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""WHIP servers on aiortc that answer oddly, in SDP or in HTTP: what rcastsink sends to each is decoded.

odd-answers.py [NAME…]: all of them, or these. Each is a server of its own; three at a time.
"""

import re
import sys

from lib.whip_rows import WHIP, broadcast, run, serve, web

# Frames and sound of each stream; a tone of which nothing arrived has no energy.
ENOUGH = 20
TRANSPORT = ('ice-ufrag', 'ice-pwd', 'fingerprint', 'setup', 'candidate', 'end-of-candidates')
LAUNCH = ('videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=15/1 ! {video} r. '
          'audiotestsrc is-live=true ! audio/x-raw,rate=8000 ! {audio} r. rcastsink name=r location={url}')


def sections(sdp):
    return re.split(r'(?m)^(?=m=)', sdp)


def without(section, *names):
    return ''.join(line for line in section.splitlines(True)
                   if not line.startswith(tuple(f'a={name}' for name in names)))


def only(section, *names):
    return ''.join(line for line in section.splitlines(True)
                   if line.startswith(tuple(f'a={name}' for name in names)))


def once(sdp):
    """RFC 9143 7.1.3: what belongs to the transport stands in the first section of the bundle."""
    session, first, *others = sections(sdp)
    return ''.join([session, first, *(without(section, *TRANSPORT) for section in others)])


def at_session_level(sdp):
    session, first, *others = sections(sdp)
    names = TRANSPORT[:4]
    return ''.join([session, only(first, *names), *(without(s, *names) for s in (first, *others))])


def reject_audio(sdp):
    """RFC 3264 6: port 0, and out of the bundle."""
    session, video, audio = sections(sdp)
    mid = re.search(r'a=mid:(\S+)', audio)[1]
    session = re.sub(rf'(a=group:BUNDLE.*) {mid}\b', r'\1', session)
    return session + video + re.sub(r'^m=audio \d+', 'm=audio 0', audio)


def reject_in_group(sdp):
    """The same by servers that forget the bundle."""
    session, video, audio = sections(sdp)
    return session + video + re.sub(r'^m=audio \d+', 'm=audio 0', without(audio, *TRANSPORT))


def reject_video(sdp):
    """The section that would have carried the bundle."""
    session, video, audio = sections(sdp)
    mid = re.search(r'a=mid:(\S+)', video)[1]
    session = re.sub(rf'(a=group:BUNDLE) {mid}\b', r'\1', session)
    return session + without(re.sub(r'^m=video \d+', 'm=video 0', video), *TRANSPORT) + audio


def contradict(sdp):
    """What a section says of a transport that the bundle has: it does not count."""
    session, video, audio = sections(sdp)
    audio = re.sub(r'a=ice-ufrag:\S+', 'a=ice-ufrag:abcdef', re.sub(r'a=setup:\S+', 'a=setup:passive', audio))
    return session + video + re.sub(r'a=ice-pwd:\S+', 'a=ice-pwd:' + 24 * 'x', audio)


def static_types(sdp):
    session, video, audio = sections(sdp)
    audio = re.sub(r'^(m=audio \d+ \S+).*', r'\1 8', audio)
    return session + video + without(audio, 'rtpmap', 'fmtp', 'rtcp-fb')


def stranger_first(sdp):
    return re.sub(r'(?m)^(m=video \d+ \S+)', r'\1 35', sdp)


def each_section(*lines):
    """Lines more at the end of each section"""
    return lambda sdp: ''.join(part + ''.join(f'{line}\r\n' for line in lines if i > 0)
                               for i, part in enumerate(sections(sdp)))


def candidates_of_others(sdp):
    """Before those that work: TCP, and a name that nobody knows."""
    return sdp.replace('a=candidate:', 'a=candidate:9 1 tcp 9 192.0.2.1 9 typ host tcptype active\r\n'
                       'a=candidate:8 1 udp 8 0b4a7a40-7f5c-4d0a-9e3b-111111111111.local 9 typ host\r\n'
                       'a=candidate:', 1)


def two_fingerprints(sdp):
    """The first one is of another certificate; RFC 8122 5 wants one to match."""
    return re.sub(r'a=fingerprint:', 'a=fingerprint:sha-256 ' + ':'.join(['AB'] * 32) + r'\r\na=fingerprint:', sdp)


def lower_case(sdp):
    return re.sub(r'a=fingerprint:\S+ \S+', lambda match: match[0].lower(), sdp)


def limit(sdp):
    """RFC 8866 5.8: b= stands between c= and the attributes."""
    session, video, audio = sections(sdp)

    def add(section, lines):
        return re.sub(r'(?m)^(?=a=)', lines, section, count=1)

    return (session.replace('t=0 0', 'b=CT:500\r\nt=0 0') + add(video, 'b=AS:200\r\nb=TIAS:150000\r\n')
            + add(audio, 'b=AS:90\r\n'))


def rtcp_candidates(sdp):
    """Of a server that could do without the multiplex that it does not name, in a bundle."""
    return re.sub(r'(?m)^(a=candidate:\S+) 1 (.*)$', r'\1 1 \2\n\1 2 \2',
                  re.sub(r'a=rtcp-(mux|rsize).*\r\n', '', sdp))


def backwards(sdp):
    """Attributes in any order: RFC 8866 5.13 knows none."""
    def turn(section):
        lines = section.splitlines(True)
        attributes = [line for line in lines if line.startswith('a=')]
        return ''.join([line for line in lines if not line.startswith('a=')] + attributes[::-1])
    return ''.join(turn(section) for section in sections(sdp))


def bundle_only(sdp):
    """RFC 9143 7.3.3: port 0 of a section that has no address of its own"""
    session, video, audio = sections(sdp)
    return session + video + re.sub(r'^m=audio \d+', 'm=audio 0', without(audio, *TRANSPORT)) + 'a=bundle-only\r\n'


def many_candidates(sdp):
    return sdp.replace('a=candidate:', ''.join(
        f'a=candidate:{n} 1 udp {n} 192.0.2.{n % 250 + 1} {1000 + n} typ srflx raddr 0.0.0.0 rport 9\r\n'
        for n in range(1, 100)) + 'a=candidate:', 1)


def replace(pattern, replacement):
    return lambda sdp: re.sub(pattern, replacement, sdp)


def mode_0(sdp):
    """H.264 first, in single NAL units: RFC 6184 6.2"""
    number = re.search(r'a=rtpmap:(\d+) H264', sdp)[1]
    sdp = re.sub(rf'(m=video \d+ \S+)(.*) {number}\b', rf'\1 {number}\2', sdp)
    return sdp.replace('packetization-mode=1', 'packetization-mode=0')


class Odd:
    def __init__(self, sdp=lambda sdp: sdp, status=201, cookie=False, patch=None, lacks=(),
                 kinds=('video', 'audio'), settings='', audio='', headers=(), video='', whole=False,
                 limits=False):
        self.sdp, self.status, self.cookie, self.patch, self.lacks = sdp, status, cookie, patch, lacks
        self.kinds, self.settings, self.audio = set(kinds), settings, audio
        self.headers, self.video = dict(headers), video
        self.whole = whole      # units of H.264
        self.limits = limits    # it has to say by REMB how much it takes


SLICES = ('videoconvert ! video/x-raw,format=I420 ! '
          'x264enc tune=zerolatency option-string=slice-max-size=1100 key-int-max=15 ! '
          'video/x-h264,profile=constrained-baseline')
ALLOWED = 'signaller::allow-rejected-media=true'
ODD = {
    'transport-once': Odd(once),
    'transport-at-session-level': Odd(at_session_level),
    'no-setup': Odd(replace(r'a=setup:\S+\r\n', '')),
    'setup-of-the-offer': Odd(replace(r'a=setup:\S+', 'a=setup:actpass')),
    'no-mid': Odd(replace(r'a=mid:.*\r\n', '')),
    'no-bundle': Odd(replace(r'a=group:BUNDLE.*\r\n', '')),
    'group-without-mids': Odd(lambda sdp: once(re.sub(r'a=mid:.*\r\n', '', sdp))),
    'other-group-first': Odd(replace(r'(t=0 0\r\n)', r'\1a=group:LS 0 1\r\n')),
    'contradictions': Odd(contradict),
    'line-feeds': Odd(lambda sdp: sdp.replace('\r\n', '\n')),
    'sendrecv': Odd(replace('a=recvonly', 'a=sendrecv')),
    'stranger-first': Odd(stranger_first),
    'no-rtcp-mux': Odd(replace(r'a=rtcp-(mux|rsize).*\r\n', '')),
    'no-fmtp': Odd(replace(r'a=fmtp:.*\r\n', '')),
    'no-extmap': Odd(replace(r'a=extmap:.*\r\n', '')),
    'two-fingerprints': Odd(two_fingerprints),
    'fingerprint-in-lower-case': Odd(lower_case),
    'candidates-of-others': Odd(candidates_of_others),
    'empty-lines': Odd(lambda sdp: sdp.replace('\r\n', '\n\n')),
    'byte-order-mark': Odd(lambda sdp: '\ufeff' + sdp),
    'blanks': Odd(lambda sdp: '\r\n' + sdp.replace('\r\n', ' \t\r\n')),
    'unknown-lines': Odd(each_section('b=AS:3000', 'a=x-unknown', 'a=x-long:' + 'x' * 8000,
                                      'a=rid:1 recv', 'a=simulcast:recv 1')),
    'limits': Odd(limit),
    'limits-by-feedback': Odd(limits=True),
    'rtcp-candidates': Odd(rtcp_candidates),
    'backwards': Odd(backwards),
    'bundle-only': Odd(bundle_only),
    'many-candidates': Odd(many_candidates),
    'no-session-lines': Odd(replace(r'[st]=.*\r\n', '')),
    'host-name': Odd(replace(r'c=IN IP4 \S+', 'c=IN IP4 media.example.com')),
    'no-direction': Odd(replace(r'a=recvonly\r\n', '')),
    'extensions-of-two-bytes': Odd(replace(r'a=extmap:\d+', 'a=extmap-allow-mixed\r\na=extmap:20')),
    'static-types': Odd(static_types, audio='audiobuffersplit output-buffer-duration=1/50 ! alawenc !'),
    'whole-units-raw': Odd(mode_0, whole=True),
    'whole-units-encoded': Odd(mode_0, whole=True, video=f'{SLICES} ! h264parse !'),
    'whole-units-rtp': Odd(mode_0, whole=True, video=f'{SLICES} ! rtph264pay mtu=500 config-interval=-1 '
                           'aggregate-mode=zero-latency !'),
    'rejects-audio': Odd(reject_audio, kinds=('video',), settings=ALLOWED),
    'rejects-in-group': Odd(reject_in_group, kinds=('video',), settings=ALLOWED),
    'rejects-video': Odd(reject_video, kinds=('audio',), settings=ALLOWED),
    'accepted-202': Odd(status=202),
    'ok-200': Odd(status=200),
    'charset': Odd(headers={'Content-Type': 'application/sdp; charset=UTF-8'}),
    'no-type': Odd(lacks=('Content-Type',)),
    'upper-case-type': Odd(headers={'Content-Type': 'APPLICATION/SDP'}),
    'cookie': Odd(cookie=True),
    'no-patch': Odd(patch=405),
    'no-etag': Odd(lacks=('ETag',)),
    'no-location': Odd(lacks=('Location',)),
}


class Front(WHIP.Front):
    """One server, with its answers made odd."""

    def __init__(self, odd):
        super().__init__()
        self.odd, self.url = odd, None
        self.offers = 0
        self.said_limit = False
        self.types = set()      # of the units of H.264

    def watch(self, session, answer):
        # A packet that is sent again begins with a sequence number: it has another payload type.
        numbers = {int(number) for number in re.findall(r'a=rtpmap:(\d+) H264', answer)}
        for receiver in session.pc.getReceivers():
            handle = receiver._handle_rtp_packet

            async def seen(packet, *others, handle=handle, **more):
                if packet.payload_type in numbers and packet.payload:
                    self.types.add(packet.payload[0] & 0x1f)
                await handle(packet, *others, **more)

            receiver._handle_rtp_packet = seen

    async def post(self, request):
        self.offers += 1
        response = await super().post(request)
        for session in self.sessions.values():
            if self.odd.whole:
                self.watch(session, response.text)
            self.watch_limits(session)
        response.set_status(self.odd.status)
        response.text = self.odd.sdp(response.text)
        response.headers.update(self.odd.headers)
        for name in self.odd.lacks:
            del response.headers[name]
        if self.odd.cookie:
            response.headers['Set-Cookie'] = 'node=7; Path=/; HttpOnly'
        return response

    def watch_limits(self, session):
        """aiortc tells nobody of the REMB that it sends."""
        for receiver in session.pc.getReceivers():
            send = receiver._send_rtcp

            async def send_and_count(packet, send=send):
                self.said_limit |= getattr(packet, 'fci', b'').startswith(b'REMB')
                await send(packet)

            receiver._send_rtcp = send_and_count

    def find(self, request):
        if self.odd.cookie and 'node=7' not in request.headers.get('Cookie', ''):
            WHIP.fail(web.HTTPNotFound, 'no such session on this node')
        return super().find(request)

    async def patch(self, request):
        return web.Response(status=self.odd.patch) if self.odd.patch else await super().patch(request)

    def has_enough(self):
        """Of each stream that it takes, in one session: pictures, and a tone."""
        if self.odd.limits and not self.said_limit:
            return False
        for session in self.sessions.values():
            kinds = {s.kind for s in session.streams
                     if s.frames >= ENOUGH and (s.kind == 'video' or s.energy > 0)}
            if kinds >= self.odd.kinds:
                return not self.odd.whole or max(self.types, default=24) < 24
        return False


async def try_one(name):
    front = Front(ODD[name])
    async with serve(front) as url:
        decoded, output = await broadcast(front, LAUNCH.format(url=url, audio=front.odd.audio,
                                                                        video=front.odd.video)
                                          + ' ' + front.odd.settings)
        if not decoded:
            print(output[-3000:])
            for session in front.sessions.values():
                print(await session.report())
    print(f"{name}: {'decoded' if decoded else 'NOT decoded'}, offers: {front.offers}", flush=True)
    return decoded


if __name__ == '__main__':
    run(try_one, sys.argv[1:] or list(ODD))
