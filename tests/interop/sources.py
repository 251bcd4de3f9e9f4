#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sources as broadcasters have them, on air at a receiver that is not ours, through faults.

Each source flashes and beeps every two seconds. aiortc decodes what arrives; what it says, and
what the sender says of itself, is checked: sound and picture together, latency flat, no hole that
was not told, and a recording branch that never waits.

  sources.py                                  as ./run test does
  sources.py --seconds 600 --faults 5         as ./run figures does
Without --seconds each source is on air until enough flashes and beeps have arrived, and no judgement
depends on how fast the machine is: they are counted, and the timestamps say whether they belong together.
Sizes are small, and few run beside each other: two cores encode and decode them in time.
"""

import argparse
import asyncio
import dataclasses
import json
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PYTHON = '/usr/bin/python3'     # has aiortc and the introspection of GStreamer

# What is wanted
OFFSET_MS = 60
FLAT_MS = 200
PERIOD_S = 2.0
LATE_S = 4.0        # a hole that is longer has to be told: stream-timeout, and a look each second
STREAM_TIMEOUT_MS = 2500
PATIENCE_S = 60     # for the first frame: GOPs of 10 s, and a machine under load
MARKS = 8           # flashes and beeps that have to arrive where no time is given
MARKS_S = 240       # for them; they take 16 s
WIDE_STEP_S = 0.1   # a flash may have begun anywhere in such a step: frames were left out
BACK_S = 20         # after the last fault, to see how it ends
JOBS = 3            # sources beside each other
FAULTS = ('cut', 'loss', 'close', 'kill', 'freeze')

SINK = f'rcastsink name=r stream-timeout={STREAM_TIMEOUT_MS} location={{url}}'
SCREEN = 'videotestsrc is-live=true pattern=ball ! video/x-raw,{caps} ! videobalance name=flash0'
TONE = 'audiotestsrc is-live=true ! audio/x-raw,{caps} ! volume name=beep0 volume=0'
# To the sink, and to a recording that must not notice anything. Raw pictures go by a queue that leaks, as
# in front of any encoder that may be too slow: a live broadcast leaves frames out rather than be late.
TEE = 'tee name=tee{n} tee{n}. ! {queue} ! r. tee{n}. ! queue ! fakesink name=rec{n} sync=false async=false'
LEAKY = 'queue leaky=downstream max-size-buffers=3 max-size-time=0 max-size-bytes=0'
MOVIE = "testsrc2=size=320x180:rate=25,drawbox=t=fill:color=white:enable='lt(mod(t\\,2)\\,1)'"
BEEPS = 'aevalsrc=0.5*sin(2*PI*1000*t)*lt(mod(t\\,2)\\,1):s=48000'
H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p']
RTP = ('udpsrc address=127.0.0.1 port={port} caps="application/x-rtp,media={media},clock-rate={rate},'
       'encoding-name={name},payload={type}{more}"')


def raw(n, source, queue='queue'):
    return f'{source} ! {TEE.format(n=n, queue=queue)}'


@dataclasses.dataclass
class Source:
    """What is sent, and which of the claims it can be held to."""

    name: str
    start: object = None        # async (source, folder) -> launch line without sink
    periods: dict = dataclasses.field(default_factory=dict)  # of streams with clocks of their own
    live: bool = True           # arrives in pace with the clock
    flat: tuple = ('audio', 'video')    # kinds of streams whose latency does not change
    helpers: list = dataclasses.field(default_factory=list)
    fds: list = dataclasses.field(default_factory=list)

    async def run_ffmpeg(self, folder, *arguments, fds=()):
        log = open(folder / 'ffmpeg.log', 'ab')
        self.helpers.append(await asyncio.create_subprocess_exec(
            'ffmpeg', '-nostdin', '-hide_banner', '-loglevel', 'warning', '-y', *arguments,
            stdout=log, stderr=log, pass_fds=fds))
        return self.helpers[-1]


def free_port():
    """An even one, whose successor is for RTCP."""
    import socket
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(('127.0.0.1', 0))
            port = s.getsockname()[1]
            if port % 2 == 0:
                return port


async def interlaced(source, folder):
    picture = SCREEN.format(caps='width=320,height=180,framerate=50/1,format=I420')
    tone = TONE.format(caps='rate=48000,channels=8,channel-mask=(bitmask)0x0')
    return raw(0, f'{picture} ! interlace field-pattern=1:1', LEAKY) + ' ' + raw(1, tone)


async def vfr(source, folder):
    picture = SCREEN.format(caps='width=320,height=180,framerate=60/1,format=NV12')
    phone = 'identity name=vfr0 ! capssetter caps="video/x-raw,framerate=(fraction)0/1"'
    return (raw(0, f'{picture} ! {phone}', LEAKY) + ' '
            + raw(1, TONE.format(caps='rate=44100,channels=1')))


async def counted(source, folder):
    picture = SCREEN.format(caps='width=320,height=180,framerate=30000/1001,format=I420')
    return (raw(0, f'{picture} ! identity name=counted0', LEAKY) + ' '
            + raw(1, TONE.format(caps='rate=48000,channels=2')))


async def pipe(source, folder):
    ends = [os.pipe(), os.pipe()]
    await source.run_ffmpeg(
        folder, '-re', '-f', 'lavfi', '-i', MOVIE, '-re', '-f', 'lavfi', '-i', BEEPS,
        '-map', '0', *H264, '-g', '50', '-f', 'h264', f'pipe:{ends[0][1]}',
        '-map', '1', '-ac', '2', '-f', 's16le', f'pipe:{ends[1][1]}', fds=[e[1] for e in ends])
    for end in ends:
        os.close(end[1])
    source.fds = [e[0] for e in ends]
    return (raw(0, f'fdsrc fd={ends[0][0]} ! h264parse') + ' '
            + raw(1, f'fdsrc fd={ends[1][0]} blocksize=3840 ! rawaudioparse num-channels=2 sample-rate=48000'))


async def rtp(source, folder, *more, size=None, rate=None, audio=True, first=0):
    """ffmpeg's RTP. Key frames come when they come."""
    ports = [free_port(), free_port()]
    pace = ['-readrate', str(rate)] if rate else ['-re']
    query = f'?pkt_size={size}' if size else ''
    sdp = folder / f'{first}.sdp'
    await source.run_ffmpeg(
        folder, *pace, '-f', 'lavfi', '-i', MOVIE, *pace, '-f', 'lavfi', '-i', BEEPS, '-sdp_file', str(sdp),
        '-map', '0', *H264, *more, '-f', 'rtp', f'rtp://127.0.0.1:{ports[0]}{query}',
        *(['-map', '1', '-ac', '2', '-c:a', 'libopus', '-f', 'rtp', f'rtp://127.0.0.1:{ports[1]}{query}']
          if audio else []))
    # It prints one again for each of its outputs.
    while not (sdp.exists() and (text := sdp.read_text()).count('a=rtpmap:') >= (2 if audio else 1)):
        await asyncio.sleep(0.1)
    sets = re.search(r'sprop-parameter-sets=([^;\s]+)', text)
    picture = RTP.format(port=ports[0], media='video', rate=90000, name='H264', type=96,
                         more=',packetization-mode=(string)1' + (
                             f',sprop-parameter-sets=(string)\\"{sets[1]}\\"' if sets else ''))
    tone = RTP.format(port=ports[1], media='audio', rate=48000, name='OPUS', type=97, more='')
    line = raw(first, picture)
    return line + ' ' + raw(first + 1, tone) if audio else line


