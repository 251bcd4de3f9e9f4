#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Scans plugins that are built with sanitizers, for GST_PLUGIN_SCANNER: the stock
# helper, with the sanitizers' runtime loaded first and leaks not counted.
export LD_PRELOAD="$RCAST_SANITIZER_RUNTIME"
export ASAN_OPTIONS=detect_leaks=0
exec "$RCAST_PLUGIN_SCANNER" "$@"
