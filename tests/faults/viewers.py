# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is seen at the far end of a broadcast, and what of that is the viewer's own doing.

The viewer is an rcastsrc, which recovers by itself. That must neither hide an outage of the broadcast nor add
to one unsaid: each of its steps is told, and what it adds without a word is wrong. It must be back itself, too.
"""

import lab

# Five times what the way to the viewer and its jitter buffer take, scaled by how late the machine is
SILENT_MS = 1000
# A picture may wait in the jitter buffer (VIEW_LATENCY_MS) before an outage, and in nothing after it; scaled likewise,
# as it waits for a decoder that is late, too.
BUFFERED_MS = 250
# From the broadcast's return to its own, scaled likewise: five times its longest delay (reconnect-max-delay)
BACK_S = 40


def longest_gap(times, begin, end):
    """The longest time without one, and when it ended."""
    inside = [begin] + [t for t in times if begin < t < end] + [end]
    gaps = [(b - a, b) for a, b in zip(inside, inside[1:])]
    return max(gaps)


def times_of(viewer, since):
    """When it showed a picture, in order."""
    times = []
    # From the end: there are many after an hour, and they are in order.
    for event in reversed(viewer.snapshot()):
        if event['at'] < since:
            break
        if event['event'] == 'view':
            times.append(event['at'])
    return times[::-1]


def steps_of(viewer, since):
    """What it did itself: it was off air, and came back by some way."""
    steps = []
    for event in viewer.snapshot():
        if event['event'] != 'message' or event['at'] < since:
            continue
        if event['name'] == 'reconnecting_broadcast' or event.get('strategy', 'none') != 'none':
            steps.append(f"{event['strategy']} ({event['reason']})" if event['name'] == 'reconnecting_broadcast'
                         else f"{event['strategy']} after {int(event.get('outage', 0)) // 10**6} ms")
    return steps


def errors_of(viewer):
    """Each of them is its end."""
    return [event['text'] for event in viewer.snapshot() if event['event'] == 'error']


def await_picture(viewer, stretch):
    """Whether it shows one from now on, as the broadcast is on air."""
    return not errors_of(viewer) and bool(
        viewer.wait(lambda e: e['event'] == 'view', BACK_S * stretch, lab.now()))


def judge_presence(is_back, errors):
    wrong = [f'error of the viewer: {text}' for text in errors]
    return wrong if is_back else [*wrong, 'the viewer shows no picture again']


def gap_of(times, fault, end):
    return longest_gap(times, max([t for t in times if t <= fault], default=fault), end)[0]


def look(run, begin, end, fps):
    """The figures of its viewer, and those of the one that stands beside it to compare; times in ms."""
    times = times_of(run.viewer, begin)
    result = {'viewer_steps': steps_of(run.viewer, run.fault_at), 'viewer_errors': errors_of(run.viewer)}
    for name, seen in (('viewer', times), ('yardstick', run.yardstick_times(begin))):
        if seen:
            result[f'{name}_gap_ms'] = round(gap_of(seen, run.fault_at, end) * 1000)
            result[f'{name}_lost'] = max(0, round((end - begin) * fps) - len(seen))
    return result


def judge(result, stretch):
    """It is there, and where the server's own count tells what the broadcast lost, it adds or hides nothing unsaid."""
    wrong = judge_presence(result.get('viewer_back', True), result.get('viewer_errors', ()))
    added = result.get('viewer_added_ms')
    if added is None:
        return wrong
    if added < -BUFFERED_MS * stretch:
        wrong.append(f'the viewer hides {-added} ms of a gap of {result["gap_ms"]} ms')
    elif added > SILENT_MS * stretch and not result['viewer_steps']:
        wrong.append(f'the viewer adds {added} ms to a gap of {result["gap_ms"]} ms, and says nothing')
    return wrong


def describe(result):
    """One line"""
    if result.get('viewer_gap_ms') is None:
        return None
    steps = ', '.join(result['viewer_steps'] + [f'error: {text}' for text in result['viewer_errors']]) or 'none'
    beside = f", {result['yardstick_gap_ms']} ms at the one beside it" if 'yardstick_gap_ms' in result else ''
    return f"  at the viewer {result['viewer_gap_ms']} ms{beside}; steps of its own: {steps}"
