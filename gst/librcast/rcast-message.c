/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parses the bus messages of rcastsink. */
#include "config.h"

#include "rcast-message.h"

#include "rcast-enumtypes.h"
#include "rcast-nick.h"

G_DEFINE_BOXED_TYPE (GstRcastStatusInfo, gst_rcast_status_info,
    gst_rcast_status_info_copy, gst_rcast_status_info_free);
G_DEFINE_BOXED_TYPE (GstRcastStreamInfo, gst_rcast_stream_info,
    gst_rcast_stream_info_copy, gst_rcast_stream_info_free);

GstRcastStatusInfo *
gst_rcast_status_info_copy (const GstRcastStatusInfo * info)
{
  GstRcastStatusInfo *copy;

  g_return_val_if_fail (info != NULL, NULL);

  copy = g_new (GstRcastStatusInfo, 1);
  *copy = *info;
  copy->location = g_strdup (info->location);
  copy->detail = g_strdup (info->detail);
  copy->beside = g_strdup (info->beside);
  return copy;
}

/* @info: (nullable) */
void
gst_rcast_status_info_free (GstRcastStatusInfo * info)
{
  if (!info)
    return;
  g_free (info->location);
  g_free (info->detail);
  g_free (info->beside);
  g_free (info);
}

/* Returns: (transfer full): a structure named after the status, with a field for each other
 * member; `beside` is left out if there is no second attempt */
GstStructure *
gst_rcast_status_info_to_structure (const GstRcastStatusInfo * info)
{
  GstStructure *structure;

  g_return_val_if_fail (info != NULL, NULL);

  structure =
      gst_structure_new (gst_rcast_nick (GST_TYPE_RCAST_STATUS, info->status),
      "reason", G_TYPE_STRING, gst_rcast_nick (GST_TYPE_RCAST_REASON, info->reason),
      "detail", G_TYPE_STRING, info->detail,
      "strategy", G_TYPE_STRING,
      gst_rcast_nick (GST_TYPE_RCAST_STRATEGY, info->strategy),
      "attempt", G_TYPE_UINT, info->attempt,
      "max-retries", G_TYPE_INT, info->max_retries,
      "delay", G_TYPE_UINT64, info->delay,
      "plane", G_TYPE_STRING, gst_rcast_nick (GST_TYPE_RCAST_PLANE, info->plane),
      "location", G_TYPE_STRING, info->location,
      "http-status", G_TYPE_UINT, info->http_status,
      "outage", G_TYPE_UINT64, info->outage, NULL);
  if (info->beside)
    gst_structure_set (structure, "beside", G_TYPE_STRING, info->beside, NULL);
  return structure;
}

/**
 * gst_rcast_status_info_from_structure:
 * @structure: structure of an element message, or details of an error or a warning
 *
 * Missing fields stay 0.
 *
 * Returns: (transfer full) (nullable): %NULL if the structure is not named after a status
 */
GstRcastStatusInfo *
gst_rcast_status_info_from_structure (const GstStructure * structure)
{
  GstRcastStatusInfo info = { 0 };
  gint status, reason = 0, plane = 0, strategy = 0;

  g_return_val_if_fail (structure != NULL, NULL);

  if (!gst_rcast_from_nick (GST_TYPE_RCAST_STATUS, gst_structure_get_name (structure),
          &status))
    return NULL;
  gst_rcast_from_nick (GST_TYPE_RCAST_REASON, gst_structure_get_string (structure,
          "reason"), &reason);
  gst_rcast_from_nick (GST_TYPE_RCAST_PLANE, gst_structure_get_string (structure,
          "plane"), &plane);
  gst_rcast_from_nick (GST_TYPE_RCAST_STRATEGY, gst_structure_get_string (structure,
          "strategy"), &strategy);
  info.status = status;
  info.reason = reason;
  info.plane = plane;
  info.strategy = strategy;
  gst_structure_get_uint (structure, "attempt", &info.attempt);
  gst_structure_get_int (structure, "max-retries", &info.max_retries);
  gst_structure_get_uint64 (structure, "delay", &info.delay);
  gst_structure_get_uint64 (structure, "outage", &info.outage);
  gst_structure_get_uint (structure, "http-status", &info.http_status);
  info.location = (gchar *) gst_structure_get_string (structure, "location");
  info.detail = (gchar *) gst_structure_get_string (structure, "detail");
  info.beside = (gchar *) gst_structure_get_string (structure, "beside");
  return gst_rcast_status_info_copy (&info);
}