async def rtsp(source, folder):
    """Parameter sets are in the SDP only, and key frames 10 s apart."""
    return await rtp(source, folder, '-g', '250', '-flags', '+global_header', size=1200)


async def udp(source, folder):
    """The defaults: packets of 1472 bytes, and ten seconds between key frames."""
    return await rtp(source, folder)


async def cameras(source, folder):
    """The second clock is a tenth of a percent faster."""
    one = await rtp(source, folder, '-g', '50')
    return one + ' ' + await rtp(source, folder, '-g', '50', rate=1.001, audio=False, first=2)


async def loop(source, folder):
    movie = folder / 'movie.ts'
    making = await source.run_ffmpeg(
        folder, '-t', '10', '-f', 'lavfi', '-i', MOVIE, '-t', '10', '-f', 'lavfi', '-i', BEEPS,
        *H264, '-g', '50', '-c:a', 'aac', '-ac', '2', '-shortest', str(movie))
    await making.wait()
    return (f'multifilesrc location={movie} loop=true ! tsdemux name=d '
            'd. ! queue ! h264parse ! ' + TEE.format(n=0, queue='queue')
            + ' d. ! queue ! aacparse ! avdec_aac ! audioconvert ! audioresample ! ' + TEE.format(n=1, queue='queue'))


