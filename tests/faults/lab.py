# SPDX-License-Identifier: LGPL-2.1-or-later
"""Network namespaces, processes in them, and faults between them.

  caster up0 10.79.1.2 --- r0 10.79.1.1 \\
                                          router rs 10.79.9.1 --- s0 10.79.9.2, .3 server
  caster up1 10.79.2.2 --- r1 10.79.2.1 /   |  masquerades what the caster sends
                                           rv 10.79.8.1 --- v0 10.79.8.2 viewer

There may be further uplinks, numbered on.
"""

import collections
import ctypes
import http.client
import json
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
import time

PREFIX = 'rcast-faults-'
SKIP = 77
# Longer than paths drain and are probed; for how much longer a busy machine is waited for.
SETTLE_S, PATIENCE_S = 10, 80
# HTTP keeps a connection for a minute, GLib its idle threads; what is allocated goes up and
# down with what is queued. What is resident is more: the allocator's.
# A session has a path more at times, of three descriptors: a leak is one for each fault, and
# there are more of these.
SLACK = {'fds': 6, 'threads': 4, 'in_use_kib': 3000, 'kib': 30000}
SPACES = ('caster', 'router', 'server', 'viewer')
SERVERS = ('10.79.9.2', '10.79.9.3')
UPLINKS = ('10.79.1.2', '10.79.2.2')
PORT = 8080
TOOLS = ('ip', 'iptables', 'nsenter')
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None, use_errno=True)
now = time.monotonic


class CannotBe(Exception):
    """The lab cannot be had here; the text says what it needs."""


def what_is_missing():
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        return f"the programs {', '.join(missing)} (./run faults installs them)"
    return None


def run_in_lab(prefix, missing, play):
    """A test that is one program: play(place, folder), in a lab and a folder of its own that have
    names with that prefix. missing: what it needs and is not here. Returns its exit code."""
    global PREFIX
    PREFIX = prefix
    if missing:
        print(f'skipped: needs {missing}')
        return SKIP
    folder = tempfile.mkdtemp(prefix=prefix)
    try:
        with Lab() as place:
            play(place, folder)
    except CannotBe as error:
        print(f'skipped: needs {error}')
        return SKIP
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def die_with_parent():
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def parse_line(line):
    """event=NAME key=value key="a b" as a dictionary; None for anything else."""
    if not line.startswith('event='):
        return None
    try:
        words = shlex.split(line)
    except ValueError:
        return None
    return dict(word.split('=', 1) for word in words if '=' in word)


def limit(wanted, late):
    """The longest time in s to accept: five times the wanted one and how late this machine was."""
    return 5 * (wanted + late)


class Lateness(threading.Thread):
    """How late this machine wakes a sleeper: what a limit of time has to be scaled by."""

    STEP_S = 0.02

    def __init__(self):
        super().__init__(daemon=True)
        self.wakes = []
        self.start()

    def run(self):
        while True:
            due = now() + self.STEP_S
            time.sleep(self.STEP_S)
            at = now()
            self.wakes.append((at, at - due))

    def stretch(self, begin, end):
        """1 on a machine with nothing else to do; 2 if a step took twice its time."""
        late = [late for at, late in list(self.wakes) if begin <= at <= end]
        return 1 + sum(late) / (len(late) * self.STEP_S) if late else 1.0

    def worst(self, begin, end):
        """In s; what shall not be missed for longer may be missed on this machine."""
        return max((late for at, late in list(self.wakes) if begin <= at <= end), default=0.0)


