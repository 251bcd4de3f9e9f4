# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the packets at both ends of a link, and the frames at the server, say of a broadcast on it."""

import bisect
import collections

FPS = 30
# One step of what is told over time
STEP_S = 0.25
# Longer between two frames and viewers see it; longer between two packets of sound and they hear it.
FREEZE_S, SILENCE_S = 0.2, 0.1
# Settled: sending fits the link from then on for 2 s
FITS = (0.6, 1.08)
SETTLED_QUEUE_MS = 60
# Of a phase, what is not yet judged as settled: a third, and at the most 10 s
EARLY_S = 10
# From here on a sender must have seen that a link became thin.
REACTION_S = 1.5
# Who sends less for long, while the link carries twice of it, has lost the picture for nothing.
LITTLE_KBPS = 300
# Of the link: nobody who adapts should send so little for long.
STARVED = 0.3
# After losses a link carries less than it seems.
CARRIES = 0.9

Packet = collections.namedtuple('Packet', 'sent bits kind arrived uplink repeated stamp', defaults=(None,))
# RFC 4588 4: the number of the packet that is sent again
OSN_BITS = 16


def percentile(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))] if values else None


def read(path):
    """(time in s, way, interface, bits, kind, payload type, (ssrc, sequence number, timestamp))"""
    with open(path) as file:
        for line in file:
            words = line.split()
            if len(words) == 9:
                yield (int(words[0]) / 1e6, words[1], words[2], int(words[3]) * 8, words[4],
                       (int(words[8]), int(words[6]), int(words[7])))


def kind_of(kinds, ssrc):
    """Sound, picture or repairs of ours, or somebody else's"""
    name, kind = kinds.get(ssrc, ('live', 'rtx'))
    return kind if name == 'live' else 'other'


def match(kinds, sent_path, got_path):
    """Each packet that was sent, with the time of its arrival. The same one may go twice, to repair or
    on two uplinks."""
    arrivals = collections.defaultdict(list)
    for at, way, _, _, kind, key in read(got_path):
        if way == 'i' and kind == 'rtp':
            arrivals[key].append(at)
    packets, seen = [], collections.Counter()
    for at, way, uplink, bits, kind, key in read(sent_path):
        if way != 'o':
            continue
        if kind != 'rtp':
            packets.append(Packet(at, bits, kind, None, uplink, False))
            continue
        times = arrivals[key]
        # The last that were sent are those that arrived: of the first ones nothing was heard.
        arrived = next((times.pop(i) for i, time in enumerate(times) if time >= at - 0.001), None)
        packets.append(Packet(at, bits, kind_of(kinds, key[0]), arrived, uplink, seen[key] > 0, key[2]))
        seen[key] += 1
    return packets


def media_of(packets):
    return [p for p in packets if p.kind in ('video', 'audio', 'rtx')]


def in_vain(packets):
    """Those that were sent again although the first one arrived. What a repair repeats is encrypted, but it has
    that packet's timestamp and, but for the number, its size."""
    lost = collections.Counter((p.stamp, p.bits) for p in packets
                               if p.kind != 'rtx' and not p.repeated and not p.arrived)
    vain = []
    for p in packets:
        if p.kind != 'rtx' and not p.repeated:
            continue
        what = (p.stamp, p.bits - (OSN_BITS if p.kind == 'rtx' else 0))
        if lost[what] > 0:
            # If this one is lost, too, the next is not in vain.
            lost[what] -= bool(p.arrived)
        else:
            vain.append(p)
    return vain


