/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes foreign text fit to be shown: bounded, one line, printable. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Longest foreign text that is kept, in characters */
#define GST_RCAST_TEXT_MAX 200
/* Longest sentence of ours that may quote foreign text and a URL, in characters */
#define GST_RCAST_DETAIL_MAX 600

gchar * gst_rcast_text_clean    (const gchar * text,
                                 gssize        size);
gchar * gst_rcast_text_clean_to (const gchar * text,
                                 gssize        size,
                                 guint         max);

G_END_DECLS
