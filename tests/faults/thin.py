# SPDX-License-Identifier: LGPL-2.1-or-later
"""Links that are thin, long or lossy but not broken: how well does a broadcast fit them?

net-delay is on both uplinks and both ways, packets are recorded at both ends with the kernel's
time of them. A scenario is a list of phases, each with a link of its own.
"""

import contextlib
import dataclasses
import json
import os
import random
import shutil
import sys
import threading
import time

import contestants
import lab
import thin_figures
import thin_servers

RTT_MS = 40
BULK_PORT = 9000
# From the first frame to the first phase
WARM_S = 2
# What a link is unless a phase says otherwise; rates in kbit/s, 0: any
PLAIN = {'rate': 0, 'buffer': 200, 'loss': 0, 'burst': 1, 'jitter': 0}


@dataclasses.dataclass
class Phase:
    seconds: float
    up: dict                        # of the first uplink, as PLAIN
    text: str = ''
    second: dict = None             # of the second uplink; None: it is down
    third: dict = None              # of the third
    down: dict = dataclasses.field(default_factory=dict)    # towards the caster
    beside: str = ''                # tcp, broadcast: who else uses the link

    def link(self):
        """kbit/s that all uplinks carry together; 0: any"""
        rates = [each.get('rate', 0) for each in self.uplinks() if each is not None and each.get('loss') != 1]
        return sum(rates) if all(rates) else 0

    def uplinks(self):
        return self.up, self.second, self.third


@dataclasses.dataclass
class Thin:
    name: str
    text: str
    phases: list
    most: int = 4000                # kbit/s that who adapts may send
    fixed: int = 2600               # kbit/s of who does not
    rtt: float = RTT_MS
    server: tuple = ()              # switches of rcast-loopback
    settings: tuple = ()            # of rcastsink
    shown: tuple = (0,)             # phases that are told in the summary
    bounds: tuple = ()              # (figure, least, most) of the phases that are shown, for rcastsink
    whole: tuple = ()               # the same of the whole run


def steps(*rates, seconds=13, **more):
    """One phase for each rate in kbit/s."""
    return [Phase(seconds, {'rate': rate, **more}, f'{rate / 1000:g} Mbit/s') for rate in rates]


def half(buffer, seconds=30, before=5):
    return [Phase(before, {'rate': 2200, 'buffer': buffer}, 'wide'),
            Phase(seconds, {'rate': 550, 'buffer': buffer}, '0.55 Mbit/s')]


def lossy(text, **link):
    return [Phase(5, {}, 'wide'), Phase(20, link, text, down=link)]


# Of a link to half: soon no more is sent than it carries, the picture stays, repairs take no more than a
# quarter. Without congestion control it is 2.5 times as much, and 4 % of the frames.
BOUNDS = (('sent_ratio', 0, 1.1), ('frames_percent', 60, 110), ('repairs_percent', 0, 25))
# A buffer that overflows before a queue is seen leaves only loss to go by: in some runs too much is
# sent for seconds (1.25 times, half of the frames).
SHALLOW_BOUNDS = (('sent_ratio', 0, 1.7), ('frames_percent', 25, 110), ('repairs_percent', 0, 25))
DROP = {'seconds': 14, 'buffer': 200}


def bond_bounds(uplinks, least):
    """In some second more arrives than one of the uplinks can carry, and each is used. Of the frames a short
    run may lose many while it finds out what the uplinks carry."""
    return (('got_peak_kbps', least, 2600), ('uplinks_used', uplinks, uplinks), ('frames_percent', 20, 110),
            ('repairs_percent', 0, 25))


# A video that is of no use below that
AT_LEAST = ('video_0::min-bitrate=1000000',)
# All uplinks at once
BOND = ('path-mode=bond',)


def bond(*rates, seconds=20, **delays):
    """A phase with an uplink for each rate in kbit/s, and ways of their own where they are named."""
    names = ('up', 'second', 'third')
    links = {name: {'rate': rate} | ({'delay': delays[name]} if name in delays else {})
             for name, rate in zip(names, rates)}
    return Phase(seconds, links.pop('up'), ' + '.join(f'{rate / 1000:g}' for rate in rates) + ' Mbit/s', **links)


def bond_death(dies):
    """One of two uplinks of 1 Mbit/s is dead for 8 s."""
    dead = {name: {'rate': 1000, **({'loss': 1} if name == dies else {})} for name in ('up', 'second')}
    return [bond(1000, 1000, seconds=8), Phase(8, dead['up'], f'{dies} dead', dead['second']),
            bond(1000, 1000, seconds=10)]