class Window:
    """The packets of one phase; times are since its begin."""

    def __init__(self, phase, packets):
        self.phase, self.seconds = phase, phase['end'] - phase['begin']
        self.times = [p.sent for p in packets]
        self.packets = packets

    def between(self, begin, end):
        here = self.phase['begin']
        return self.packets[bisect.bisect_left(self.times, here + begin):bisect.bisect_left(self.times, here + end)]

    def rate(self, begin, end, arrived=False):
        """kbit/s"""
        return sum(p.bits for p in self.between(begin, end)
                   if p.arrived or not arrived) / (end - begin) / 1000 if end > begin else 0

    def queues(self, begin, end):
        delays = self.phase.get('delays', {})
        return [max((p.arrived - p.sent) * 1000 - delays.get(p.uplink, self.phase['delay']), 0)
                for p in self.between(begin, end) if p.arrived]

    def settled(self):
        """When sending began to fit for 2 s, with a short queue; None: never"""
        link = self.phase['link']
        for begin in range(0, int((self.seconds - 2.5) * 10)):
            begin /= 10
            rates = [self.rate(begin + step / 2, begin + step / 2 + 0.5) for step in range(4)]
            if (all(FITS[0] * link <= rate <= FITS[1] * link for rate in rates)
                    and (percentile(self.queues(begin, begin + 2), 0.75) or 0) < SETTLED_QUEUE_MS):
                return begin
        return None

    def filled(self, part=0.85):
        """When so much of the link was used for a second; None: never"""
        for begin in range(0, int((self.seconds - 1.5) * 10)):
            if self.rate(begin / 10, begin / 10 + 1, arrived=True) >= part * self.phase['link']:
                return begin / 10 + 1
        return None


def gaps(times, begin, end):
    inside = [begin] + [t for t in times if begin < t < end] + [end]
    return [b - a for a, b in zip(inside, inside[1:])]


def rounded(value, digits=0):
    return None if value is None else round(value, digits) if digits else round(value)


def share(part, whole):
    return round(100 * part / whole, 1) if whole else 0.0


def figures_of(window, frames, delays):
    phase, seconds = window.phase, window.seconds
    link, begin, end = phase['link'], phase['begin'], phase['end']
    early = min(EARLY_S, seconds / 3)
    packets = window.between(0, seconds)
    late = window.queues(early, seconds)
    shown = [at for at, _ in frames if begin <= at < end]
    holes = gaps(shown, begin, end)
    sound = [p for p in packets if p.kind == 'audio' and not p.repeated]
    silences = gaps(sorted(p.arrived for p in sound if p.arrived), begin, end) if sound else []
    repairs = sum(p.bits for p in packets if p.kind == 'rtx' or p.repeated)
    vain = sum(p.bits for p in in_vain(packets))
    after = [window.rate(s / 4, s / 4 + 1) for s in range(int(4 * REACTION_S), int(4 * (seconds - 1)))]
    most = max((window.rate(s / 4, s / 4 + 1, True) for s in range(int(4 * (seconds - 1)))), default=0)
    waits = [delay for at, delay in delays if begin <= at < end]
    return {
        'text': phase['text'], 'link_kbps': link, 'seconds': round(seconds, 1),
        'sent_kbps': rounded(window.rate(0, seconds)), 'got_kbps': rounded(window.rate(early, seconds, True)),
        # In any second
        'got_peak_kbps': rounded(most),
        'settled_s': window.settled() if link else None, 'filled_s': window.filled() if link else None,
        'used': rounded(window.rate(early, seconds, True) / link, 3) if link else None,
        # From 1.5 s on, of the link: altogether, and the most of any second
        'sent_ratio': rounded(window.rate(REACTION_S, seconds) / link, 3) if link else None,
        'sent_peak': rounded(max(after, default=0) / link, 3) if link else None,
        'queue_p50_ms': rounded(percentile(late, 0.5)), 'queue_p95_ms': rounded(percentile(late, 0.95)),
        'queue_peak_ms': rounded(max(window.queues(0, seconds), default=None)),
        'lost_percent': share(sum(not p.arrived for p in packets), len(packets)),
        'frames_percent': share(len(shown), seconds * FPS), 'gap_ms': rounded(max(holes) * 1000),
        'freezes': sum(hole > FREEZE_S for hole in holes),
        'frozen_s': round(sum(hole for hole in holes if hole > FREEZE_S), 1),
        # Of a frame's way from its source, beyond the shortest of the run
        'late_p50_ms': rounded(percentile(waits, 0.5)), 'late_p95_ms': rounded(percentile(waits, 0.95)),
        'late_peak_ms': rounded(max(waits, default=None)),
        'repairs_percent': share(repairs, sum(p.bits for p in packets)),
        'vain_percent': share(vain, sum(p.bits for p in packets)),
        # What arrives of the picture itself
        'video_kbps': rounded(sum(p.bits for p in window.between(early, seconds) if p.kind == 'video' and p.arrived
                                  and not p.repeated) / (seconds - early) / 1000),
        'sound_lost_percent': share(sum(not p.arrived for p in sound), len(sound)),
        'sound_gaps': sum(gap > SILENCE_S for gap in silences),
        'sound_gap_ms': rounded(max(silences, default=0) * 1000),
        # By a tenth of the packets and more
        'uplinks_used': sum(n >= 0.1 * len(packets) for n in collections.Counter(p.uplink for p in packets).values()),
        'first_uplink_percent': share(sum(p.uplink == 'up0' for p in packets), len(packets)),
        'uplinks': {name: share(n, len(packets)) for name, n in
                    sorted(collections.Counter(p.uplink for p in packets).items())},
    }