static void
append_attempt (GString * text, const GstRcastStatusInfo * info)
{
  g_string_append_printf (text, ", attempt %u", info->attempt);
  if (info->max_retries >= 0)
    g_string_append_printf (text, " of %d", info->max_retries);
  if (info->strategy != GST_RCAST_STRATEGY_NONE)
    g_string_append_printf (text, " by %s", gst_rcast_nick (GST_TYPE_RCAST_STRATEGY,
            info->strategy));
  if (info->delay > 0)
    g_string_append_printf (text, " in %.1f s",
        info->delay / (gdouble) GST_SECOND);
}

/* Returns: (transfer full): one human-readable line */
gchar *
gst_rcast_status_info_to_string (const GstRcastStatusInfo * info)
{
  GString *text;

  g_return_val_if_fail (info != NULL, NULL);

  text = g_string_new (gst_rcast_nick (GST_TYPE_RCAST_STATUS, info->status));
  if (info->reason != GST_RCAST_REASON_NONE)
    g_string_append_printf (text, ": %s", gst_rcast_nick (GST_TYPE_RCAST_REASON,
            info->reason));
  if (info->detail)
    g_string_append_printf (text, " (%s)", info->detail);
  if (info->status == GST_RCAST_STATUS_RECONNECTING_BROADCAST)
    append_attempt (text, info);
  if (info->outage > 0)
    g_string_append_printf (text,
        info->status == GST_RCAST_STATUS_BROADCASTING ?
        ", after %.1f s off air" : ", off air for %.1f s",
        info->outage / (gdouble) GST_SECOND);
  if (info->beside)
    g_string_append_printf (text, ", beside it %s", info->beside);
  return g_string_free (text, FALSE);
}

/* Returns: (nullable): details of an error or a warning, or the structure of an element message */
static const GstStructure *
structure_of (GstMessage * message)
{
  const GstStructure *details = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    gst_message_parse_error_details (message, &details);
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING)
    gst_message_parse_warning_details (message, &details);
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT)
    details = gst_message_get_structure (message);
  return details;
}

/**
 * gst_rcast_message_parse_status:
 * @message: any message of the bus
 *
 * Parses a status message of rcastsink. Also parses its error and its warnings about the
 * connection, whose details have the same fields.
 *
 * Returns: (transfer full) (nullable): %NULL if it is none of these
 *
 * Since: 0.1
 */
GstRcastStatusInfo *
gst_rcast_message_parse_status (GstMessage * message)
{
  const GstStructure *structure;

  g_return_val_if_fail (GST_IS_MESSAGE (message), NULL);

  structure = structure_of (message);
  return structure ? gst_rcast_status_info_from_structure (structure) : NULL;
}

/**
 * gst_rcast_message_parse_dropped:
 * @message: any message of the bus
 * @cause: (out) (optional): why the application message is not sent
 * @type: (out) (optional) (transfer none): its type
 * @payload: (out) (optional) (transfer none): its text
 * @waiting: (out) (optional): number of messages that still wait
 *
 * Returns: whether @message reports a dropped application message
 *
 * Since: 0.1
 */
gboolean
gst_rcast_message_parse_dropped (GstMessage * message,
    GstRcastDropCause * cause, const gchar ** type, const gchar ** payload,
    guint * waiting)
{
  const GstStructure *structure;
  gint value;

  g_return_val_if_fail (GST_IS_MESSAGE (message), FALSE);

  structure = gst_message_get_structure (message);
  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ELEMENT
      || !gst_structure_has_name (structure, GST_RCAST_MESSAGE_DROPPED)
      || !gst_rcast_from_nick (GST_TYPE_RCAST_DROP_CAUSE,
          gst_structure_get_string (structure, "cause"), &value))
    return FALSE;
  if (cause)
    *cause = value;
  if (type)
    *type = gst_structure_get_string (structure, "type");
  if (payload)
    *payload = gst_structure_get_string (structure, "payload");
  if (waiting)
    gst_structure_get_uint (structure, "waiting", waiting);
  return TRUE;
}

/**
 * gst_rcast_message_parse_stream:
 * @message: any message of the bus
 * @pad: (out) (optional) (transfer none): name of the pad
 * @stalled: (out) (optional): whether the stream has stalled, or flows again
 * @stage: (out) (optional): where the stream is, or was, stuck
 * @duration: (out) (optional): for how long
 *
 * Returns: whether @message reports that a stream has stalled or flows again
 *
 * Since: 0.1
 */
gboolean
gst_rcast_message_parse_stream (GstMessage * message, const gchar ** pad,
    gboolean * stalled, GstRcastStage * stage, GstClockTime * duration)
{
  const GstStructure *structure;
  gint value;

  g_return_val_if_fail (GST_IS_MESSAGE (message), FALSE);

  structure = structure_of (message);
  if (!structure || (!gst_structure_has_name (structure, GST_RCAST_MESSAGE_STREAM_STALLED)
          && !gst_structure_has_name (structure, GST_RCAST_MESSAGE_STREAM_FLOWING))
      || !gst_rcast_from_nick (GST_TYPE_RCAST_STAGE,
          gst_structure_get_string (structure, "stage"), &value))
    return FALSE;
  if (pad)
    *pad = gst_structure_get_string (structure, "pad");
  if (stalled)
    *stalled = gst_structure_has_name (structure, GST_RCAST_MESSAGE_STREAM_STALLED);
  if (stage)
    *stage = value;
  if (duration)
    gst_structure_get_uint64 (structure, "duration", duration);
  return TRUE;
}

