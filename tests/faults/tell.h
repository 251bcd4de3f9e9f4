/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The output of the fault lab's programs: a line on standard output for each event. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Prints "event=NAME at-us=… " and the formatted text as one line. */
void      tell               (const gchar * event, const gchar * format, ...) G_GNUC_PRINTF (2, 3);
/* Prints the message of @error as text="…". */
void      tell_problem       (const gchar * event, const GError * error);
/* Returns: (transfer full): all fields of @structure, each as name="…" after a blank */
gchar *   tell_print_fields  (const GstStructure * structure);

G_END_DECLS
