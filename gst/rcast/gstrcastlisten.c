/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signals of objects that belong to other threads. */
#include "config.h"

#include "gstrcastlisten.h"

static void
unref_closure (gpointer listener, GClosure * closure)
{
  gst_object_unref (listener);
}

/* @listener: a #GstObject, the callback's data. It is kept, as a signal may still be in progress
 * when it is disconnected. Returns: the handler */
gulong
gst_rcast_listen (gpointer object, const gchar * signal, GCallback callback,
    gpointer listener)
{
  return g_signal_connect_data (object, signal, callback,
      gst_object_ref (listener), unref_closure, 0);
}
