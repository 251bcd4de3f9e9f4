#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pictures and a Markdown table of what ./run faults has measured.

plot.py RESULTS.JSONL… --out FOLDER: faults.svg compares the contestants in four
faults, gaps.svg has rcastsink in every fault, timeline.svg one fault frame by frame,
table.md all figures. The logs of the runs are looked for beside the results.
"""

import argparse
import json
import statistics
from html import escape
from pathlib import Path

import contestants
import scenarios

COLOURS = {'rcastsink': '#0b7a4b', 'rcastsink-single': '#5bb98c', 'rcastsink-duplicate': '#0b5f8a',
           'rebuild-watchdog': '#d98a00', 'rebuild': '#c4561a', 'webrtcbin': '#a3312f',
           'rcastsink-janus': '#2f9e9e', 'ffmpeg': '#8a6d3b', 'whip-client': '#7a4fa3', 'chromium': '#6b7280'}
ORDER = list(contestants.BY_NAME)
LEFT, GAPS_LEFT, WIDTH, BAR, FONT = 190, 400, 640, 11, 'font-family="sans-serif" font-size="11"'
# The scale of the bars is logarithmic: from a frame to a minute, in ms.
SCALE = (33, 100, 300, 1000, 3000, 10000, 30000, 100000)
# More than this much time between two frames is drawn as a hole.
HOLE_S = 0.12
OURS, OTHERS, INK, DIM = '#0b7a4b', '#b6bcc6', '#1f2937', '#6b7280'
# The comparison: the longest bar in ms, and the faults: name, title, whether nobody can send meanwhile.
LONGEST, FAULTS_LEFT, FAULTS_WIDTH = 20000, 230, 510
COMPARED = (('uplink-dead', 'One of two uplinks carries nothing for 5 s', False),
            ('path-dead', 'The path of the media dies for good; HTTP still works', False),
            ('kill-1s', 'The server crashes and is started again after 1 s', True),
            ('cut-7s', 'Everything is cut for 7 s', True))
WHO = {'rcastsink': 'this project, with its defaults',
       'webrtcbin': "GStreamer's element as it is: nothing is done about trouble",
       'rebuild-watchdog': 'a pipeline built anew 1 s after a failure, or after 5 s without a receiver report',
       'whip-client': 'of Debian trixie, started again 1 s after its end',
       'ffmpeg': 'its WHIP muxer, started again 1 s after its end',
       'chromium': 'a page that connects again 1 s after its connection failed'}


def load(paths):
    about, results, failed = {}, [], []
    for path in paths:
        for number, line in enumerate(path.read_text().splitlines()):
            entry = json.loads(line)
            if number == 0:
                known = {**about.get('versions', {}), **entry['about'].get('versions', {})}
                about = {**entry['about'], 'versions': known}
            elif 'gap_ms' in entry:
                entry['folder'] = path.parent
                entry.setdefault('load', about['load'])
                results.append(entry)
            elif 'failed' in entry:
                failed.append(entry)
    return about, results, failed


def group(results):
    groups = {}
    for result in results:
        groups.setdefault(result['scenario'], {}).setdefault(result['contestant'], []).append(result)
    names = [s.name for s in scenarios.SCENARIOS if s.name in groups]
    return {name: groups[name] for name in names}


class Picture:
    def __init__(self, title, width):
        self.title, self.width, self.parts = title, width, []

    def add(self, kind, text=None, **attributes):
        words = ' '.join('{}="{}"'.format(name.replace('_', '-'),
                                          round(value, 1) if isinstance(value, float) else value)
                         for name, value in attributes.items())
        self.parts.append(f'<{kind} {words}/>' if text is None
                          else f'<{kind} {words}>{escape(text)}</{kind}>')

    def text(self, x, y, text, anchor='start', fill='#1f2937', size=11):
        self.add('text', text, x=x, y=y, text_anchor=anchor, fill=fill, font_size=size)

    def write(self, path, height):
        path.write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {height}" {FONT} role="img">\n'
            f'<title>{escape(self.title)}</title>\n<rect width="100%" height="100%" fill="#fff"/>\n'
            + '\n'.join(self.parts) + '\n</svg>\n')


def on_scale(value):
    """How far to the right a time stands on the logarithmic scale."""
    from math import log
    value = min(max(value, SCALE[0]), SCALE[-1])
    return WIDTH * log(value / SCALE[0]) / log(SCALE[-1] / SCALE[0])


def rounded(value):
    return f'{round(value)} ms' if value < 995 else f'{value / 1000:.1f} s'


def draw_bar(picture, y, results, blocked):
    """One contestant in one fault: a bar as long as the median, its number behind it."""
    if blocked:
        lasted = statistics.median(r['back_at'] - r['fault_at'] for r in results) * 1000
        picture.add('rect', x=FAULTS_LEFT, y=y - 3, width=FAULTS_WIDTH * min(lasted, LONGEST) / LONGEST,
                    height=22, fill='#fde2e1')
    gaps = [r['gap_ms'] for r in results]
    back = all(r['on_air'] for r in results)
    ours = results[0]['contestant'] == 'rcastsink'
    end = min(statistics.median(gaps), LONGEST) if back else LONGEST
    across = FAULTS_LEFT + FAULTS_WIDTH * end / LONGEST
    picture.text(FAULTS_LEFT - 10, y + 12, contestants.BY_NAME[results[0]['contestant']].label, 'end',
                 OURS if ours else INK, 13)
    picture.add('rect', x=FAULTS_LEFT, y=y, width=max(across - FAULTS_LEFT, 2), height=16,
                fill=OURS if ours else OTHERS, fill_opacity=1 if back else 0.45)
    note = rounded(statistics.median(gaps)) if back else f'not back after {LONGEST // 1000} s'
    inside = across > FAULTS_LEFT + FAULTS_WIDTH - 130
    picture.text(across - 6 if inside else across + 6, y + 12, note, 'end' if inside else 'start', INK, 12)


def draw_faults(groups, about, path):
    """What the contestants do about four faults, for somebody who reads nothing else."""
    width = FAULTS_LEFT + FAULTS_WIDTH + 20
    picture = Picture('How long the picture is gone after a fault', width)
    picture.text(10, 26, 'How long the picture is gone', size=18)
    picture.text(10, 46, 'Longest time without a decodable frame at the server. Shorter is better.', fill=DIM, size=13)
    y, drawn, seen = 74, [], set()
    for name, title, blocked in COMPARED:
        shown = [groups[name][c] for c in ORDER
                 if c in groups.get(name, {}) and contestants.BY_NAME[c].label]
        if not shown:
            continue
        drawn += [result for results in shown for result in results]
        picture.text(10, y, title, size=14)
        y += 10
        seen |= {results[0]['contestant'] for results in shown}
        for results in sorted(shown, key=lambda r: (not all(x['on_air'] for x in r),
                                                    statistics.median(x['gap_ms'] for x in r))):
            draw_bar(picture, y, results, blocked)
            y += 22
        y += 26
    picture.text(10, y - 8, 'Pink: while the fault lasts nobody can send. Bars are medians.', fill=DIM, size=12)
    y += 16
    for name in (c for c in ORDER if c in seen):
        picture.text(FAULTS_LEFT - 10, y, contestants.BY_NAME[name].label, 'end', OURS if name == 'rcastsink' else INK,
                     12)
        picture.text(FAULTS_LEFT, y, WHO[name], fill=DIM, size=12)
        y += 17
    picture.text(10, y + 8, describe(about, drawn), fill=DIM, size=10)
    picture.write(path, y + 18)


def draw_gaps(groups, about, path):
    """rcastsink in every fault."""
    def along(value):
        return GAPS_LEFT + on_scale(value)

    ours = {name: by['rcastsink'] for name, by in groups.items() if 'rcastsink' in by}
    picture = Picture('rcastsink: longest time without a decodable frame', GAPS_LEFT + WIDTH + 90)
    picture.text(10, 20, 'rcastsink: longest time without a decodable frame, median of each fault. Shorter is better.',
                 size=13)
    picture.text(10, 36, 'Thin line: smallest to largest. The scale is logarithmic.', fill=DIM)
    top = 66
    bottom = top + (BAR + 7) * len(ours)
    for tick in SCALE:
        x = along(tick)
        picture.add('line', x1=x, x2=x, y1=top - 8, y2=bottom, stroke='#e5e7eb')
        picture.text(x, top - 12, f'{tick} ms' if tick < 1000 else f'{tick // 1000} s', 'middle', DIM)
    for number, (name, results) in enumerate(ours.items()):
        at, gaps = top + (BAR + 7) * number, [r['gap_ms'] for r in results]
        median = statistics.median(gaps)
        picture.text(GAPS_LEFT - 8, at + 9, scenarios.BY_NAME[name].text, 'end')
        picture.add('rect', x=GAPS_LEFT, y=at, width=max(along(median) - GAPS_LEFT, 1), height=BAR, fill=OURS)
        picture.add('line', x1=along(min(gaps)), x2=along(max(gaps)), y1=at + BAR / 2,
                    y2=at + BAR / 2, stroke='#111827')
        picture.text(along(max(median, max(gaps))) + 4, at + 9, rounded(median), fill=DIM, size=10)
    picture.text(10, bottom + 14, describe(about, [r for results in ours.values() for r in results]),
                 fill=DIM, size=10)
    picture.write(path, bottom + 24)


def describe(about, results):
    results = list(results)
    counts = {}
    for result in results:
        key = result['scenario'], result['contestant']
        counts[key] = counts.get(key, 0) + 1
    few, many = min(counts.values()), max(counts.values())
    loads = sorted(result['load'] for result in results)
    return (f"{about['gstreamer']}, {about['machine']}, load {loads[0]:.0f} to {loads[-1]:.0f} (median"
            f" {statistics.median(loads):.0f}), round trip {about.get('round_trip_ms', 0):g} ms, "
            f"runs: {few if few == many else f'{few} to {many}'}, {about['date']}")


def tell_versions(about):
    told = ', '.join(f'{name} {number}' for name, number in about['versions'].items())
    return [f"{told}; Linux {about['kernel']}.", ''] if told else []


def looks_of(events):
    """When a browser's count of frames had grown: Janus tells none."""
    looks = [e for e in events if e['event'] == 'stats' and 'frames' in e]
    return [b['at'] for a, b in zip(looks, looks[1:]) if int(b['frames']) > int(a['frames'])]


