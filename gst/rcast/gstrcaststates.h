/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* States of elements in bins: which ones run, are added late, or have to follow their bin. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

gboolean     gst_rcast_states_is_running (GstElement * element);
gboolean     gst_rcast_states_is_late    (GstElement * element);
gboolean     gst_rcast_states_prerolls   (GstElement * element);
GstElement * gst_rcast_states_get_root   (GstElement * element);
GstState     gst_rcast_states_get_target (GstElement * element);
gboolean     gst_rcast_states_follow     (GstElement * bin, GstElement * child);
void         gst_rcast_states_discard    (GstBin * bin, GstElement * child);
void         gst_rcast_states_start_over (GstElement * element, gpointer sink);

G_END_DECLS
