#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pictures and a Markdown table of what ./run faults --scenario thin has measured.

plot_thin.py THIN.JSONL… --out FOLDER: NAME.svg shows rate, queue and frames of a scenario
over time, thin.md has the figures of all.
"""

import argparse
import json
import math
import statistics
from pathlib import Path

import thin
from plot import COLOURS, DIM, INK, Picture

ORDER = list(thin.CONTESTANT_BY_NAME)
LEFT, WIDTH, PANEL, SPACE = 70, 660, 110, 44
COLOURS = {**COLOURS, 'rcastsink-encoded': '#0b5f8a'}
# For the eye: frames and rates over so many steps
SMOOTH = 4
# Title, what of over_time, its unit
PANELS = (('Sent, kbit/s (grey: the link)', 'sent_kbps'), ('Queue in the link, ms', 'queue_ms'),
          ('Frames decoded in a second', 'frames'))
FIGURES = (('settled_s', 'settled, s'), ('filled_s', '85 % of the link after, s'), ('used', 'used'),
           ('sent_ratio', 'sent / link from 1.5 s'), ('queue_p50_ms', 'queue p50, ms'),
           ('queue_p95_ms', 'p95'), ('queue_peak_ms', 'peak'), ('lost_percent', 'lost, %'),
           ('frames_percent', 'frames, %'), ('gap_ms', 'longest gap, ms'), ('repairs_percent', 'repairs, %'),
           ('sound_lost_percent', 'sound lost, %'), ('sound_gaps', 'sound gaps'))


def load(paths):
    about, results = {}, []
    for path in paths:
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        about = about or lines[0]['about']
        results += [line for line in lines[1:] if 'phases' in line]
    return about, results


def describe(about, results):
    loads = sorted(result['load'] for result in results)
    counts = [sum(r['contestant'] == c for r in results) for c in {r['contestant'] for r in results}]
    runs = f'{min(counts)}' if min(counts) == max(counts) else f'{min(counts)} to {max(counts)}'
    return f"{about['gstreamer']}, {about['machine']}, load {loads[0]:.0f} to {loads[-1]:.0f}, runs: {runs}, {about['date']}"


def steps_of(result, name):
    """What a panel shows of a run, one value for each step"""
    told = result['over_time']
    values = [value or 0 for value in told[name]]
    if name == 'queue_ms':
        return values
    smooth = [statistics.fmean(values[max(0, i - SMOOTH + 1):i + 1]) for i in range(len(values))]
    return [value / told['step_s'] for value in smooth] if name == 'frames' else smooth


def median_run(results):
    """The one in the middle by the frames that came across"""
    return sorted(results, key=lambda r: sum(r['over_time']['frames']))[len(results) // 2]


def round_up(value):
    """To two digits, the second of which is 0 or 5"""
    step = 10 ** math.floor(math.log10(max(value, 1))) / 2
    return math.ceil(value * 1.02 / step) * step


def draw_panel(picture, top, title, name, chosen, seconds):
    def across(at):
        return LEFT + WIDTH * at / seconds

    curves = {contestant: steps_of(result, name) for contestant, result in chosen.items()}
    first = next(iter(chosen.values()))
    links = [phase['link_kbps'] for phase in first['phases']]
    biggest = max(max(values) for values in curves.values())
    # A sender that floods the link must not flatten the others.
    highest = min(biggest, 1.6 * max(links)) if name == 'sent_kbps' and max(links) else biggest
    highest = round_up(highest)

    def up(value):
        return top + PANEL * (1 - min(value, highest) / highest)

    picture.text(LEFT, top - 6, title, size=13)
    picture.add('rect', x=LEFT, y=top, width=WIDTH, height=PANEL, fill='none', stroke='#e5e7eb')
    for tick in (0, highest / 2, highest):
        picture.text(LEFT - 6, up(tick) + 4, f'{tick:g}', 'end', DIM, 10)
    for number, phase in enumerate(first['phases']):
        begin = first['marks'][number]
        picture.add('line', x1=across(begin), x2=across(begin), y1=top, y2=top + PANEL, stroke='#cbd5e1')
        if name == 'sent_kbps' and phase['link_kbps']:
            picture.add('rect', x=across(begin), y=up(phase['link_kbps']),
                        width=across(begin + phase['seconds']) - across(begin),
                        height=top + PANEL - up(phase['link_kbps']), fill='#e5e7eb', fill_opacity=0.7)
    for contestant, values in curves.items():
        step = chosen[contestant]['over_time']['step_s']
        points = ' '.join(f'{across((i + 0.5) * step):.1f},{up(value):.1f}' for i, value in enumerate(values[:-1]))
        picture.add('polyline', points=points, fill='none', stroke=COLOURS[contestant], stroke_width=1.8)


def draw(name, by_contestant, about, path):
    scenario = thin.BY_NAME[name]
    chosen = {c: median_run(by_contestant[c]) for c in ORDER if c in by_contestant}
    seconds = sum(phase['seconds'] for phase in next(iter(chosen.values()))['phases'])
    picture = Picture(scenario.text, LEFT + WIDTH + 20)
    picture.text(10, 22, scenario.text[0].upper() + scenario.text[1:], size=16)
    x = LEFT
    for contestant in chosen:
        picture.add('rect', x=x, y=34, width=14, height=10, fill=COLOURS[contestant])
        picture.text(x + 20, 43, contestant, fill=INK, size=12)
        x += 40 + 8 * len(contestant)
    top = 78
    for title, key in PANELS:
        draw_panel(picture, top, title, key, chosen, seconds)
        top += PANEL + SPACE
    for second in range(0, int(seconds) + 1, 5):
        picture.text(LEFT + WIDTH * second / seconds, top - SPACE + 16, f'{second} s', 'middle', DIM, 10)
    picture.text(10, top, describe(about, [r for c in chosen for r in by_contestant[c]]), fill=DIM, size=10)
    picture.write(path, top + 12)


def spread(values):
    """Median / worst of all, or the only one"""
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return f'{len(known)} of {len(values)}: {statistics.median(known):g}' if known else 'never'
    low, middle, high = min(known), statistics.median(known), max(known)
    return f'{middle:g}' if low == high else f'{low:g} / **{middle:.4g}** / {high:g}'


def write_table(groups, about, path):
    lines = ['<!-- Made by tests/faults/plot_thin.py. -->', '',
             describe(about, [r for g in groups.values() for c in g.values() for r in c]) + '.',
             'Several runs: least / **median** / most.', '',
             '| scenario | phase | contestant | n | ' + ' | '.join(title for _, title in FIGURES) + ' |',
             '|---' * (4 + len(FIGURES)) + '|']
    for name, by_contestant in groups.items():
        for number in thin.BY_NAME[name].shown:
            for contestant in (c for c in ORDER if c in by_contestant):
                phases = [result['phases'][number] for result in by_contestant[contestant]]
                without = set() if phases[0]['link_kbps'] else {'settled_s', 'filled_s', 'used', 'sent_ratio'}
                without |= set() if phases[0].get('rises') else {'filled_s'}
                cells = ['–' if key in without else spread([phase[key] for phase in phases]) for key, _ in FIGURES]
                lines.append(f"| `{name}` | {phases[0]['text']} | {contestant} | {len(phases)} | "
                             + ' | '.join(cells) + ' |')
    path.write_text('\n'.join(lines) + '\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('results', type=Path, nargs='+')
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--picture', action='append', metavar='SCENARIO', help='only of these (default: of all)')
    arguments = parser.parse_args()
    about, results = load(arguments.results)
    groups = {}
    for result in results:
        groups.setdefault(result['scenario'], {}).setdefault(result['contestant'], []).append(result)
    groups = {name: groups[name] for name in thin.BY_NAME if name in groups}
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in groups:
        if not arguments.picture or name in arguments.picture:
            draw(name, groups[name], about, arguments.out / f'{name}.svg')
    write_table(groups, about, arguments.out / 'thin.md')


if __name__ == '__main__':
    main()
