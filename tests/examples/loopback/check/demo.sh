#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The demo goes on air, says so, and has lost nothing when it stops.
set -eu

command -v gst-launch-1.0 >/dev/null || exit 77
gst-inspect-1.0 rcastsink >/dev/null 2>&1 || exit 77
said=$(timeout 240 "$1" --seconds 8)
printf '%s\n' "$said"
for words in 'signalling' 'connected' 'broadcasting' 'disconnected (user)' \
    'received:   video .* 0 lost' 'received:   audio .* 0 lost'; do
  printf '%s\n' "$said" | grep -q -e "$words" \
    || { printf 'not said: %s\n' "$words"; exit 1; }
done
