# SPDX-License-Identifier: LGPL-2.1-or-later
"""One broadcast in the lab: its servers, its caster, its viewer, and what they say."""

import json
import time

import lab
import viewers

FPS = 30
CLOCK_RATE = 90000
START_S = 90
FEW_FRAMES = 6      # of a second: a machine that is busy encodes fewer than are wanted
# Media flowed this long before a fault: a report of the server has come, and a
# rejoin's attempt counts as over.
WARM_S = 2


class Failed(Exception):
    """The lab itself could not do its part."""


class Run:
    """One broadcast by one contestant, and what happened to it."""

    counts_at_server = True             # frames_of is of the server, not of the viewer

    def __init__(self, place, contestant, folder, tools, servers=(0,), urls=(0,), settings=(),
                 host=''):
        self.lab = place
        self.folder = folder
        # Logs grow over the lives of a server, not over runs.
        for log in folder.glob('*.log'):
            log.unlink()
        self.tools = tools
        self.servers = {}
        self.server_lives = []
        self.fault_at = self.back_at = None
        self.contestant = contestant
        self.wanted = servers
        self.urls = urls
        self.host = host
        self.helpers = {}
        self.settings = settings
        self.caster = self.viewer = None
        self.yardstick = None           # a plain viewer beside it, if one is wanted
        self.caster_at = None
        self.caster_lives = []

    # --- processes --------------------------------------------------------

    def start_server(self, index, **switches):
        address = lab.SERVERS[index]
        self.add_server(index, [
            self.tools['server'], f'--host={address}', f'--port={lab.PORT}',
            f'--ice-address={address}', '--frames', '--set=session-timeout-ms=10000',
            *(f"--set={name.replace('_', '-')}={value}" for name, value in switches.items())],
            lambda e: e['event'] == 'listening')

    def add_server(self, index, argv, is_ready):
        server = self.lab.spawn('server', argv, self.folder / f'server{index}.log')
        server.index = index
        self.servers[index] = server
        self.server_lives.append(server)
        if not server.wait(is_ready, START_S):
            raise Failed(f'server {index} does not start, see {self.folder}')

    def start_helper(self, name, argv, protocol, port):
        """Beside the servers; it is there when its port is."""
        self.helpers[name] = self.lab.spawn('server', argv, self.folder / f'{name}.log')
        if not self.lab.wait_port('server', protocol, port, START_S):
            raise Failed(f'{argv[0]} does not start, see {self.folder}')

    def locations(self):
        hosts = [self.host or lab.SERVERS[index] for index in self.urls]
        return [f'http://{host}:{lab.PORT}/whip/live' for host in hosts]

    def start_caster(self):
        resolver = None
        if self.host:
            resolver = self.folder / 'resolv.conf'
            resolver.write_text(f'nameserver {lab.SERVERS[1]}\n')
        self.caster_at = lab.now()
        settings = [setting.replace('FOLDER', str(self.folder)) for setting in self.settings]
        self.caster = self.lab.spawn('caster', self.contestant.argv(
            self.tools, self.locations(), settings), self.folder / 'caster.log', resolver)
        self.caster_lives.append(self.caster)

    def watched(self):
        """Where rcastsrc finds the broadcast; None: somebody else watches it"""
        return f'whep+http://{lab.SERVERS[0]}:{lab.PORT}/whep/live'

    def start_yardstick(self):
        return self.lab.spawn('viewer', [self.tools['view'], '--plain', self.watched().removeprefix('whep+')],
                              self.folder / 'yardstick.log')

    def start_viewer(self):
        self.viewer = self.lab.spawn('viewer', [self.tools['view'], self.watched()], self.folder / 'viewer.log')
        if self.tools.get('yardstick'):
            self.yardstick = self.start_yardstick()

    def await_viewer(self):
        seen = self.viewer.wait(lambda e: e['event'] == 'view', START_S)
        # Where there are two servers, it may be at the other one.
        if not seen and self.contestant.ours and len(self.wanted) == 1:
            raise Failed(f'the viewer never showed a picture, see {self.folder}')
        if self.yardstick:
            end = lab.now() + START_S
            while not self.yardstick_times(0) and lab.now() < end:
                time.sleep(0.1)

    def start(self):
        for index in self.wanted:
            self.start_server(index)
        self.start_caster()
        self.start_viewer()
        if not self.wait_frames(since=0, timeout=START_S, count=FPS):
            raise Failed(f'{self.contestant.name} never got a frame across, see {self.folder}')
        if self.contestant.reports and not self.caster.wait(
                lambda e: e.get('name') == 'broadcasting', START_S):
            raise Failed(f'{self.contestant.name} never said that it broadcasts')
        self.await_viewer()
        time.sleep(WARM_S)

    def stop(self):
        for process in (self.viewer, self.yardstick, self.caster, *self.servers.values(), *self.helpers.values()):
            if process and process.alive():
                process.stop()
        with open(self.folder / 'events.jsonl', 'w') as file:
            named = [('viewer', self.viewer), ('yardstick', self.yardstick)]
            named += [('caster', life) for life in self.caster_lives]
            named += [(f'server{life.index}', life) for life in self.server_lives]
            for name, process in named:
                for event in process.events if process else ():
                    file.write(json.dumps({'from': name, **event}) + '\n')

    def publisher(self, index):
        """The id of the newest session that broadcasts there."""
        told = self.lab.stats(index) or {}
        sessions = sorted(told.get('publishers', ()), key=lambda s: s['age-ms'])
        return sessions[0]['id'] if sessions else 'none'

    def mend(self):
        """What a fault may have left of itself."""
        self.lab.heal()
        self.lab.control(0, reset=True, session_timeout_ms=10000)

    def harm(self):
        """What was done to the media up to now."""
        told = self.lab.stats(0) or {}
        publishers = told.get('publishers', [])
        return {'packets_lost': sum(t['lost'] for p in publishers for t in p['streams']),
                'restarts': sum(p['restarts'] for p in publishers),
                'sessions': told.get('sessions-total', 0)}

    # --- what was seen ----------------------------------------------------

    def frames_of(self, index=None, since=0.0):
        """Times at which a decodable frame was whole at a server, in order."""
        frames = {}
        for life in self.server_lives:
            if index is not None and life.index != index:
                continue
            # From the end: there are many after an hour, and they are in order.
            for event in reversed(life.snapshot()):
                if event['at'] < since - 1:
                    break
                if event['event'] == 'frame' and event['at'] >= since:
                    frames.setdefault((event['id'], event['ts']), event['at'])
        return sorted(frames.values())

    def yardstick_times(self, since):
        """When the viewer beside the viewer showed a picture"""
        return viewers.times_of(self.yardstick, since) if self.yardstick else []

    def frames_missing(self, begin, end):
        """Pictures that came to none of the servers, by their RTP timestamps: two sessions of a broadcast have
        them in common while both send, and where they do not overlap, what is between them counts."""
        sessions = {}
        for life in self.server_lives:
            for event in life.snapshot():
                if event['event'] == 'frame' and begin <= event['at'] <= end:
                    sessions.setdefault(event['id'], []).append((event['at'], int(event['ts'])))
        missing, last = 0, None
        for frames in sorted(sessions.values()):
            steps = [(b - a) % 2**32 for (_, a), (_, b) in zip(frames, frames[1:])]
            missing += sum(max(0, round(step * FPS / CLOCK_RATE) - 1) for step in steps)
            if last:
                missing += max(0, round((frames[0][0] - last) * FPS) - 1)
            last = max(last or 0, frames[-1][0])
        return missing

    def packets_lost(self, since):
        """Of the picture, and never made good; None if more than one session carried it."""
        lost = {}
        for life in self.server_lives:
            for event in life.snapshot():
                if event['event'] == 'frame' and event['at'] >= since:
                    lost.setdefault((life.pid, event['id']), []).append(int(event['lost']))
        counts = next(iter(lost.values())) if len(lost) == 1 else None
        return counts[-1] - counts[0] if counts else None

    def messages(self, since=0.0):
        return [e for e in self.caster.snapshot() if e['event'] == 'message' and e['at'] >= since]

    def wait_frames(self, since, timeout, count=1, server=None):
        """The time of the count-th decodable frame after `since`."""
        end = lab.now() + timeout
        while lab.now() < end:
            frames = self.frames_of(server, since)
            if len(frames) >= count:
                return frames[count - 1]
            time.sleep(0.05)
        return None

    def wait_on_air(self, since, timeout):
        """Frames flow again since then, and who reports has said so."""
        end = lab.now() + timeout
        while lab.now() < end:
            frames = self.frames_of(since=max(since, lab.now() - 1))
            if len(frames) >= FEW_FRAMES and frames[-1] - frames[0] > 0.6:
                last = self.messages()[-1:] if self.contestant.reports else ()
                if not last or last[0]['name'] == 'broadcasting':
                    return True
            if self.contestant.reports and not self.caster.alive():
                return False
            time.sleep(0.05)
        return False

    def recorded(self):
        told = [e for e in self.caster.snapshot() if e['event'] == 'recorded']
        return told[-1] if told else None