SCENARIOS = [
    Thin('thin-half-50ms', 'half of 1.1 Mbit/s for 30 s, a buffer of 50 ms', half(50), most=1100, fixed=1000,
         shown=(1,)),
    Thin('thin-half-1s', 'half of 1.1 Mbit/s for 30 s, a buffer of 1 s', half(1000), most=1100, fixed=1000,
         shown=(1,)),
    Thin('thin-3-1-3', '3 Mbit/s, then 1, then 3, a buffer of 200 ms', steps(3000, 1000, 3000, **DROP),
         shown=(1, 2)),
    Thin('thin-3-1-3-1s', '3 Mbit/s, then 1, then 3, a buffer of 1 s',
         steps(3000, 1000, 3000, seconds=14, buffer=1000), shown=(1, 2)),
    Thin('thin-swing', '2 and 0.55 Mbit/s in turns every 5 s', steps(*[2000, 550] * 4, seconds=5), shown=(3, 4)),
    Thin('thin-loss-2', '2 % loss by chance, both ways', lossy('2 % loss', loss=0.02), most=1500, fixed=1500,
         shown=(1,)),
    Thin('thin-loss-10', '10 % loss by chance, both ways', lossy('10 % loss', loss=0.1), most=1500, fixed=1500,
         shown=(1,)),
    Thin('thin-bursts', '5 % loss in bursts of 8 packets (Gilbert)', lossy('bursts', loss=0.05, burst=8), most=1500,
         fixed=1500, shown=(1,)),
    Thin('thin-rtt-200', '3 Mbit/s, then 1, then 3 at a round trip of 200 ms', steps(3000, 1000, 3000, **DROP),
         rtt=200, server=('latency-ms=600',), shown=(1, 2)),
    Thin('thin-rtt-600', '3 Mbit/s, then 1, then 3 at a round trip of 600 ms (satellite), a buffer of 500 ms',
         steps(3000, 1000, 3000, seconds=14, buffer=500), rtt=600, server=('latency-ms=1500',), shown=(1, 2)),
    Thin('thin-rtt-600-loss', '3 % loss by chance, both ways, at a round trip of 600 ms; the server waits 0.2 s',
         lossy('3 % loss', loss=0.03), most=1500, fixed=1500, rtt=600, server=('latency-ms=200',), shown=(1,)),
    Thin('thin-jitter', '2 Mbit/s with a jitter of 30 ms, in order', [
        Phase(25, {'rate': 2000, 'jitter': 30}, '2 Mbit/s, jitter', down={'jitter': 30})]),
    Thin('thin-tcp', 'a TCP connection joins for 15 s on 2 Mbit/s', [
        Phase(8, {'rate': 2000}, 'alone'), Phase(15, {'rate': 2000}, 'beside TCP', beside='tcp'),
        Phase(10, {'rate': 2000}, 'alone again')], shown=(1, 2)),
    Thin('thin-two', 'another broadcast joins for 20 s on 2 Mbit/s', [
        Phase(8, {'rate': 2000}, 'alone'), Phase(20, {'rate': 2000}, 'two', beside='broadcast')], shown=(1,)),
    Thin('thin-outage', 'nothing for 4 s on 1 Mbit/s', [
        Phase(10, {'rate': 1000}, '1 Mbit/s'), Phase(4, {'loss': 1}, 'nothing', down={'loss': 1}),
        Phase(14, {'rate': 1000}, 'back')], shown=(0, 2)),
    Thin('thin-first-uplink', 'the first uplink drops to 0.4 Mbit/s, the second has 3', [
        Phase(6, {'rate': 3000}, 'wide', second={'rate': 3000}),
        Phase(24, {'rate': 400}, 'first thin', second={'rate': 3000})], most=1500, fixed=1500, shown=(1,)),
    Thin('thin-first-too-thin', 'the first uplink drops to 0.6 Mbit/s where 1 is needed, the second has 3', [
        Phase(6, {'rate': 3000}, 'wide', second={'rate': 3000}),
        Phase(24, {'rate': 600, 'buffer': 500}, 'first thin', second={'rate': 3000})], most=1500, fixed=1500,
         shown=(1,), settings=AT_LEAST, bounds=(('got_peak_kbps', 900, 2600),)),
    Thin('thin-both-too-thin', 'both uplinks drop to 0.6 Mbit/s where the video takes 1 at least', [
        Phase(6, {'rate': 3000}, 'wide', second={'rate': 3000}),
        Phase(60, {'rate': 600, 'buffer': 500}, 'both thin', second={'rate': 600, 'buffer': 500})], most=1500,
         fixed=1500, shown=(1,), settings=AT_LEAST),
    Thin('thin-bond-one', 'one uplink of 1 Mbit/s, for comparison', [bond(1000)], most=2500, settings=BOND),
    Thin('thin-bond-two', 'two uplinks of 1 Mbit/s each, both used', [bond(1000, 1000)], most=2500, settings=BOND),
    Thin('thin-bond-uneven', 'uplinks of 1.5 and 0.6 Mbit/s, round trips of 40 and 120 ms',
         [bond(1500, 600, second=60)], most=2500, settings=BOND),
    Thin('thin-bond-three', 'three uplinks of 1, 0.6 and 0.4 Mbit/s', [bond(1000, 600, 400)], most=2500,
         settings=BOND),
    Thin('thin-bond-preferred', 'the preferred of two uplinks gets too thin, and wide again',
         [bond(2500, 1000, seconds=10), bond(800, 1000, seconds=20), bond(2500, 1000, seconds=20)], most=1500,
         shown=(0, 1, 2), settings=(*BOND, 'path-preference=<up0,up1>')),
    Thin('thin-bond-first-dies', 'the first of two bonded uplinks is dead for 8 s', bond_death('up'), most=2500,
         shown=(1, 2), settings=BOND),
    Thin('thin-bond-second-dies', 'the second of two bonded uplinks is dead for 8 s', bond_death('second'),
         most=2500, shown=(1, 2), settings=BOND),
    Thin('thin-reports-only', '3 Mbit/s, then 1, then 3; the server sends receiver reports only, one a second',
         steps(3000, 1000, 3000, **DROP), server=('feedback=none', 'report-interval-ms=1000'), shown=(1, 2)),
    Thin('thin-video-200ms', '3 Mbit/s, then 1, then 3; the server sends feedback for the picture every 200 ms',
         steps(3000, 1000, 3000, **DROP), server=('feedback=video', 'feedback-interval-ms=200'), shown=(1, 2)),
    Thin('thin-no-rtx', '2 % loss; the server takes no stream of repairs', lossy('2 % loss', loss=0.02), most=1500,
         fixed=1500, server=('rtx=false',), shown=(1,)),
]
# Of ./run test, two beside each other; counts of seconds, which no busy machine changes much
SHORT = [
    Thin('thin-short-50ms', 'half of 1.1 Mbit/s for 10 s, a buffer of 50 ms', half(50, 10, 3), most=1100, fixed=1000,
         shown=(1,), bounds=SHALLOW_BOUNDS),
    Thin('thin-short-1s', 'half of 1.1 Mbit/s for 10 s, a buffer of 1 s', half(1000, 10, 3), most=1100, fixed=1000,
         shown=(1,), bounds=BOUNDS),
    Thin('thin-short-bond-two', 'two uplinks of 1 Mbit/s for 9 s, both used', [bond(1000, 1000, seconds=9)],
         most=2500, settings=BOND, bounds=bond_bounds(2, 1200)),
    Thin('thin-short-bond-three', 'three uplinks of 0.6 Mbit/s for 9 s, all used', [bond(600, 600, 600, seconds=9)],
         most=2500, settings=BOND, bounds=bond_bounds(3, 900)),
    Thin('thin-short-limits', 'the first of two uplinks has used up its day after some seconds, the second may carry'
         ' 0.7 Mbit/s', [Phase(seconds, {'rate': 3000}, text, second={'rate': 3000})
                         for seconds, text in ((6, 'at first'), (7, 'then'))], most=1500, shown=(1,),
         settings=('path-limits=<up0:500kB/day,up1:700kbit/s>',),
         bounds=(('first_uplink_percent', 0, 0), ('got_peak_kbps', 300, 800), ('repairs_percent', 0, 25))),
]


