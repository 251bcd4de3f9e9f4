# SPDX-License-Identifier: LGPL-2.1-or-later
"""whip-aiortc.py, a program, as a module: from lib.aiortc_front import front."""

import importlib.util
from pathlib import Path

SPEC = importlib.util.spec_from_file_location('front', Path(__file__).parent.parent / 'whip-aiortc.py')
front = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(front)