def frames_of(events):
    """(time, RTP timestamp, or number where it is not told) of each frame that can be decoded, in order"""
    told = {}
    for event in events:
        if event['event'] == 'frame' and event.get('name') == 'live':
            told.setdefault((event['id'], int(event.get('ts', event.get('n')))), event['at'])
    return sorted((at, (session, stamp)) for (session, stamp), at in told.items())


def delays_of(frames):
    """How long each frame was under way, in ms beyond the shortest of its session."""
    shortest, delays, first = {}, [], {}
    for at, (session, stamp) in frames:
        # The numbers wrap after 13 hours; the distance to the first one tells which turn it is.
        origin = first.setdefault(session, stamp)
        source = ((stamp - origin + 2**31) % 2**32 - 2**31) / 90000
        delays.append((at, session, at - source))
        shortest[session] = min(shortest.get(session, at - source), at - source)
    return [(at, 1000 * (delay - shortest[session])) for at, session, delay in delays]


def over_time(phases, packets, everything, frames):
    """Rates in kbit/s and queues in ms for each step; since the first phase began"""
    begin, end = phases[0]['begin'], phases[-1]['end']
    rows = [[0, 0, 0, [], 0, 0] for _ in range(int((end - begin) / STEP_S) + 1)]
    for p in packets:
        if not begin <= p.sent < end:
            continue
        row = rows[int((p.sent - begin) / STEP_S)]
        row[0] += p.bits
        if p.arrived:
            row[1] += p.bits
            row[3].append((p.arrived - p.sent) * 1000 - phases[0]['delay'])
        else:
            row[4] += 1
    for p in everything:
        if begin <= p.sent < end and p.kind in ('other', 'tcp'):
            rows[int((p.sent - begin) / STEP_S)][2] += p.bits
    for at, _ in frames:
        if begin <= at < end:
            rows[int((at - begin) / STEP_S)][5] += 1
    scale = 1000 * STEP_S
    return {'step_s': STEP_S,
            'sent_kbps': [round(row[0] / scale) for row in rows],
            'got_kbps': [round(row[1] / scale) for row in rows],
            'others_kbps': [round(row[2] / scale) for row in rows],
            'queue_ms': [rounded(max(row[3], default=None)) for row in rows],
            'lost': [row[4] for row in rows], 'frames': [row[5] for row in rows]}


def longest(flags):
    """How long the seconds in a row were, one from each step on, of which it was so"""
    most = row = 0
    for flag in flags:
        row = row + 1 if flag else 0
        most = max(most, row)
    return (most - 1) * STEP_S + 1 if most else 0


