# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who broadcasts: thin adapters around programs that publish to a WHIP endpoint."""

import dataclasses
import os
import shutil
from typing import Callable, Optional


@dataclasses.dataclass
class Contestant:
    name: str
    text: str
    argv: Callable                  # argv(tools, urls, settings)
    ours: bool = False              # held to what is promised
    reports: bool = False           # says on standard output when it broadcasts
    missing: Callable = lambda: None
    longest_s: Optional[float] = 20     # waited for at the most

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


CONTESTANTS = [
    Contestant('rcastsink', 'rcastsink, path-mode=backup (the default)', rcastsink('backup'),
               ours=True, reports=True),
    Contestant('rcastsink-single', 'rcastsink, path-mode=single', rcastsink('single'), ours=True,
               reports=True),
    Contestant('rcastsink-duplicate', 'rcastsink, path-mode=duplicate', rcastsink('duplicate'),
               ours=True, reports=True),
    Contestant('webrtcbin', 'stock webrtcbin, nothing is done about trouble', stock('stock')),
    Contestant('rebuild', 'stock webrtcbin, the whole pipeline is built anew when it says "failed"',
               stock('rebuild')),
    Contestant('rebuild-watchdog', 'the same, and also when no receiver report came for 5 s',
               stock('watchdog')),
]
BY_NAME = {contestant.name: contestant for contestant in CONTESTANTS}
