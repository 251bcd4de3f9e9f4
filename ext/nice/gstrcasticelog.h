/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Debug category of one source file of the agent, created on first use. */
#pragma once

#include <gst/gst.h>

/* Defines get_category(), for GST_CAT_DEFAULT. */
#define GST_RCAST_ICE_LOG_CATEGORY(name, description) \
  static GstDebugCategory * \
  get_category (void) \
  { \
    static gsize category = 0; \
    if (g_once_init_enter (&category)) \
      g_once_init_leave (&category, \
          (gsize) _gst_debug_category_new (name, 0, description)); \
    return (GstDebugCategory *) category; \
  }
#define GST_CAT_DEFAULT get_category ()
