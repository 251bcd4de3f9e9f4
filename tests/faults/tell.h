/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the programs of the fault lab say: a line on standard output for each event. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Prints "event=NAME at-us=… " and the rest as one line. */
void      tell               (const gchar * event, const gchar * format, ...) G_GNUC_PRINTF (2, 3);
/* As text="…" */
void      tell_problem       (const gchar * event, const GError * error);
/* All fields of @structure, each as name="…" behind a blank. Returns: (transfer full) */
gchar *   tell_print_fields  (const GstStructure * structure);

G_END_DECLS
