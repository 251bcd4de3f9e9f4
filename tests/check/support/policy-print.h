/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prints the policy's table for docs/state-machine.md. */
#pragma once

#include "rcast-policy-table.h"

gchar * policy_print_states (guint32 states);
gchar * policy_print_events (guint64 events);
gchar * policy_print_guards (guint64 guards);
gchar * policy_print        (void);