def random_links(seed, minutes=60):
    """Wide and thin, deep and shallow, clean and lossy, near and far, for so long altogether; dead or nearly so
    now and then."""
    dice, phases, left = random.Random(seed), [], 60 * minutes
    while left > 0:
        rate = dice.randrange(20, 150) if dice.randrange(8) == 0 else round(150 * 26 ** dice.random())
        link = {'rate': rate, 'buffer': dice.choice((50, 100, 200, 500, 1000)),
                'loss': 0 if dice.randrange(2) else round(dice.random() * 0.05, 3),
                'jitter': 0 if dice.randrange(2) else dice.randrange(1, 16), 'delay': dice.randrange(5, 150)}
        seconds = dice.randrange(5, 40)
        phases.append(Phase(seconds, link, ', '.join(f'{name} {value}' for name, value in link.items())))
        left -= seconds
    return phases


def random_hour(seed):
    """Only by its name: it takes long, and no two contestants are compared on it."""
    links = random_links(seed)
    return Thin('thin-random', 'an hour of links that change at random (--seed)', links,
                shown=tuple(range(len(links))),
                bounds=(('repairs_percent', 0, 25),), whole=(('little_s', 0, 5), ('starved_s', 0, 12)))


RANDOM = random_hour(1)
BY_NAME = {scenario.name: scenario for scenario in [*SCENARIOS, *SHORT, RANDOM]}