GstRcastStreamInfo *
gst_rcast_stream_info_copy (const GstRcastStreamInfo * info)
{
  GstRcastStreamInfo *copy;

  g_return_val_if_fail (info != NULL, NULL);

  copy = g_new (GstRcastStreamInfo, 1);
  *copy = *info;
  copy->pad = g_strdup (info->pad);
  copy->stream = g_strdup (info->stream);
  copy->detail = g_strdup (info->detail);
  return copy;
}

/* @info: (nullable) */
void
gst_rcast_stream_info_free (GstRcastStreamInfo * info)
{
  if (!info)
    return;
  g_free (info->pad);
  g_free (info->stream);
  g_free (info->detail);
  g_free (info);
}

/* Returns: (transfer full): a structure `stream_disconnected` or `stream_connected`, with a field
 * for each other member */
GstStructure *
gst_rcast_stream_info_to_structure (const GstRcastStreamInfo * info)
{
  g_return_val_if_fail (info != NULL, NULL);

  return gst_structure_new (info->connected ?
      GST_RCAST_MESSAGE_STREAM_CONNECTED : GST_RCAST_MESSAGE_STREAM_DISCONNECTED,
      "pad", G_TYPE_STRING, info->pad,
      "stream", G_TYPE_STRING, info->stream,
      "cause", G_TYPE_STRING,
      gst_rcast_nick (GST_TYPE_RCAST_STREAM_CAUSE, info->cause),
      "certain", G_TYPE_BOOLEAN, info->certain,
      "detail", G_TYPE_STRING, info->detail,
      "since", G_TYPE_INT64, info->since,
      "duration", G_TYPE_UINT64, info->duration, NULL);
}

/* Returns: (transfer full): one human-readable line */
gchar *
gst_rcast_stream_info_to_string (const GstRcastStreamInfo * info)
{
  GString *text;

  g_return_val_if_fail (info != NULL, NULL);

  text = g_string_new (info->pad ? info->pad : "a stream");
  if (info->stream)
    g_string_append_printf (text, " of %s", info->stream);
  g_string_append (text, info->connected ? " arrives" : " does not arrive");
  if (info->cause != GST_RCAST_STREAM_CAUSE_NONE)
    g_string_append_printf (text, ", cause: %s%s",
        gst_rcast_nick (GST_TYPE_RCAST_STREAM_CAUSE, info->cause),
        info->certain ? "" : " (suspected)");
  if (info->detail)
    g_string_append_printf (text, " (%s)", info->detail);
  if (info->duration > 0)
    g_string_append_printf (text, info->connected ? ", after %.1f s" :
        ", for %.1f s", info->duration / (gdouble) GST_SECOND);
  return g_string_free (text, FALSE);
}

/**
 * gst_rcast_message_parse_reception:
 * @message: any message of the bus
 *
 * Parses a `stream_disconnected` or `stream_connected` message.
 *
 * Returns: (transfer full) (nullable): %NULL if it is neither
 *
 * Since: 0.1
 */
GstRcastStreamInfo *
gst_rcast_message_parse_reception (GstMessage * message)
{
  const GstStructure *structure;
  GstRcastStreamInfo info = { 0 };
  gint cause;

  g_return_val_if_fail (GST_IS_MESSAGE (message), NULL);

  structure = structure_of (message);
  if (!structure)
    return NULL;
  info.connected =
      gst_structure_has_name (structure, GST_RCAST_MESSAGE_STREAM_CONNECTED);
  if ((!info.connected && !gst_structure_has_name (structure,
              GST_RCAST_MESSAGE_STREAM_DISCONNECTED))
      || !gst_rcast_from_nick (GST_TYPE_RCAST_STREAM_CAUSE,
          gst_structure_get_string (structure, "cause"), &cause))
    return NULL;
  info.cause = cause;
  info.pad = (gchar *) gst_structure_get_string (structure, "pad");
  info.stream = (gchar *) gst_structure_get_string (structure, "stream");
  info.detail = (gchar *) gst_structure_get_string (structure, "detail");
  gst_structure_get_boolean (structure, "certain", &info.certain);
  gst_structure_get_int64 (structure, "since", &info.since);
  gst_structure_get_uint64 (structure, "duration", &info.duration);
  return gst_rcast_stream_info_copy (&info);
}
