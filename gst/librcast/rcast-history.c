/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* History of a broadcast: its outages, and the attempts to end them. */
#include "config.h"

#include "rcast-history.h"

#include "rcast-enumtypes.h"
#include "rcast-nick.h"

#define RUNNING "running"
#define SUCCEEDED "succeeded"
#define FAILED "failed"
#define STOPPED "stopped"

void
gst_rcast_history_init (GstRcastHistory * history)
{
  *history = (GstRcastHistory) {
  .down_since = GST_CLOCK_TIME_NONE,};
}

static GstRcastAttempt *
last_attempt (GstRcastHistory * history)
{
  guint at = history->first + history->length - 1;

  return history->length ? &history->ring[at % GST_RCAST_HISTORY_LENGTH] : NULL;
}

/* Returns: the time since @then; 0 if @now was read earlier */
static GstClockTime
passed (GstClockTime then, GstClockTime now)
{
  return now > then ? now - then : 0;
}

static void
end_attempt (GstRcastHistory * history, const gchar * result, GstClockTime now)
{
  GstRcastAttempt *attempt = last_attempt (history);

  if (!attempt || GST_CLOCK_TIME_IS_VALID (attempt->duration))
    return;
  attempt->duration = passed (attempt->began, now);
  attempt->result = result;
}

static void
begin_attempt (GstRcastHistory * history, const GstRcastStatusInfo * info,
    GstClockTime now, GstClockTime unix_time)
{
  if (history->length < GST_RCAST_HISTORY_LENGTH)
    history->length++;
  else
    history->first = (history->first + 1) % GST_RCAST_HISTORY_LENGTH;
  *last_attempt (history) = (GstRcastAttempt) {
  .time = unix_time,.began = now,.duration = GST_CLOCK_TIME_NONE,.number =
        info->attempt,.reason = info->reason,.strategy =
        info->strategy,.delay = info->delay,.hastened_by = "none",.result =
        RUNNING,};
  history->attempts[info->strategy]++;
}

static void
end_outage (GstRcastHistory * history, GstClockTime length)
{
  if (!GST_CLOCK_TIME_IS_VALID (history->down_since))
    return;
  history->last_outage = length;
  history->total_outage += length;
  history->down_since = GST_CLOCK_TIME_NONE;
}

static GstClockTime
present_outage (const GstRcastHistory * history, GstClockTime now)
{
  return GST_CLOCK_TIME_IS_VALID (history->down_since) ?
      passed (history->down_since, now) : 0;
}

/**
 * gst_rcast_history_add:
 * @history: the history
 * @info: contents of the status message
 * @now: when it was posted, by a monotonic clock
 * @unix_time: when it was posted, in ns since 1970
 *
 * Each `reconnecting_broadcast` ends the attempt before it and begins the next.
 */
void
gst_rcast_history_add (GstRcastHistory * history,
    const GstRcastStatusInfo * info, GstClockTime now, GstClockTime unix_time)
{
  if (info->reason != GST_RCAST_REASON_NONE
      && info->reason != GST_RCAST_REASON_USER)
    history->last_reason = info->reason;

  switch (info->status) {
    case GST_RCAST_STATUS_RECONNECTING_BROADCAST:
      if (!GST_CLOCK_TIME_IS_VALID (history->down_since)) {
        history->outages++;
        history->down_since = now - MIN (info->outage, now);
      }
      end_attempt (history, FAILED, now);
      begin_attempt (history, info, now, unix_time);
      break;
    case GST_RCAST_STATUS_BROADCASTING:
      end_attempt (history, SUCCEEDED, now);
      end_outage (history, info->outage);
      break;
    case GST_RCAST_STATUS_DISCONNECTED:
      end_attempt (history, info->reason == GST_RCAST_REASON_USER ?
          STOPPED : FAILED, now);
      end_outage (history, present_outage (history, now));
      break;
    case GST_RCAST_STATUS_SIGNALLING:
    case GST_RCAST_STATUS_CONNECTED:
    case GST_RCAST_STATUS_RECONNECTING:
      break;
  }
}

/**
 * gst_rcast_history_hasten:
 * @history: the history
 * @by: (type static): what ended the wait of the present attempt
 * @now: the same clock as in gst_rcast_history_add()
 */
void
gst_rcast_history_hasten (GstRcastHistory * history, const gchar * by,
    GstClockTime now)
{
  GstRcastAttempt *attempt = last_attempt (history);

  if (!attempt || GST_CLOCK_TIME_IS_VALID (attempt->duration)
      || passed (attempt->began, now) >= attempt->delay)
    return;
  attempt->delay = passed (attempt->began, now);
  attempt->hastened_by = by;
}

static GstStructure *
attempt_to_structure (const GstRcastAttempt * attempt, GstClockTime now)
{
  return gst_structure_new ("attempt",
      "time", G_TYPE_UINT64, attempt->time,
      "reason", G_TYPE_STRING, gst_rcast_nick (GST_TYPE_RCAST_REASON, attempt->reason),
      "strategy", G_TYPE_STRING, gst_rcast_nick (GST_TYPE_RCAST_STRATEGY,
          attempt->strategy),
      "number", G_TYPE_UINT, attempt->number,
      "delay", G_TYPE_UINT64, attempt->delay,
      "hastened-by", G_TYPE_STRING, attempt->hastened_by,
      "result", G_TYPE_STRING, attempt->result,
      "duration", G_TYPE_UINT64,
      GST_CLOCK_TIME_IS_VALID (attempt->duration) ? attempt->duration :
      passed (attempt->began, now), NULL);
}

static void
add_attempts (const GstRcastHistory * history, GstStructure * stats)
{
  g_autoptr (GstStructure) attempts = gst_structure_new_empty ("attempts");

  for (gint i = GST_RCAST_STRATEGY_PATH_SWITCH;
      i <= GST_RCAST_STRATEGY_FAILOVER; i++)
    gst_structure_set (attempts, gst_rcast_nick (GST_TYPE_RCAST_STRATEGY, i),
        G_TYPE_UINT64, history->attempts[i], NULL);
  gst_structure_set (stats, "attempts", GST_TYPE_STRUCTURE, attempts, NULL);
}

/**
 * gst_rcast_history_to_stats:
 * @history: the history
 * @now: the same clock as in gst_rcast_history_add()
 * @stats: gets the fields `outages`, `outage`, `last-outage`, `total-outage`,
 *   `last-reason`, `attempts` and `history`
 */
void
gst_rcast_history_to_stats (const GstRcastHistory * history, GstClockTime now,
    GstStructure * stats)
{
  GValue list = G_VALUE_INIT;

  gst_structure_set (stats,
      "outages", G_TYPE_UINT64, history->outages,
      "outage", G_TYPE_UINT64, present_outage (history, now),
      "last-outage", G_TYPE_UINT64, history->last_outage,
      "total-outage", G_TYPE_UINT64, history->total_outage,
      "last-reason", G_TYPE_STRING, gst_rcast_nick (GST_TYPE_RCAST_REASON,
          history->last_reason), NULL);
  add_attempts (history, stats);
  g_value_init (&list, GST_TYPE_LIST);
  for (guint i = 0; i < history->length; i++) {
    guint at = (history->first + i) % GST_RCAST_HISTORY_LENGTH;
    GValue item = G_VALUE_INIT;

    g_value_init (&item, GST_TYPE_STRUCTURE);
    g_value_take_boxed (&item, attempt_to_structure (&history->ring[at], now));
    gst_value_list_append_and_take_value (&list, &item);
  }
  gst_structure_take_value (stats, "history", &list);
}