SOURCES = (
    Source('interlaced', interlaced),
    Source('rtsp', rtsp),
    Source('pipe', pipe),
    Source('vfr', vfr),
    Source('counted', counted),
    Source('udp', udp),
    Source('loop', loop, live=False),
    Source('cameras', cameras, periods={'video1': PERIOD_S / 1.001}),
)


class Child:
    """A program that prints JSON, a line for each event."""

    def __init__(self, name, folder):
        self.events, self.log, self.process = [], open(folder / f'{name}.log', 'ab', buffering=0), None
        self.reading = None

    async def start(self, *argv, fds=()):
        self.process = await asyncio.create_subprocess_exec(
            PYTHON, *argv, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=self.log, pass_fds=fds, limit=1 << 20)
        self.reading = asyncio.ensure_future(self.read())

    async def read(self):
        while line := await self.process.stdout.readline():
            self.log.write(line)
            try:
                self.events.append(json.loads(line))
            except ValueError:
                pass

    async def stop(self, number=signal.SIGTERM):
        if self.process and self.process.returncode is None:
            self.process.send_signal(number)
            try:
                await asyncio.wait_for(self.process.wait(), 20)
            except asyncio.TimeoutError:
                self.process.kill()
                await self.process.wait()
        if self.reading:
            await self.reading


