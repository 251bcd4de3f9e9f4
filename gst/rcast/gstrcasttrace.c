/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Traces each step of the policy for developers: a log line, a graph. */
#include "config.h"

#include "gstrcasttrace.h"

#include "rcast-nick.h"
#include "rcast-enumtypes.h"
#include "rcast-report.h"

GST_DEBUG_CATEGORY_STATIC (rcast_trace_debug);
#define GST_CAT_DEFAULT rcast_trace_debug

/* INFO outlines an outage: reports to the application, and transitions to and from LIVE. The
 * steps of an attempt are details. */
static GstDebugLevel
level_of (const GstRcastStep * step, GstRcastEventType event)
{
  gboolean told = step->actions & (GST_RCAST_ACTION_POST_STATUS
      | GST_RCAST_ACTION_POST_WARNING | GST_RCAST_ACTION_POST_ERROR);
  gboolean turn = step->from != step->to
      && (step->from == GST_RCAST_STATE_LIVE
      || step->to == GST_RCAST_STATE_LIVE);
  gboolean early = event == GST_RCAST_EVENT_PROBE_ANSWERED;

  return told || turn || early || step->extended ? GST_LEVEL_INFO :
      GST_LEVEL_DEBUG;
}

/* Dumps the graph of the moment it broke, if GST_DEBUG_DUMP_DOT_DIR is set. No properties, as
 * some are secret. */
static void
dump_graph (GstBin * bin, const GstRcastStep * step)
{
  gboolean off_air = step->status == GST_RCAST_STATUS_RECONNECTING_BROADCAST
      && (step->from == GST_RCAST_STATE_LIVE
      || step->from == GST_RCAST_STATE_DISRUPTED);
  g_autofree gchar *name = NULL;

  if (!off_air && !(step->actions & GST_RCAST_ACTION_POST_ERROR))
    return;
  name = g_strconcat (GST_OBJECT_NAME (bin), "-",
      gst_rcast_nick (GST_TYPE_RCAST_REASON, step->reason), NULL);
  GST_DEBUG_BIN_TO_DOT_FILE_WITH_TS (bin,
      GST_DEBUG_GRAPH_SHOW_MEDIA_TYPE | GST_DEBUG_GRAPH_SHOW_CAPS_DETAILS |
      GST_DEBUG_GRAPH_SHOW_STATES, name);
}

/**
 * gst_rcast_trace_step:
 * @bin: the bin of the broadcast
 * @step: the step
 * @event: the event that caused it
 * @error: (nullable): the error of @event
 */
void
gst_rcast_trace_step (GstBin * bin, const GstRcastStep * step,
    GstRcastEventType event, const GError * error)
{
  static gsize once = 0;
  g_autofree gchar *line = gst_rcast_report_log_line (step, event, error);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_trace_debug, "rcastdriver", 0,
        "gst-rcast: what is done, and why");
    g_once_init_leave (&once, 1);
  }
  GST_CAT_LEVEL_LOG (GST_CAT_DEFAULT, level_of (step, event), bin, "%s", line);
  dump_graph (bin, step);
}