class ThinLab(lab.Lab):
    """The lab with links that can be changed: queue 0 is up of the first uplink, 1 down of it, and so on."""

    N_UPLINKS = 3

    def _lengthen(self):
        self.links = {}
        queues = [f'--queue={n}' for n in range(2 * self.N_UPLINKS)]
        self.relaying = self.spawn('router', [self.relay, *queues, '--control', f'--delay={self.delay_ms / 2}'],
                                   commands=True)
        if not self.relaying.wait(lambda e: e.get('text') == 'ready', 10):
            raise lab.CannotBe('netfilter queues')
        self.run('router', ' && '.join(
            f'iptables -t mangle -A FORWARD {way} r{uplink} -j NFQUEUE --queue-num {2 * uplink + down} --queue-bypass'
            for uplink in range(self.N_UPLINKS) for down, way in enumerate(('-i', '-o'))))

    def set_link(self, queue, settings):
        wanted = {**PLAIN, 'delay': self.delay_ms / 2, **settings}
        changed = {name: value for name, value in wanted.items()
                   if self.links.get(queue, {}).get(name) != value}
        self.links[queue] = wanted
        if changed:
            self.relaying.command(f'queue {queue} ' + ' '.join(
                f'{name} {value * 1000 if name == "rate" else value}' for name, value in changed.items()))

    def set_phase(self, phase):
        for uplink, up in enumerate(phase.uplinks()):
            # A way back is as long as the way there, and what is dead is so both ways.
            same = {name: value for name, value in (up or {}).items()
                    if name == 'delay' or (name, value) == ('loss', 1)}
            self.set_link(2 * uplink, up or {})
            self.set_link(2 * uplink + 1, {**phase.down, **same})


def fixed_cast(kind):
    return lambda tools, url, scenario: [tools['cast'], f'--contestant={kind}', f'--kbps={scenario.fixed}', '--steady',
                                         f'--url={url}']


def raw_cast(tools, url, scenario):
    # A scenario's settings come last: they win.
    return [tools['cast'], '--contestant=rcastsink', '--raw', '--steady', f'--url={url}', '--set=path-mode=backup',
            f'--set=bitrate={scenario.most * 1000}', *(f'--set={setting}' for setting in scenario.settings)]


def chromium(tools, url, scenario):
    return ['node', os.path.join(tools['here'], 'chromium-cast.cjs'), url, str(scenario.most)]


def ffmpeg(tools, url, scenario):
    return contestants.ffmpeg(tools, [url], (), scenario.fixed)


@dataclasses.dataclass
class Contestant:
    name: str
    text: str
    argv: object                    # argv(tools, url, scenario)
    missing: object = lambda: None
    ours: bool = False


CONTESTANTS = [
    Contestant('rcastsink', 'rcastsink encodes, and may send what the scenario allows', raw_cast, ours=True),
    Contestant('rcastsink-encoded', 'rcastsink with encoded media of a fixed rate', fixed_cast('rcastsink'), ours=True),
    Contestant('webrtcbin', 'stock webrtcbin with encoded media of a fixed rate', fixed_cast('stock')),
    Contestant('ffmpeg', "ffmpeg's WHIP muxer of Debian sid, a fixed rate", ffmpeg, contestants.ffmpeg_missing),
    Contestant('chromium', 'a page of Chromium that publishes noise, with its own control', chromium,
               contestants.chromium_missing),
]
CONTESTANT_BY_NAME = {contestant.name: contestant for contestant in CONTESTANTS}


