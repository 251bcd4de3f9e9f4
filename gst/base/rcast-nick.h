/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Converts between enum values and their nicks. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

const gchar * gst_rcast_nick      (GType         type,
                                   gint          value);
gboolean      gst_rcast_from_nick (GType         type,
                                   const gchar * text,
                                   gint        * value);

G_END_DECLS
