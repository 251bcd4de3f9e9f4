/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls a function for each packet that passes a pad. */
#include "config.h"

#include "gstrcastpackets.h"

/* Calls @func for all packets of @info, a buffer or a list. Returns: its result for the last one */
guint32
gst_rcast_packets_walk (GstPadProbeInfo * info, GstObject * object,
    GstRcastPacketsFunc func, GstClockTime now)
{
  GstBufferList *list;
  guint32 last = 0;

  if (!(GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER_LIST))
    return func (object, GST_PAD_PROBE_INFO_BUFFER (info), now);
  list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);
  for (guint i = 0; i < gst_buffer_list_length (list); i++)
    last = func (object, gst_buffer_list_get (list, i), now);
  return last;
}

/* @object: data of @callback, kept as long as the pad */
void
gst_rcast_packets_probe (GstElement * element, const gchar * pad_name,
    GstObject * object, GstPadProbeType type, GstPadProbeCallback callback)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, pad_name);

  gst_pad_add_probe (pad, type, callback, gst_object_ref (object),
      gst_object_unref);
}