def starving(phases, packets):
    """How long less media were sent than the link carries, whatever it was in the meantime"""
    media = [p for p in packets if p.kind != 'rtx' and not p.repeated]
    window = Window({'begin': phases[0]['begin'], 'end': phases[-1]['end']}, media)
    # What it carries all through a second, for each second
    seconds = []
    for step in range(int((window.seconds - 1) / STEP_S) + 1):
        begin = step * STEP_S
        at = window.phase['begin'] + begin
        could = min(min(phase['link'] or phase['most'], phase['most']) for phase in phases
                    if phase['begin'] < at + 1 and phase['end'] > at) * CARRIES
        seconds.append((window.rate(begin, begin + 1), could))
    return {'little_s': longest(rate < LITTLE_KBPS and could >= 2 * LITTLE_KBPS for rate, could in seconds),
            'starved_s': longest(rate < STARVED * could for rate, could in seconds)}


def told_after(events, begin, end, wanted):
    found = [event for event in events if begin <= event['at'] < end and wanted(event)]
    return round(found[0]['at'] - begin, 2) if found else None


def measure(phases, kinds, sent_path, got_path, frames_told, said):
    """phases: text, link, begin, end, delay of each; kinds: SSRC -> (name, kind)"""
    everything = match(kinds, sent_path, got_path)
    packets = media_of(everything)
    frames = frames_of(frames_told)
    delays = delays_of(frames_of([event for event in frames_told if 'ts' in event]))
    told = []
    for phase in phases:
        figures = figures_of(Window(phase, packets), frames, delays)
        # How fast it gets up again is a question only where there is more than before.
        figures['rises'] = bool(told) and 0 < told[-1]['link_kbps'] < figures['link_kbps']
        begin, end = phase['begin'], phase['end']
        figures['target_s'] = told_after(said, begin, end, lambda e: e['event'] == 'target')
        figures['too_thin_s'] = told_after(said, begin, end, lambda e: e['event'] == 'warning')
        others = sum(p.bits for p in everything if begin <= p.sent < end and p.kind in ('other', 'tcp'))
        figures['others_kbps'] = round(others / (end - begin) / 1000)
        told.append(figures)
    begin = phases[0]['begin']
    return {'phases': told, 'whole': starving(phases, packets),
            'over_time': over_time(phases, packets, everything, frames),
            'marks': [round(phase['begin'] - begin, 2) for phase in phases],
            'messages': [[round(event['at'] - begin, 2), event.get('name', ''), event.get('strategy', '')]
                         for event in said if event['event'] == 'message' and event['at'] >= begin],
            'targets': [[round(event['at'] - begin, 2), event] for event in said
                        if event['event'] == 'target' and event['at'] >= begin]}


def number(value, unit=''):
    return '-' if value is None else f'{value:g}{unit}'


def describe(figures):
    """One line"""
    link = f", link {figures['link_kbps']} kbit/s" if figures['link_kbps'] else ''
    return (f"{figures['text']}{link}: settled {number(figures['settled_s'], ' s')}, "
            + (f"85 % after {number(figures['filled_s'], ' s')}, " if figures['rises'] else '')
            + f"used {number(figures['used'])}, video {figures['video_kbps']} kbit/s,"
            f" sent {figures['sent_kbps']} kbit/s (x{number(figures['sent_ratio'])}), queue"
            f" {number(figures['queue_p50_ms'])}/{number(figures['queue_p95_ms'])}/{number(figures['queue_peak_ms'])} ms,"
            f" lost {figures['lost_percent']} %, frames {figures['frames_percent']} %, longest gap {figures['gap_ms']} ms,"
            f" {figures['freezes']} freezes, late {number(figures['late_p50_ms'])}/{number(figures['late_p95_ms'])}/"
            f"{number(figures['late_peak_ms'])} ms, repairs {figures['repairs_percent']} % (in vain"
            f" {figures['vain_percent']} %), sound lost {figures['sound_lost_percent']} %, {figures['sound_gaps']} gaps"
            + (f", uplinks {'/'.join(f'{part:g}' for part in figures['uplinks'].values())} %"
               if len(figures['uplinks']) > 1 else '')
            + (f", others {figures['others_kbps']} kbit/s" if figures['others_kbps'] > 20 else ''))