class ThinRun:
    """One contestant on one scenario's links."""

    def __init__(self, place, scenario, contestant, folder, tools, server='loopback'):
        self.place, self.scenario, self.contestant = place, scenario, contestant
        self.folder, self.tools = folder, tools
        self.server = thin_servers.SERVERS[server](self)
        self.kinds = {}
        self.marks = []
        self.beside = []
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    def spawn(self, space, argv, name):
        return self.place.spawn(space, argv, self.folder / f'{name}.log')

    def sniff(self, space):
        sniffer = self.spawn(space, [sys.executable, os.path.join(self.tools['here'], 'sniff.py'),
                                     str(self.folder / f'{space}.packets')], f'sniff-{space}')
        if not sniffer.wait(lambda e: e['event'] == 'ready', 20):
            raise lab.CannotBe(f'packet sockets, see {self.folder}')
        return sniffer

    def start_beside(self, kind):
        """Who shares the link for a phase"""
        here, address = os.path.join(self.tools['here'], 'bulk.py'), lab.SERVERS[1]
        if kind == 'tcp':
            taker = self.spawn('server', [sys.executable, here, 'take', address, str(BULK_PORT)], 'take')
            taker.wait(lambda e: e['event'] == 'ready', 20)
            self.beside = [self.spawn('caster', [sys.executable, here, 'send', lab.UPLINKS[0], address,
                                                 str(BULK_PORT)], 'bulk'), taker]
        elif kind == 'broadcast':
            self.beside = [self.spawn('caster', self.contestant.argv(
                self.tools, self.server.url('other'), self.scenario), 'other')]

    def stop_beside(self):
        for process in self.beside:
            process.stop()
        self.beside = []

    def learn_kinds(self):
        """What each SSRC carries, as the server tells it."""
        self.kinds.update({ssrc: (name, kind) for ssrc, name, kind in self.server.kinds()})

    def play(self):
        for phase in self.scenario.phases:
            self.place.set_phase(phase)
            self.marks.append(time.time())
            if phase.beside:
                self.start_beside(phase.beside)
            lab_end = time.time() + phase.seconds
            while time.time() < lab_end:
                time.sleep(max(0, min(1, lab_end - time.time())))
                self.learn_kinds()
            self.stop_beside()
        self.marks.append(time.time())

    def measure(self, caster):
        phases = [{'text': phase.text, 'link': phase.link(), 'most': self.scenario.most, 'begin': begin, 'end': end,
                   'delay': self.place.delay_ms / 2,
                   'delays': {f'up{n}': up['delay'] for n, up in enumerate(phase.uplinks()) if up and 'delay' in up}}
                  for phase, begin, end in zip(self.scenario.phases, self.marks, self.marks[1:])]
        # Frames and messages have monotonic times, packets those of the clock.
        ahead = time.time() - lab.now()
        frames, said, counts = ([{**event, 'at': event['at'] + ahead} for event in events] for events in
                                (self.server.frames(), caster.snapshot(), self.server.says()))
        result = thin_figures.measure(phases, self.kinds, self.folder / 'caster.packets',
                                      self.folder / 'server.packets', frames, said)
        for figures, phase in zip(result['phases'], phases):
            figures.update(thin_servers.decoder_says(counts, phase['begin'], phase['end']))
        return result

    def go(self):
        place, scenario = self.place, self.scenario
        place.delay_ms = scenario.rtt
        place.set_phase(scenario.phases[0])
        for uplink, up in enumerate(scenario.phases[0].uplinks()):
            place.link(uplink, up is not None)
            if up is not None:
                place.set_up_uplink(uplink)
        if not self.server.start():
            raise RuntimeError(f'the server does not start, see {self.folder}')
        sniffers = [self.sniff(space) for space in ('caster', 'server')]
        caster = self.spawn('caster', self.contestant.argv(
            self.tools, self.server.url(thin_servers.NAME), scenario), 'caster')
        try:
            if not self.server.wait_frame():
                raise RuntimeError(f'{self.contestant.name} never got a frame across, see {self.folder}')
            time.sleep(WARM_S)
            usage = caster.usage()['cpu']
            self.play()
            usage = (caster.usage()['cpu'] - usage) / (self.marks[-1] - self.marks[0])
        finally:
            self.stop_beside()
            for process in (caster, *sniffers, *self.server.processes()):
                process.stop()
        result = self.measure(caster)
        result['caster_cpu_percent'] = round(100 * usage)
        return result


