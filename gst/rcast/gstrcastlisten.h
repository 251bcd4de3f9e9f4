/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signals of objects that belong to other threads. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

gulong gst_rcast_listen (gpointer      object,
                         const gchar * signal,
                         GCallback     callback,
                         gpointer      listener);

G_END_DECLS
