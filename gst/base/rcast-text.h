/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Foreign text, made fit to be shown: bounded, one line, printable. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Longest foreign text that is kept, in characters. */
#define GST_RCAST_TEXT_MAX 200
/* Of a sentence of ours that may quote such a text, and an URL. */
#define GST_RCAST_DETAIL_MAX 600

gchar * gst_rcast_text_clean    (const gchar * text,
                                 gssize        size);
gchar * gst_rcast_text_clean_to (const gchar * text,
                                 gssize        size,
                                 guint         max);

G_END_DECLS