class Show:
    """One source on its way to one receiver."""

    def __init__(self, source, folder, seconds, n_faults, seed):
        self.source, self.folder, self.seconds = source, folder, seconds
        self.random = random.Random(f'{seed} {source.name}')
        self.view, self.cast = Child('view', folder), Child('cast', folder)
        self.faults = self.plan(n_faults)
        self.told, self.began, self.ended, self.loads = [], None, None, []

    def plan(self, n):
        times = sorted(self.random.uniform(0.05, 0.9) * max((self.seconds or 0) - BACK_S, 0) for _ in range(n))
        return [(t, self.random.choice(FAULTS), round(self.random.uniform(1, 8), 1)) for t in times]

    async def start_view(self, port):
        await self.view.start(str(HERE / 'sources_view.py'), '--port', str(port))
        seen = len(self.view.events)
        while not any(e['event'] == 'listening' for e in self.view.events[seen:]):
            await asyncio.sleep(0.05)
            if self.view.reading.done():
                raise RuntimeError('the receiver does not start')
        return next(e for e in reversed(self.view.events) if e['event'] == 'listening')['url']

    async def spoil(self, kind, seconds):
        self.told.append({'at': round(time.monotonic() - self.began, 1), 'fault': kind, 'seconds': seconds})
        if kind == 'kill':
            await self.view.stop(signal.SIGKILL)
            await asyncio.sleep(seconds)
            await self.start_view(self.port)
        elif kind == 'freeze':
            self.view.process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(seconds)
            self.view.process.send_signal(signal.SIGCONT)
        else:
            self.view.process.stdin.write(f'{kind} {seconds}\n'.encode())

    async def wait_for_picture(self):
        end = time.monotonic() + PATIENCE_S
        while not edges_of(self, 'video0'):
            if self.cast.reading.done() or time.monotonic() > end:
                raise TimeoutError(f'no picture; the sender says {self.cast.events[-2:]}')
            await asyncio.sleep(0.1)

    async def pass_until(self, end):
        while True:
            self.loads.append(os.getloadavg()[0])
            left = end - time.monotonic()
            if left <= 0:
                return
            await asyncio.sleep(min(left, 5))

    def missing_marks(self):
        """Returns the streams that have not brought all of their marks, with how many they have."""
        names = ['audio0', 'video0', *self.source.periods]
        counts = {name: len(edges_of(self, name)) for name in names}
        return {name: n for name, n in counts.items() if n < MARKS}

    async def wait_for_marks(self):
        self.began = time.monotonic()
        self.loads.append(os.getloadavg()[0])
        while self.missing_marks() and not self.cast.reading.done() and time.monotonic() < self.began + MARKS_S:
            self.loads.append(os.getloadavg()[0])
            await asyncio.sleep(0.5)

    async def pass_with_faults(self):
        await self.wait_for_picture()
        self.began = time.monotonic()
        for at, kind, seconds in self.faults:
            await self.pass_until(self.began + at)
            await self.spoil(kind, seconds)
        await self.pass_until(self.began + self.seconds)

    async def run(self):
        try:
            url = await self.start_view(0)
            self.port = int(re.search(r':(\d+)/', url)[1])
            line = await self.source.start(self.source, self.folder)
            await self.cast.start(str(HERE / 'sources_cast.py'), SINK.format(url=f'whip+{url}') + ' ' + line,
                                  fds=self.source.fds)
            for fd in self.source.fds:
                os.close(fd)
            await (self.pass_with_faults() if self.seconds else self.wait_for_marks())
            self.ended = time.monotonic()
        finally:
            await self.cast.stop()
            await self.view.stop()
            for helper in self.source.helpers:
                if helper.returncode is None:
                    helper.kill()
                    await helper.wait()
        return judge(self)


# --- what is made of it ---

def edges_of(show, stream):
    return [e for e in show.view.events if e['event'] == 'edge' and e['stream'] == stream]


def offset_ms(show, start):
    """Of picture and sound, by the sender reports: how much later the picture is. Median"""
    sounds = [e['ntp'] for e in edges_of(show, 'audio0') if e['arrival'] >= start and e['ntp']]
    pairs = []
    for flash in edges_of(show, 'video0'):
        near = min(sounds, key=lambda ntp: abs(ntp - flash['ntp']), default=None) if flash['ntp'] else None
        if near is not None and flash['arrival'] >= start and abs(near - flash['ntp']) < PERIOD_S / 2:
            late = flash['ntp'] - near
            pairs.append(1000 * (max(late - flash['step'], 0) if late > 0 and flash['step'] > WIDE_STEP_S else late))
    return round(statistics.median(pairs), 1) if pairs else None


def growth_ms(show, stream):
    """How much later marks arrive in the last quarter than in the first, within half a period."""
    period = show.source.periods.get(stream, PERIOD_S)
    arrivals = [e['arrival'] for e in edges_of(show, stream)]
    quarter = (show.ended - show.began) / 4
    early = [at for at in arrivals if at < show.began + quarter]
    last = [at for at in arrivals if at > show.ended - quarter]
    if not early or not last:
        return None

    def late(at):
        return (at - early[0] + period / 2) % period - period / 2

    grown = statistics.median(map(late, last)) - statistics.median(map(late, early))
    return round(((grown + period / 2) % period - period / 2) * 1000, 1)


def drift_ms(show, stream):
    """The same by the timestamps and the sender reports alone, of flashes in steps that are not wide."""
    period = show.source.periods.get(stream, PERIOD_S)
    times = [e['ntp'] for e in edges_of(show, stream) if e['ntp'] and e['step'] <= WIDE_STEP_S]
    if len(times) < MARKS // 2:
        return None
    late = [(at - times[0] + period / 2) % period - period / 2 for at in times]
    return round((statistics.median(late[-2:]) - statistics.median(late[:2])) * 1000, 1)