def run_one(place, scenario, contestant, folder, tools, server='loopback'):
    result = ThinRun(place, scenario, contestant, folder, tools, server).go()
    return {'scenario': scenario.name, 'contestant': contestant.name, 'server': server, 'load': os.getloadavg()[0],
            **result}


def judge(scenario, result):
    """What is not as it must be"""
    return [f"{result['phases'][number]['text']}: {figure} {result['phases'][number][figure]}, not within"
            f' {least} and {most}' for number in scenario.shown for figure, least, most in scenario.bounds
            if not least <= result['phases'][number][figure] <= most] + [
        f"all the time: {figure} {result['whole'][figure]}, not within {least} and {most}"
        for figure, least, most in scenario.whole if not least <= result['whole'][figure] <= most]


def tell(scenario, result):
    """The numbers of each phase that counts, a line each."""
    server = '' if result['server'] == 'loopback' else f" to {result['server']}"
    print(f"{scenario.name} {result['contestant']}{server}: {scenario.text} (load {result['load']:.1f})", flush=True)
    for number in scenario.shown:
        print(f"  {thin_figures.describe(result['phases'][number])}", flush=True)
    for figure, _, _ in scenario.whole:
        print(f"  {figure} {result['whole'][figure]}", flush=True)


def choose(arguments):
    """Scenarios and contestants, as they were asked for"""
    names = [s.name for s in SCENARIOS] if 'thin' in arguments.scenario else arguments.scenario
    known = BY_NAME | {RANDOM.name: random_hour(arguments.seed)}
    wanted = [dataclasses.replace(
        known[name], server=(*known[name].server, *arguments.server_set),
        settings=(*known[name].settings, *arguments.caster_set)) for name in names if name in known]
    asked = arguments.contestant or ['rcastsink']
    chosen = []
    for contestant in CONTESTANTS:
        if contestant.name in asked or 'all' in asked:
            missing = contestant.missing()
            if missing:
                print(f'without {contestant.name}: needs {missing}')
            else:
                chosen.append(contestant)
    return wanted, chosen


def perform_short(tools, out):
    """What ./run test does: two labs beside each other. Returns the exit code."""
    wrong = []
    waiting = list(SHORT)

    def work(place):
        while waiting:
            scenario = waiting.pop(0)
            try:
                result = run_one(place, scenario, CONTESTANT_BY_NAME['rcastsink'], out / scenario.name, tools)
                tell(scenario, result)
                wrong.extend(judge(scenario, result))
            except Exception as error:
                wrong.append(f'{scenario.name}: {error!r}')

    with contextlib.ExitStack() as stack:
        places = [stack.enter_context(ThinLab(tools['relay'], RTT_MS, number)) for number in range(2)]
        threads = [threading.Thread(target=work, args=(place,)) for place in places]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for text in wrong:
        print(f'FAILED {text}')
    return 1 if wrong else 0


def perform(arguments, tools, out, about):
    """One run after the other: they measure time. Returns the exit code."""
    wanted, chosen = choose(arguments)
    server, failed = arguments.server, 0
    missing = thin_servers.SERVERS[server].missing()
    if missing:
        raise lab.CannotBe(missing)
    with open(out / 'thin.jsonl', 'w') as file, ThinLab(tools['relay'], RTT_MS) as place:
        print(json.dumps({'about': about}), file=file, flush=True)
        for number in range(arguments.repeat):
            for scenario in wanted:
                for contestant in chosen:
                    folder = out / f'{scenario.name}-{contestant.name}-{number}'
                    try:
                        result = run_one(place, scenario, contestant, folder, tools, server)
                        result['wrong'] = judge(scenario, result) if contestant.ours else []
                        tell(scenario, result)
                        failed += bool(result['wrong'])
                    except (RuntimeError, OSError) as error:
                        result = {'scenario': scenario.name, 'contestant': contestant.name, 'failed': str(error)}
                        print(f'FAILED {scenario.name} {contestant.name}: {error}', flush=True)
                        failed += contestant.ours
                        place.renew()
                    print(json.dumps(result), file=file, flush=True)
                    place.heal()
    print(f'{out}/thin.jsonl')
    return 1 if failed else 0