class Process:
    """A program in a namespace; what it says is kept with the time of it."""

    def __init__(self, lab, space, argv, log=None, commands=False):
        self.argv = argv
        self.events = []
        self.changed = threading.Condition()
        self.log = open(log, 'ab') if log else subprocess.DEVNULL
        self.popen = subprocess.Popen(
            ['nsenter', f'--net={lab.path(space)}', '--', *argv], env=lab.env,
            stdin=subprocess.PIPE if commands else subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=self.log,
            preexec_fn=die_with_parent, start_new_session=True)
        self.pid = self.popen.pid
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        lab.processes.append(self)

    def _read(self):
        try:
            for line in self.popen.stdout:
                self._keep(line.decode(errors='replace').strip())
        except ValueError:
            # Closed: nobody wants more of it.
            pass
        with self.changed:
            self.changed.notify_all()

    def _keep(self, line):
        event = parse_line(line)
        if event is None:
            event = {'event': 'said', 'text': line}
        event['at'] = int(event['at-us']) / 1e6 if 'at-us' in event else now()
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()

    def alive(self):
        return self.popen.poll() is None

    def snapshot(self):
        with self.changed:
            return list(self.events)

    def wait(self, wanted, timeout, since=0.0):
        """The first event after `since` for which wanted(event); None if none comes in time."""
        end = now() + timeout
        seen = 0
        with self.changed:
            while True:
                for event in self.events[seen:]:
                    if event['at'] >= since and wanted(event):
                        return event
                seen = len(self.events)
                left = end - now()
                if left <= 0 or (not self.reader.is_alive() and seen == len(self.events)):
                    return None
                self.changed.wait(min(left, 0.5))

    def command(self, line, timeout=20):
        """A line to a program that answers ok to each; for those started with commands=True."""
        before = len(self.snapshot())
        self.popen.stdin.write(line.encode() + b'\n')
        self.popen.stdin.flush()
        end = now() + timeout
        with self.changed:
            while len(self.events) == before and now() < end:
                self.changed.wait(0.5)
            told = [event.get('text') for event in self.events[before:]]
        if told != ['ok']:
            raise RuntimeError(f'{self.argv[0]}: {line}: {told}')

    def send(self, number):
        if self.alive():
            self.popen.send_signal(number)

    def stop(self, patience=10):
        self.send(signal.SIGTERM)
        self.send(signal.SIGCONT)
        try:
            self.popen.wait(patience)
        except subprocess.TimeoutExpired:
            pass
        self.kill()

    def kill(self):
        """With all that it started: they are a session of their own."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.popen.wait()
        self._close()

    def _close(self):
        self.reader.join(5)
        self.popen.stdout.close()
        if self.popen.stdin:
            self.popen.stdin.close()
        if hasattr(self.log, 'close'):
            self.log.close()
            self.log = subprocess.DEVNULL

    def usage(self):
        """CPU seconds, also of children that have ended, descriptors, threads, resident KiB."""
        total = collections.Counter()
        for pid in tree_of(self.pid):
            try:
                with open(f'/proc/{pid}/stat') as file:
                    fields = file.read().rsplit(')', 1)[1].split()
                total['cpu'] += sum(map(int, fields[11:15])) / os.sysconf('SC_CLK_TCK')
                total['threads'] += int(fields[17])
                total['kib'] += int(fields[21]) * os.sysconf('SC_PAGE_SIZE') // 1024
                total['fds'] += len(os.listdir(f'/proc/{pid}/fd'))
            except (OSError, IndexError):
                continue
        told = next((e for e in reversed(self.snapshot()) if 'in-use-kib' in e), {})
        return {**total, 'in_use_kib': int(told.get('in-use-kib', 0))}

    def settle(self, first=None):
        """What it holds when the remains of a recovery are gone, which takes seconds: the least
        of some looks. If more than at `first`, it is given time."""
        least, end = self.usage(), now() + SETTLE_S
        while now() < end or (first and grown(first, least) and now() < end + PATIENCE_S):
            time.sleep(0.5)
            least = {what: min(least[what], n) for what, n in self.usage().items() if what in least}
        return least


def grown(first, last):
    """What it holds for every fault that it has been through."""
    return [f'{what}: {first[what]} after the first faults, {last[what]} at the end'
            for what, slack in SLACK.items() if last[what] > first[what] + slack]


def tree_of(root):
    children = collections.defaultdict(list)
    for name in os.listdir('/proc'):
        if not name.isdigit():
            continue
        try:
            with open(f'/proc/{name}/stat') as file:
                children[int(file.read().rsplit(')', 1)[1].split()[1])].append(int(name))
        except OSError:
            continue
    found, wanted = [], [root]
    while wanted:
        pid = wanted.pop()
        found.append(pid)
        wanted += children[pid]
    return found


class Lab:
    """Used in a with statement: leaves nothing behind, however that ends.

    Several in one program have different numbers, and do not know each other.
    """

    N_UPLINKS = 2

    def __init__(self, relay=None, delay_ms=0, number=0):
        self.number = number
        self.env = dict(os.environ)
        self.relay = relay
        self.delay_ms = delay_ms
        self.processes = []
        self.names = {}
        self.making = threading.Lock()
        self.over = False

    def path(self, space):
        return f'/run/netns/{self.names[space]}'

    def __enter__(self):
        self._remove_stale()
        try:
            self._make()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        # A second Ctrl-C must not leave half of it.
        handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
        with self.making:
            self.over = True
            self._remove()
        signal.signal(signal.SIGINT, handler)

    def _remove(self):
        for process in self.processes:
            try:
                process.kill()
            except (OSError, subprocess.SubprocessError):
                continue
        self.processes = []
        for name in self.names.values():
            subprocess.run(['ip', 'netns', 'del', name], stderr=subprocess.DEVNULL)
        self.names = {}

    def renew(self):
        """As new, after something that nobody foresaw."""
        with self.making:
            if self.over:
                raise CannotBe('a program that is not ending')
            self._remove()
            self._make()

    def is_over(self):
        return self.over

    def _remove_stale(self):
        """Of a run of this program that was killed: its pid is in the name."""
        listed = subprocess.run(['ip', 'netns', 'list'], capture_output=True, text=True)
        for line in listed.stdout.splitlines():
            name = line.split()[0] if line.split() else ''
            pid = name[len(PREFIX):].split('-')[0] if name.startswith(PREFIX) else ''
            if pid.isdigit() and not os.path.exists(f'/proc/{pid}'):
                inside = subprocess.run(['ip', 'netns', 'pids', name], capture_output=True, text=True)
                for left in inside.stdout.split():
                    os.kill(int(left), signal.SIGKILL)
                subprocess.run(['ip', 'netns', 'del', name], stderr=subprocess.DEVNULL)

    def _make(self):
        for space in SPACES:
            name = f'{PREFIX}{os.getpid()}-{self.number}-{space}'
            made = subprocess.run(['ip', 'netns', 'add', name], capture_output=True, text=True)
            if made.returncode:
                raise CannotBe('root, or a user namespace in which network namespaces can be made '
                               f'({made.stderr.strip()})')
            self.names[space] = name
            self.run(space, 'ip link set lo up')
        router = self.names['router']
        uplinks = range(self.N_UPLINKS)
        for space, end, other in (*(('caster', f'up{n}', f'r{n}') for n in uplinks),
                                  ('server', 's0', 'rs'), ('viewer', 'v0', 'rv')):
            self.run(space, f'ip link add {end} type veth peer name {other} netns {router}')
        self.run('router', ' && '.join(
            [f'ip addr add {address}/24 dev {end} && ip link set {end} up' for end, address in
             (*((f'r{n}', f'10.79.{n + 1}.1') for n in uplinks), ('rs', '10.79.9.1'), ('rv', '10.79.8.1'))]
            + ['echo 1 > /proc/sys/net/ipv4/ip_forward',
               'iptables -N RCAST', 'iptables -A FORWARD -j RCAST',
               *(f'iptables -t nat -A POSTROUTING -o rs -s {net} -p {protocol} -j MASQUERADE'
                 ' --random-fully' for net in (f'10.79.{n + 1}.0/24' for n in uplinks)
                 for protocol in ('udp', 'tcp')),
               # Else the server finds a way past the NAT.
               *(f'iptables -A FORWARD -i rs -o r{n} -m conntrack --ctstate NEW -j DROP'
                 for n in uplinks)]))
        self.run('server', 'ip addr add 10.79.9.2/24 dev s0 && ip addr add 10.79.9.3/24 dev s0 && '
                 'ip link set s0 up && ip route add default via 10.79.9.1')
        self.run('viewer', 'ip addr add 10.79.8.2/24 dev v0 && ip link set v0 up && '
                 'ip route add default via 10.79.8.1')
        self.run('caster', ' && '.join(f'ip rule add from 10.79.{n + 1}.2 table {101 + n}' for n in uplinks))
        for n in uplinks:
            self.set_up_uplink(n)
        if self.relay and self.delay_ms:
            self._lengthen()

    def _lengthen(self):
        """Each way by half of the round trip; as it is where the kernel has no queues."""
        process = self.spawn('router', [self.relay, '--queue=0', '--queue=1',
                                        f'--delay={self.delay_ms / 2}'])
        if not process.wait(lambda e: e.get('text') == 'ready', 10):
            process.stop()
            self.delay_ms = 0
            return
        self.run('router', ' && '.join(
            f'iptables -t mangle -A FORWARD {way} {end} -j NFQUEUE --queue-num {queue} --queue-bypass'
            for end in ('r0', 'r1') for way, queue in (('-i', 0), ('-o', 1))))

    def set_up_uplink(self, uplink, address=None):
        """Touches nothing that is as it should be: the caster would hear of it."""
        net = f'10.79.{uplink + 1}'
        address = address or f'{net}.2'
        device, metric, table = f'up{uplink}', 100 * (uplink + 1), 101 + uplink
        self.run('caster', ' && '.join((
            f'{{ ip -o addr show dev {device} | grep -q " {address}/" || '
            f'{{ ip addr flush dev {device}; ip addr add {address}/24 dev {device}; }}; }}',
            f'ip link set {device} up',
            f'{{ ip route show default dev {device} | grep -q "metric {metric} " || '
            f'ip route replace default via {net}.1 dev {device} metric {metric}; }}',
            f'{{ ip route show default table {table} 2>/dev/null | grep -q {device} || '
            f'ip route replace default via {net}.1 dev {device} table {table}; }}',
            f'{{ ip rule list | grep -q "from {address} " || ip rule add from {address} table {table}; }}')))

    def run(self, space, command, check=True):
        # Out of Ctrl-C's reach: what it interrupts would look like a failure.
        done = subprocess.run(['nsenter', f'--net={self.path(space)}', '--', 'sh', '-c', command],
                              capture_output=True, text=True, start_new_session=True)
        if check and done.returncode:
            raise RuntimeError(f'{space}: {command}: {done.stderr.strip()}')
        return done.stdout

    def spawn(self, space, argv, log=None, resolver=None, commands=False):
        """With a resolv.conf of its own, if one is given; nobody else sees it."""
        if resolver:
            argv = ['unshare', '--mount', 'sh', '-c',
                    'mount --bind "$0" /etc/resolv.conf && exec "$@"', str(resolver), *argv]
        return Process(self, space, argv, log, commands)

    def wait_port(self, space, protocol, port, timeout):
        """Until somebody listens there, or has bound it."""
        end = now() + timeout
        while now() < end:
            lines = self.run(space, f'cat /proc/net/{protocol}').splitlines()[1:]
            if any(int(line.split()[1].split(':')[1], 16) == port for line in lines):
                return True
            time.sleep(0.02)
        return False

    def request(self, server, method, path, body=None):
        """HTTP from the server's own namespace, which no fault touches."""
        result = {}

        def work():
            # Of this thread alone
            with open(self.path('server')) as space:
                if libc.setns(space.fileno(), CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), 'setns')
            connection = http.client.HTTPConnection(SERVERS[server], PORT, timeout=10)
            try:
                connection.request(method, path, json.dumps(body) if body is not None else None,
                                   {'Content-Type': 'application/json'})
                result['body'] = json.loads(connection.getresponse().read() or 'null')
            except (OSError, http.client.HTTPException, ValueError) as error:
                result['error'] = error
            finally:
                connection.close()

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return result.get('body')

    def control(self, server, **switches):
        return self.request(server, 'POST', '/control',
                            {name.replace('_', '-'): value for name, value in switches.items()})

    def stats(self, server=0):
        return self.request(server, 'GET', '/stats')

    def busy_uplink(self, seconds=0.5):
        """The one by which the caster sends now."""
        def received():
            lines = self.run('router', 'cat /proc/net/dev').splitlines()
            counts = {line.split(':')[0].strip(): int(line.split(':')[1].split()[0])
                      for line in lines if ':' in line}
            return [counts['r0'], counts['r1']]

        before = received()
        time.sleep(seconds)
        after = received()
        return int(after[1] - before[1] > after[0] - before[0])

    # --- faults, all in the router or on its ends -----------------------------

    def filter(self, rules):
        """Rules of iptables, without their chain, all of which hold from the same moment on: a program for
        each of them takes its time on a busy machine, and what is under test acts in between."""
        self.run('router', shlex.join(['printf', '%s\\n', '*filter', *(f'-I RCAST {rule}' for rule in rules), 'COMMIT'])
                 + ' | iptables-restore --noflush')

    def block(self, rule):
        """Both ways unless the rule says otherwise: one rule of iptables without its verdict."""
        self.filter([f'{rule} -j DROP'])

    def cut(self, uplinks=(0, 1), ways='both', protocol=''):
        """A silent black hole: interfaces and routes are as they were."""
        word = f'-p {protocol} ' if protocol else ''
        self.filter([f'{way} r{uplink} {word}-j DROP' for uplink in uplinks
                     for way, name in (('-i', 'out'), ('-o', 'in')) if ways in ('both', name)])

    def heal(self):
        self.run('router', 'iptables -F RCAST')

    def link(self, uplink, up):
        """The router's end: the caster sees its carrier go."""
        self.run('router', f'ip link set r{uplink} {"up" if up else "down"}')

    def block_media_ports(self, server=0):
        """The UDP ports that the server uses now: another ICE session gets others."""
        blocked = {0}
        # Twice: what has come meanwhile is of a restart that was under way, and used next.
        for _ in range(2):
            listed = self.run('server', 'cat /proc/net/udp').splitlines()[1:]
            ports = {int(line.split()[1].split(':')[1], 16) for line in listed} - blocked
            self.filter([f'-p udp -{way} {SERVERS[server]} --{way}port {port} -{device} {end} -j DROP'
                         for port in sorted(ports) for end in ('r0', 'r1') for way, device in ('di', 'so')])
            blocked |= ports

    def rebind_nat(self):
        self.run('router', 'conntrack -F 2>/dev/null')

    def lose(self, probability):
        self.filter([f'{way} {end} -m statistic --mode random --probability {probability} -j DROP'
                     for end in ('r0', 'r1') for way in ('-i', '-o')])

    def limit_rate(self, rate):
        self.run('router', f'tc qdisc add dev rs root tbf rate {rate} burst 5kb latency 200ms')

    def free_rate(self):
        self.run('router', 'tc qdisc del dev rs root', check=False)

    def congest(self, uplink, rate):
        self.run('caster', f'tc qdisc add dev up{uplink} root tbf rate {rate} burst 5kb'
                 ' latency 200ms')

    def relieve(self):
        for uplink in (0, 1):
            self.run('caster', f'tc qdisc del dev up{uplink} root', check=False)

    def repair(self):
        """As after __enter__, whatever a scenario left."""
        self.heal()
        self.free_rate()
        self.relieve()
        for uplink in range(self.N_UPLINKS):
            self.link(uplink, True)
            self.set_up_uplink(uplink)