def holes(show):
    """[stream, from, to] of all silences, also those between two sessions"""
    found, open_since = [], {}
    for e in show.view.events:
        if e['event'] == 'hole':
            found.append((e['stream'], e['start'], e['end']))
        elif e['event'] == 'end':
            open_since[e['stream']] = e['at']
        elif e['event'] == 'begin' and e['stream'] in open_since:
            found.append((e['stream'], open_since.pop(e['stream']), e['at']))
    return [h for h in found if h[2] - h[1] > LATE_S and h[2] > show.began and h[1] < show.ended]


def untold(show):
    """Holes in which the sender said all the time that it is on air."""
    messages = [e for e in show.cast.events if e['event'] in ('message', 'warning')]

    def is_told(hole):
        before = [e for e in messages if e['event'] == 'message' and e['at'] < hole[1]
                  and e['name'] in ('broadcasting', 'reconnecting_broadcast', 'signalling')]
        return ((before and before[-1]['name'] != 'broadcasting')
                or any(hole[1] <= e['at'] <= hole[2] for e in messages))

    return [h for h in holes(show) if not is_told(h)]


def recorded(show):
    """Returns lost buffers of the recording branches, and their longest wait in s."""
    counts = next((e for e in reversed(show.cast.events) if e['event'] == 'counts'), {})
    lost, longest = 0, 0.0
    for name, (buffers, _wait) in ((k, v) for k, v in counts.items() if k.startswith('tee')):
        stored, wait = counts[name.replace('tee', 'rec')]
        lost += buffers - stored
        longest = max(longest, wait)
    return (lost, longest) if counts else (None, None)


def judge(show):
    quarter = (show.ended - show.began) / 4
    streams = sorted({e['stream'] for e in show.view.events if e['event'] == 'begin'})
    lost, longest = recorded(show)
    row = {
        'source': show.source.name, 'streams': streams,
        'seconds': round(show.ended - show.began), 'faults': show.told, 'load': round(statistics.mean(show.loads), 1),
        'offset_ms': offset_ms(show, show.ended - quarter if show.seconds else show.began),
        'growth_ms': {s: growth_ms(show, s) for s in streams} if show.source.live else {},
        'holes': [[s, round(a - show.began, 1), round(b - a, 1)] for s, a, b in holes(show)],
        'untold': len(untold(show)), 'recording_lost': lost, 'recording_wait_s': longest,
        'marks': {s: len(edges_of(show, s)) for s in streams},
        'warnings': sorted({e['text'] for e in show.cast.events if e['event'] == 'warning'}),
        'errors': [e['text'] for e in show.cast.events if e['event'] == 'error'],
    }
    faults = judge_time(show, row) if show.seconds else judge_marks(show, row)
    if show.cast.process.returncode != 0:
        faults.append(f'the sender ended with {show.cast.process.returncode}')
    if row['offset_ms'] is None or abs(row['offset_ms']) >= OFFSET_MS:
        faults.append(f'picture and sound are {row["offset_ms"]} ms apart')
    if lost != 0:
        faults.append(f'the recording lost {lost}')
    row['faults_found'] = faults + row['errors']
    return row


def judge_marks(show, row):
    """What was counted, and what the timestamps say"""
    faults = [f'{s} has brought {n} marks of {MARKS}' for s, n in show.missing_marks().items()]
    if show.source.live:
        row['drift_ms'] = {s: drift_ms(show, s) for s in row['streams']}
        faults += [f'the timestamps of {s} moved by {ms} ms' for s, ms in row['drift_ms'].items()
                   if ms is not None and abs(ms) >= FLAT_MS]
    return faults