def events_of(result):
    """Frames at the servers and messages of one run, by its log."""
    for folder in sorted(result['folder'].glob(f"{result['scenario']}-{result['contestant']}-[0-9]*")):
        log = folder / 'events.jsonl'
        events = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        if any(abs(e['at'] - result['fault_at']) < 60 for e in events):
            frames = sorted([e['at'] for e in events if e['event'] == 'frame'] + looks_of(events))
            return frames, [e for e in events if e['from'] == 'caster' and e['event'] == 'message']
    return [], []


def draw_timeline(groups, name, about, path):
    shown = [c for c in ORDER if c in groups[name] and contestants.BY_NAME[c].label]
    chosen = {c: sorted(groups[name][c], key=lambda r: r['gap_ms'])[len(groups[name][c]) // 2]
              for c in shown}
    span = max((r['back_at'] - r['fault_at']) + r['back_ms'] / 1000 for r in chosen.values())
    begin, end = -1.0, min(max(span, 2) + 1.5, 30)

    def across(seconds):
        return LEFT + WIDTH * (min(max(seconds, begin), end) - begin) / (end - begin)

    picture = Picture(f'Frames that arrive: {name}', LEFT + WIDTH + 30)
    picture.text(10, 20, f'One run each, frame by frame: {scenarios.BY_NAME[name].text}', size=13)
    y, lane = 50, 40
    fault = next(iter(chosen.values()))
    back = max(fault['back_at'] - fault['fault_at'], 0.03)
    picture.add('rect', x=across(0), y=y - 14, width=max(across(back) - across(0), 2),
                height=lane * len(shown) + 8, fill='#fde2e1')
    for second in range(0, int(end) + 1, 1 if end < 16 else 5):
        picture.add('line', x1=across(second), x2=across(second), y1=y - 14, y2=y + lane * len(shown) - 6,
                    stroke='#e5e7eb')
        picture.text(across(second), y + lane * len(shown) + 8, f'{second} s', 'middle', '#6b7280', 10)
    for contestant in shown:
        result = chosen[contestant]
        frames, messages = events_of(result)
        times = [t - result['fault_at'] for t in frames if begin <= t - result['fault_at'] <= end]
        if times and result['on_air'] and times[-1] < end:
            # The run was over; it went on like that.
            picture.add('rect', x=across(times[-1]), y=y, width=across(end) - across(times[-1]),
                        height=10, fill=COLOURS[contestant], fill_opacity=0.3)
        picture.text(LEFT - 8, y + 8, contestants.BY_NAME[contestant].label, 'end')
        start = previous = None
        for time in times + [None]:
            if start is not None and (time is None or time - previous > HOLE_S):
                picture.add('rect', x=across(start), y=y, width=max(across(previous) - across(start), 1),
                            height=10, fill=COLOURS[contestant])
                start = None
            if time is not None and start is None:
                start = time
            previous = time
        for message in messages:
            at = message['at'] - result['fault_at']
            if 0 < at < end:
                on_air = message['name'] == 'broadcasting'
                picture.add('path', d=f'M{across(at):.1f} {y + 12}l-4 8h8z',
                            fill='#0b7a4b' if on_air else '#d98a00')
        y += lane
    picture.text(10, y + 24, 'Coloured: decodable frames arrive (pale: the run was over by then); pink: the fault;'
                 ' triangles: messages, amber reconnecting, green broadcasting.', fill='#6b7280', size=10)
    picture.text(10, y + 38, describe(about, chosen.values()), fill='#6b7280', size=10)
    picture.write(path, y + 46)


def spread(results, key):
    values = [r[key] for r in results if r.get(key) is not None]
    if not values:
        return '–'
    low, middle, high = min(values), round(statistics.median(values)), max(values)
    return f'{middle}' if low == high else f'{low} / **{middle}** / {high}'


def write_table(groups, failed, about, path):
    lines = ['<!-- Made by tests/faults/plot.py. -->', '',
             describe(about, [r for g in groups.values() for c in g.values() for r in c]) + '.', '',
             *tell_versions(about),
             '| fault | contestant | n | noticed | longest gap | at the viewer | back after the cause | without delays'
             ' | frames lost | packets lost | CPU % | how | on air again |',
             '|---|---|---|---|---|---|---|---|---|---|---|---|---|']
    for result in (r for g in groups.values() for c in g.values() for r in c):
        if result.get('waited_ms') is not None:
            result['active_ms'] = result['back_ms'] - result['waited_ms']
    for scenario, by_contestant in groups.items():
        for name in ORDER:
            results = by_contestant.get(name)
            if not results:
                continue
            how = ', '.join(sorted({r['strategy'] for r in results} - {'none'})) or '–'
            again = sum(r['on_air'] for r in results)
            lines.append(f"| {scenarios.BY_NAME[scenario].text} (`{scenario}`) | {name} | {len(results)} | "
                         + ' | '.join(spread(results, key) for key in
                                      ('notice_ms', 'gap_ms', 'viewer_gap_ms', 'back_ms', 'active_ms',
                                       'frames_lost', 'packets_lost', 'caster_cpu_percent'))
                         + f" | {how} | {'yes' if again == len(results) else f'{again} of {len(results)}'} |")
    if failed:
        lines += ['', 'Runs that came to nothing: ' + ', '.join(
            f"{r['contestant']} ({r['scenario']}: {r['failed']})" for r in failed) + '.']
    path.write_text('\n'.join(lines) + '\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('results', type=Path, nargs='+')
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--timeline', default='path-dead', metavar='SCENARIO')
    arguments = parser.parse_args()
    about, results, failed = load(arguments.results)
    groups = group(results)
    arguments.out.mkdir(parents=True, exist_ok=True)
    draw_faults(groups, about, arguments.out / 'faults.svg')
    draw_gaps(groups, about, arguments.out / 'gaps.svg')
    if arguments.timeline in groups:
        draw_timeline(groups, arguments.timeline, about, arguments.out / 'timeline.svg')
    write_table(groups, failed, about, arguments.out / 'table.md')


if __name__ == '__main__':
    main()
