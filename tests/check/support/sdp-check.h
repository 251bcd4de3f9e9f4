/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parses and inspects session descriptions in tests. */
#pragma once

#include <gst/check/gstcheck.h>
#include <string.h>

#include "rcast-sdp.h"

G_BEGIN_DECLS

/* Returns: (transfer full) */
static inline GstSDPMessage *
parse_sdp (const gchar * text)
{
  g_autoptr (GError) error = NULL;
  GstSDPMessage *sdp = gst_rcast_sdp_parse (text, -1, &error);

  fail_unless (sdp != NULL, "%s: %s", error ? error->message : "", text);
  return sdp;
}

/* Returns: the number of times that @needle is in @text */
static inline guint
count_in (const gchar * text, const gchar * needle)
{
  guint n = 0;

  for (; (text = strstr (text, needle)); text += strlen (needle))
    n++;
  return n;
}

G_END_DECLS