def judge_time(show, row):
    streams = row['streams']
    last = {s: max((e['arrival'] for e in edges_of(show, s)), default=0) for s in streams}
    faults = []
    if len(streams) < (3 if show.source.periods else 2):
        faults.append(f'only {streams} arrived')
    faults += [f'{s} is off air at the end' for s in streams if last[s] < show.ended - 3 * PERIOD_S]
    faults += [f'latency of {s} grew by {g} ms' for s, g in row['growth_ms'].items()
               if s.startswith(show.source.flat) and (g is None or abs(g) >= FLAT_MS)]
    if row['untold']:
        faults.append(f'{row["untold"]} holes were not told')
    # VFR pauses for a second by itself.
    longest = row['recording_wait_s']
    if longest is None or longest > 2.5:
        faults.append(f'the recording waited for {longest} s')
    return faults


def load_rows(path, arguments):
    """Rows of an earlier run with the same wishes, of the same commit."""
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return {r['source']: r for r in rows if r.get('wish') == wish_of(arguments)}


def wish_of(arguments):
    """What a row depends on, and the commit of all that ran."""
    commit = subprocess.run(['git', '-C', str(HERE), 'rev-parse', 'HEAD'], capture_output=True, text=True, check=False)
    return [arguments.seconds, arguments.faults, arguments.seed, commit.stdout.strip()]


async def run_all(arguments, folder):
    async def run(source):
        own = folder / source.name
        shutil.rmtree(own, ignore_errors=True)
        own.mkdir()
        try:
            return await Show(source, own, arguments.seconds, arguments.faults, arguments.seed).run()
        except (OSError, RuntimeError, TimeoutError) as error:
            return {'source': source.name, 'faults_found': [f'{type(error).__name__}: {error}']}

    wanted = [s for s in SOURCES if not arguments.only or s.name in arguments.only]
    results = folder / 'results.jsonl'
    done = load_rows(results, arguments) if arguments.resume else {}
    slots = asyncio.Semaphore(arguments.jobs)

    async def in_turn(source):
        if source.name in done:
            return done[source.name]
        async with slots:
            row = await run(source)
        print(json.dumps(row), flush=True)
        with open(results, 'a', encoding='utf-8') as file:
            file.write(json.dumps(row | {'wish': wish_of(arguments)}) + '\n')
        return row

    return await asyncio.gather(*map(in_turn, wanted))


def print_table(rows):
    print('| source | load | faults | A/V at the end | latency, last - first quarter '
          f'| holes > {LATE_S:g} s (not told) '
          '| recording: lost, longest wait | |\n|---|---|---|---|---|---|---|---|')
    for r in rows:
        growth = ', '.join(f'{s} {g} ms' for s, g in r.get('growth_ms', {}).items()) or '-'
        kinds = ', '.join(f['fault'] for f in r.get('faults', ())) or '-'
        print(f'| {r["source"]} | {r.get("load", "-")} | {kinds} | {r.get("offset_ms")} ms | {growth} '
              f'| {len(r.get("holes", ()))} ({r.get("untold")}) '
              f'| {r.get("recording_lost")}, {r.get("recording_wait_s")} s '
              f'| {"; ".join(r["faults_found"]) or "right"} |')


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--seconds', type=float, help='how long; otherwise until enough marks have arrived')
    parser.add_argument('--faults', type=int, default=0)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--jobs', type=int, default=JOBS, help='sources beside each other')
    parser.add_argument('--only', type=lambda text: text.split(','))
    parser.add_argument('--keep', type=Path, help='a folder for logs and results')
    parser.add_argument('--resume', action='store_true',
                        help='take rows of the same wishes from the folder of --keep, and run the others')
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        rows = asyncio.run(run_all(arguments, folder))
    print_table(rows)
    wrong = sum(bool(r['faults_found']) for r in rows)
    print(f'{len(rows) - wrong} of {len(rows)} right; {os.cpu_count()} processors, '
          f'load {os.getloadavg()[0]:.1f} at the end')
    return 1 if any(r['faults_found'] for r in rows) else 0


if __name__ == '__main__':
    sys.exit(main())
