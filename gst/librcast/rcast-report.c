/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Everything that a user reads: the messages, warnings and errors, with their text. */
#include "config.h"

#include "rcast-report.h"

#include "rcast-enumtypes.h"
#include "rcast-error.h"
#include "rcast-nick.h"
#include "rcast-policyenums.h"
#include "rcast-text.h"

/* Codes of GST_MESSAGE_PROGRESS */
#define PROGRESS_CONNECT "connect"
#define PROGRESS_OUTAGE "outage"

/* What differs with the direction */
static const struct
{
  GstResourceError open;        /* code: the server cannot be reached */
  GstResourceError media;       /* code: the connection of the media failed */
  const gchar *subject;
  const gchar *connected;
} terms[] = {
  [GST_RCAST_DIRECTION_SEND] = {
      GST_RESOURCE_ERROR_OPEN_WRITE, GST_RESOURCE_ERROR_WRITE,
      "broadcast at", "connected, media is not confirmed yet"},
  [GST_RCAST_DIRECTION_RECEIVE] = {
      GST_RESOURCE_ERROR_OPEN_READ, GST_RESOURCE_ERROR_READ,
      "reception from", "connected, no media has come yet"},
};

static gdouble
seconds (GstClockTime time)
{
  return time / (gdouble) GST_SECOND;
}

/* Explains the reason of a step if there is no error. */
static const gchar *
explain (const GstRcastStep * step)
{
  switch (step->reason) {
    case GST_RCAST_REASON_ICE_FAILED:
      return step->from == GST_RCAST_STATE_CONNECTING ?
          "ICE and DTLS did not connect in time" :
          "ICE found no working pair of candidates";
    case GST_RCAST_REASON_ICE_DISCONNECTED:
      return "nothing is received any more over ICE's pair of candidates";
    case GST_RCAST_REASON_DTLS_FAILED:
      return "the DTLS association failed";
    case GST_RCAST_REASON_SERVER_CLOSED:
      return "the server closed the DTLS association";
    case GST_RCAST_REASON_SIGNALLING_LOST:
      return "no answer from the signalling server in time";
    case GST_RCAST_REASON_MEDIA_FROZEN:
      return "packets are sent, but the server no longer receives them";
    case GST_RCAST_REASON_NETWORK_CHANGED:
      return step->strategy == GST_RCAST_STRATEGY_PATH_SWITCH ?
          "media moved to another path" : "the network changed";
    case GST_RCAST_REASON_NETWORK_LOST:
      return "the system has no network";
    case GST_RCAST_REASON_EVICTED:
      return "the server no longer has the session";
    case GST_RCAST_REASON_REJECTED:
      return "the server refused";
    case GST_RCAST_REASON_WEBRTC_FAILED:
      return "the media connection failed on this side";
    case GST_RCAST_REASON_STREAMS_CHANGED:
      return "a codec changed, or a pad came or went";
    case GST_RCAST_REASON_NO_STREAM:
      return "nobody publishes the stream";
    case GST_RCAST_REASON_NONE:
    case GST_RCAST_REASON_USER:
      break;
  }
  return "the broadcast failed";
}

/* Returns: (transfer full) (nullable): the cause, without the skipped steps */
static gchar *
cause_of (const GstRcastOccasion * occasion)
{
  const GstRcastStep *step = occasion->step;

  if (occasion->error)
    return gst_rcast_text_clean_to (occasion->error->message, -1,
        GST_RCAST_DETAIL_MAX);
  if (step->reason == GST_RCAST_REASON_NONE
      || step->reason == GST_RCAST_REASON_USER)
    return NULL;
  return g_strdup (explain (step));
}

static void
append_skipped (GString * text, const GstRcastStep * step,
    GstRcastStrategy strategy, const gchar * name, const gchar * why)
{
  if (step->skipped & (1u << strategy))
    g_string_append_printf (text, "; no %s: %s", name,
        why ? why : "one has not helped");
}

/* Returns: (transfer full) (nullable): the cause, and why steps were skipped */
static gchar *
detail_of (const GstRcastOccasion * occasion)
{
  g_autofree gchar *cause = cause_of (occasion);
  GString *text;

  if (!cause)
    return NULL;
  text = g_string_new (cause);
  append_skipped (text, occasion->step, GST_RCAST_STRATEGY_ICE_RESTART,
      "ICE restart", occasion->no_restart);
  append_skipped (text, occasion->step, GST_RCAST_STRATEGY_RENEGOTIATE,
      "renegotiation", occasion->no_renegotiation);
  return g_string_free (text, FALSE);
}

/* An ICE restart is about the media, but failing to send its offer is about the signalling. */
static GstRcastPlane
plane_of (const GstRcastOccasion * occasion)
{
  return occasion->error && gst_rcast_error_get_uri (occasion->error) ?
      GST_RCAST_PLANE_SIGNALLING : occasion->step->plane;
}

/**
 * gst_rcast_report_beside:
 * @strategy: strategy of the second attempt; %GST_RCAST_STRATEGY_NONE: there is none
 * @location: (nullable): its server, without secrets
 *
 * Returns: (transfer full) (nullable): the second attempt in words
 */
gchar *
gst_rcast_report_beside (GstRcastStrategy strategy, const gchar * location)
{
  const gchar *name = gst_rcast_nick (GST_TYPE_RCAST_STRATEGY, strategy);

  if (strategy == GST_RCAST_STRATEGY_NONE)
    return NULL;
  return location ? g_strdup_printf ("%s at %s", name, location) :
      g_strdup (name);
}

/**
 * gst_rcast_report_step:
 * @occasion: a step that changed the status
 *
 * Returns: (transfer full): the content of its messages
 */
GstRcastStatusInfo *
gst_rcast_report_step (const GstRcastOccasion * occasion)
{
  const GstRcastStep *step = occasion->step;
  g_autofree gchar *detail = detail_of (occasion);
  GstRcastStatusInfo info = {
    .status = step->status,
    .reason = step->reason,
    .plane = plane_of (occasion),
    .strategy = step->strategy,
    .attempt = step->attempt,
    .max_retries = occasion->max_retries,
    .delay = step->delay,
    .outage = step->outage,
    .http_status = occasion->error ?
        gst_rcast_error_get_http_status (occasion->error) : 0,
    .location = (gchar *) occasion->location,
    .detail = detail,
    .beside = (gchar *) occasion->beside,
  };

  return gst_rcast_status_info_copy (&info);
}

/**
 * gst_rcast_report_outage:
 * @occasion: a step that ended an outage which was not reported yet
 *
 * An outage that ends within the grace period is reported when it is over, so that each outage
 * has both messages.
 *
 * Returns: (transfer full): the content of the message for its beginning
 */
GstRcastStatusInfo *
gst_rcast_report_outage (const GstRcastOccasion * occasion)
{
  GstRcastStep began = *occasion->step;
  GstRcastOccasion then = *occasion;

  began.status = GST_RCAST_STATUS_RECONNECTING_BROADCAST;
  began.reason = began.trouble;
  then.step = &began;
  return gst_rcast_report_step (&then);
}

/* Returns: (nullable): the name, in OpenVidu's words, of the warning for a change of the status.
 * There is one for each kind of trouble, however many attempts fail. A failure of HTTP or the
 * WebSocket is no trouble of ICE. */
static const gchar *
ice_trouble (GstRcastReporter * reporter, const GstRcastStatusInfo * info)
{
  guint bit = 1u << info->reason;
  const gchar *name;

  if (info->status != GST_RCAST_STATUS_RECONNECTING_BROADCAST
      || info->plane == GST_RCAST_PLANE_SIGNALLING
      || (reporter->warned & bit))
    return NULL;
  if (info->reason == GST_RCAST_REASON_ICE_FAILED)
    name = "ICE_CONNECTION_FAILED";
  else if (info->reason == GST_RCAST_REASON_ICE_DISCONNECTED
      && !(info->outage > 0 && info->outage < reporter->grace))
    name = "ICE_CONNECTION_DISCONNECTED";
  else
    return NULL;
  reporter->warned |= bit;
  return name;
}

static GstMessage *
warn_of_ice (GstRcastReporter * reporter, GstObject * source,
    const GstRcastStatusInfo * info)
{
  const gchar *name = ice_trouble (reporter, info);
  g_autoptr (GError) error = NULL;

  if (!name)
    return NULL;
  error = g_error_new (GST_RESOURCE_ERROR, terms[reporter->direction].media,
      "%s: %s", name, info->detail);
  return gst_message_new_warning_with_details (source, error, NULL,
      gst_rcast_status_info_to_structure (info));
}

static void
append_beside (GString * text, const GstRcastStatusInfo * info)
{
  if (info->beside)
    g_string_append_printf (text, "; beside it %s", info->beside);
}

/* "attempt 2 of 5 by rejoin in 1.5 s" */
static void
append_attempt (GString * text, const GstRcastStatusInfo * info)
{
  if (info->attempt == 0)
    return;
  g_string_append_printf (text, "; attempt %u", info->attempt);
  if (info->max_retries >= 0)
    g_string_append_printf (text, " of %d", info->max_retries);
  if (info->strategy != GST_RCAST_STRATEGY_NONE)
    g_string_append_printf (text, " by %s",
        gst_rcast_nick (GST_TYPE_RCAST_STRATEGY, info->strategy));
  if (info->delay > 0)
    g_string_append_printf (text, " in %.1f s", seconds (info->delay));
}

static gchar *
describe_outage (const GstRcastStatusInfo * info)
{
  GString *text = g_string_new ("off air: ");

  g_string_append (text, info->detail ? info->detail :
      gst_rcast_nick (GST_TYPE_RCAST_REASON, info->reason));
  append_attempt (text, info);
  append_beside (text, info);
  return g_string_free (text, FALSE);
}

static gchar *
describe_start (const GstRcastStatusInfo * info)
{
  GString *text = g_string_new ("connecting to ");

  g_string_append (text, info->location ? info->location : "the server");
  append_beside (text, info);
  return g_string_free (text, FALSE);
}

static gchar *
describe_return (const GstRcastReporter * reporter,
    const GstRcastStatusInfo * info)
{
  if (g_strcmp0 (reporter->progress, PROGRESS_OUTAGE) != 0)
    return g_strdup ("on air");
  return g_strdup_printf ("back on air after %.1f s", seconds (info->outage));
}

/* Ends the progress that has begun, if any. */
static GstMessage *
end_progress (GstRcastReporter * reporter, GstObject * source,
    GstProgressType type, const gchar * text)
{
  const gchar *code = reporter->progress;

  reporter->progress = NULL;
  return code ? gst_message_new_progress (source, type, code, text) : NULL;
}

static GstMessage *
go_on (GstRcastReporter * reporter, GstObject * source, const gchar * code,
    const gchar * text)
{
  gboolean begun = g_strcmp0 (reporter->progress, code) == 0;

  reporter->progress = code;
  return gst_message_new_progress (source, begun ? GST_PROGRESS_TYPE_CONTINUE :
      GST_PROGRESS_TYPE_START, code, text);
}

/* gst-launch-1.0 and gst-play-1.0 print progress messages without any option. */
static GstMessage *
report_progress (GstRcastReporter * reporter, GstObject * source,
    const GstRcastStatusInfo * info)
{
  g_autofree gchar *text = NULL;

  switch (info->status) {
    case GST_RCAST_STATUS_SIGNALLING:
      text = describe_start (info);
      return go_on (reporter, source, PROGRESS_CONNECT, text);
    case GST_RCAST_STATUS_CONNECTED:
      return go_on (reporter, source, reporter->progress ? reporter->progress :
          PROGRESS_CONNECT, terms[reporter->direction].connected);
    case GST_RCAST_STATUS_RECONNECTING_BROADCAST:
      text = describe_outage (info);
      return go_on (reporter, source, reporter->progress ? reporter->progress :
          PROGRESS_OUTAGE, text);
    case GST_RCAST_STATUS_BROADCASTING:
      text = describe_return (reporter, info);
      return end_progress (reporter, source, GST_PROGRESS_TYPE_COMPLETE, text);
    case GST_RCAST_STATUS_DISCONNECTED:
      if (info->reason == GST_RCAST_REASON_USER)
        return end_progress (reporter, source, GST_PROGRESS_TYPE_CANCELED,
            "stopped");
      return end_progress (reporter, source, GST_PROGRESS_TYPE_ERROR,
          info->detail ? info->detail : "the broadcast ended");
    case GST_RCAST_STATUS_RECONNECTING:
      return NULL;
  }
  return NULL;
}

static void
add (GPtrArray * messages, GstMessage * message)
{
  if (message)
    g_ptr_array_add (messages, message);
}

/**
 * gst_rcast_report_status:
 * @reporter: what has been reported
 * @source: (nullable): source of the messages
 * @info: the new status
 *
 * Returns: (transfer full) (element-type GstMessage): the messages to post, in this order:
 *   a warning if there is one, the status message, the progress
 */
GPtrArray *
gst_rcast_report_status (GstRcastReporter * reporter, GstObject * source,
    const GstRcastStatusInfo * info)
{
  GPtrArray *messages =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_message_unref);

  add (messages, warn_of_ice (reporter, source, info));
  add (messages, gst_message_new_element (source,
          gst_rcast_status_info_to_structure (info)));
  add (messages, report_progress (reporter, source, info));
  if (info->status == GST_RCAST_STATUS_BROADCASTING)
    reporter->warned = 0;
  return messages;
}

static GError *
resource_error (GstResourceError code, const gchar * text)
{
  return g_error_new_literal (GST_RESOURCE_ERROR, code, text);
}

/* Maps a refusal that is not due to an abandoned session. */
static GError *
refusal_error (guint http_status, const gchar * text)
{
  switch (http_status) {
    case 400:
      return g_error_new_literal (GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
          text);
    case 403:
      return resource_error (GST_RESOURCE_ERROR_NOT_AUTHORIZED, text);
    default:
      return resource_error (GST_RESOURCE_ERROR_BUSY, text);
  }
}

/* Translates @error to GStreamer's domains. */
static GError *
to_bus_error (GstRcastDirection direction, const GError * error,
    guint http_status, const gchar * text)
{
  if (!error)
    return resource_error (terms[direction].media, text);
  if (error->domain != GST_RCAST_ERROR)
    return resource_error (GST_RESOURCE_ERROR_FAILED, text);
  switch ((GstRcastError) error->code) {
    case GST_RCAST_ERROR_UNAUTHORIZED:
    case GST_RCAST_ERROR_TLS:
    case GST_RCAST_ERROR_NO_TOKEN:
      return resource_error (GST_RESOURCE_ERROR_NOT_AUTHORIZED, text);
    case GST_RCAST_ERROR_BUSY:
      return resource_error (GST_RESOURCE_ERROR_BUSY, text);
    case GST_RCAST_ERROR_OCCUPIED:
      return refusal_error (http_status, text);
    case GST_RCAST_ERROR_REJECTED:
      return resource_error (http_status == 404 ? GST_RESOURCE_ERROR_NOT_FOUND :
          GST_RESOURCE_ERROR_NOT_AUTHORIZED, text);
    case GST_RCAST_ERROR_NO_STREAM:
      return resource_error (GST_RESOURCE_ERROR_NOT_FOUND, text);
    case GST_RCAST_ERROR_INVALID_ARGUMENT:
      return resource_error (GST_RESOURCE_ERROR_SETTINGS, text);
    case GST_RCAST_ERROR_NOT_ACCEPTABLE:
      return g_error_new_literal (GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
          text);
    case GST_RCAST_ERROR_NETWORK:
    case GST_RCAST_ERROR_TIMEOUT:
      return resource_error (terms[direction].open, text);
    case GST_RCAST_ERROR_SESSION_GONE:
    case GST_RCAST_ERROR_COUNTER_OFFER:
    case GST_RCAST_ERROR_NOT_SUPPORTED:
    case GST_RCAST_ERROR_INVALID_DATA:
    case GST_RCAST_ERROR_FAILED:
      break;
  }
  return resource_error (terms[direction].media, text);
}

/**
 * gst_rcast_report_failure:
 * @reporter: what has been reported
 * @source: (nullable): source of the message
 * @info: the last status
 * @error: (nullable): error that ended the broadcast
 *
 * Returns: (transfer full): the final error message
 */
GstMessage *
gst_rcast_report_failure (const GstRcastReporter * reporter,
    GstObject * source, const GstRcastStatusInfo * info, const GError * error)
{
  const gchar *plane = gst_rcast_nick (GST_TYPE_RCAST_PLANE, info->plane);
  const gchar *reason = gst_rcast_nick (GST_TYPE_RCAST_REASON, info->reason);
  const gchar *location = info->location ? info->location : "the server";
  g_autofree gchar *cause = error ?
      gst_rcast_text_clean_to (error->message, -1, GST_RCAST_DETAIL_MAX) :
      g_strdup (info->detail);
  g_autofree gchar *http = info->http_status ?
      g_strdup_printf (", HTTP status %u", info->http_status) : NULL;
  g_autofree gchar *text =
      g_strdup_printf ("The %s %s ended: %s (%s plane, %s%s)",
      terms[reporter->direction].subject, location, cause ? cause : reason,
      plane, reason, http ? http : "");
  g_autofree gchar *debug =
      g_strdup_printf ("plane=%s reason=%s http-status=%u location=%s", plane,
      reason, info->http_status, location);
  g_autoptr (GError) shown = to_bus_error (reporter->direction, error,
      info->http_status, text);

  return gst_message_new_error_with_details (source, shown, debug,
      gst_rcast_status_info_to_structure (info));
}

/**
 * gst_rcast_report_warning:
 * @source: (nullable): source of the message
 * @error: a request that could not be carried out, or a failure that does not harm the media
 *
 * Returns: (transfer full): a warning message
 */
GstMessage *
gst_rcast_report_warning (GstObject * source, const GError * error)
{
  g_autofree gchar *text =
      gst_rcast_text_clean_to (error->message, -1, GST_RCAST_DETAIL_MAX);
  g_autoptr (GError) shown =
      resource_error (GST_RESOURCE_ERROR_FAILED, text ? text : "unknown");

  return gst_message_new_warning (source, shown, shown->message);
}

static const gchar *
explain_stage (GstRcastStage stage)
{
  switch (stage) {
    case GST_RCAST_STAGE_LINK:
      return "no caps came";
    case GST_RCAST_STAGE_SOURCE:
      return "no data comes in";
    case GST_RCAST_STAGE_ENCODER:
      return "its encoder takes data and puts nothing out";
    case GST_RCAST_STAGE_FEED:
      return "its packets are dropped, as they are of another codec than was "
          "negotiated or the connection takes none";
    case GST_RCAST_STAGE_KEY_FRAME:
      return "no key frame comes, though its source was asked for one; "
          "shorten its interval, or set video-start or key-frame-wait";
    case GST_RCAST_STAGE_PREROLL:
      return "the pipeline does not get to PLAYING";
  }
  return "unknown";
}

static GstMessage *
new_stalled (GstObject * source, const gchar * pad, GstRcastStage stage,
    GstClockTime duration, const gchar * hint, GstStructure * details)
{
  g_autofree gchar *cause = gst_rcast_text_clean_to (hint ? hint :
      explain_stage (stage), -1, GST_RCAST_DETAIL_MAX);
  g_autofree gchar *text = g_strdup_printf ("%s has %s nothing for %.0f s%s: %s",
      pad, stage == GST_RCAST_STAGE_LINK ? "got" : "sent", seconds (duration),
      stage == GST_RCAST_STAGE_LINK || stage == GST_RCAST_STAGE_KEY_FRAME
      || stage == GST_RCAST_STAGE_PREROLL ? "" : " while other streams flow", cause);
  g_autoptr (GError) error = stage == GST_RCAST_STAGE_ENCODER ?
      g_error_new_literal (GST_STREAM_ERROR, GST_STREAM_ERROR_ENCODE, text) :
      resource_error (GST_RESOURCE_ERROR_READ, text);

  return gst_message_new_warning_with_details (source, error, NULL, details);
}

/**
 * gst_rcast_report_stream:
 * @source: (nullable): source of the message
 * @pad: name of the pad
 * @stalled: whether the stream is stuck; else it flows again
 * @stage: where it is, or was, stuck
 * @duration: for how long
 * @hint: (nullable): the probable cause, if no caps came
 *
 * Returns: (transfer full): a warning if @stalled, else an element message
 */
GstMessage *
gst_rcast_report_stream (GstObject * source, const gchar * pad,
    gboolean stalled, GstRcastStage stage, GstClockTime duration,
    const gchar * hint)
{
  GstStructure *structure =
      gst_structure_new (stalled ? GST_RCAST_MESSAGE_STREAM_STALLED :
      GST_RCAST_MESSAGE_STREAM_FLOWING,
      "pad", G_TYPE_STRING, pad,
      "stage", G_TYPE_STRING, gst_rcast_nick (GST_TYPE_RCAST_STAGE, stage),
      "duration", G_TYPE_UINT64, duration, NULL);

  return stalled ? new_stalled (source, pad, stage, duration, hint, structure) :
      gst_message_new_element (source, structure);
}

/* Returns: (transfer full) */
static GstMessage *
new_retimed (GstObject * source, const gchar * pad, GstRcastTrouble trouble,
    gint64 ahead, guint count)
{
  gboolean jumped = trouble == GST_RCAST_TROUBLE_JUMP;
  GstStructure *details = gst_structure_new (GST_RCAST_MESSAGE_STREAM_RETIMED,
      "pad", G_TYPE_STRING, pad,
      "cause", G_TYPE_STRING, jumped ? "jump" : "drift",
      "ahead", G_TYPE_INT64, ahead, "jumps", G_TYPE_UINT, count, NULL);
  gdouble size = (ahead < 0 ? -(gdouble) ahead : ahead) / GST_SECOND;
  g_autofree gchar *text = jumped ?
      g_strdup_printf ("The timestamps of %s jumped %s by %.3f s.", pad,
      ahead < 0 ? "back" : "ahead", size) :
      g_strdup_printf ("The timestamps of %s drift: they are %.3f s %s the "
      "arrival of the data.", pad, size, ahead < 0 ? "behind" : "ahead of");
  g_autoptr (GError) error = g_error_new_literal (GST_STREAM_ERROR,
      GST_STREAM_ERROR_FORMAT, text);

  return gst_message_new_warning_with_details (source, error,
      "They are corrected: what is sent leaves as it arrives, in one time line. "
      "The source should take its timestamps from the pipeline's clock.",
      details);
}

static GstMessage *
new_overflow (GstObject * source, const gchar * pad, guint count)
{
  GstStructure *details = gst_structure_new (GST_RCAST_MESSAGE_STREAM_OVERFLOW,
      "pad", G_TYPE_STRING, pad, "packets", G_TYPE_UINT, count, NULL);
  g_autofree gchar *text = g_strdup_printf ("%u packets of %s were dropped: "
      "they waited for more than a second.", count, pad);
  g_autoptr (GError) error = resource_error (GST_RESOURCE_ERROR_WRITE, text);

  return gst_message_new_warning_with_details (source, error,
      "webrtcbin takes nothing. It goes on at a key frame.", details);
}

/* @late: delay of the frames in ns */
static GstMessage *
new_slow (GstObject * source, const gchar * pad, gint64 late)
{
  GstStructure *details = gst_structure_new (GST_RCAST_MESSAGE_STREAM_LATE,
      "pad", G_TYPE_STRING, pad, "late", G_TYPE_UINT64, (guint64) late, NULL);
  g_autofree gchar *text = g_strdup_printf ("%s is too much for this machine: "
      "its frames leave %.1f s late, and later and later.", pad,
      seconds (late));
  g_autoptr (GError) error = g_error_new_literal (GST_STREAM_ERROR,
      GST_STREAM_ERROR_ENCODE, text);

  return gst_message_new_warning_with_details (source, error,
      "Send a smaller picture or fewer frames, or encode with less work: by "
      "hardware, or with a faster preset in encoder-setup. With \"queue "
      "leaky=downstream max-size-buffers=3\" in front of the pad frames are left "
      "out instead.", details);
}

/* @target: bit/s, 0: too little to be of use */
static GstMessage *
new_too_thin (GstObject * source, const gchar * pad, gint64 target,
    guint bitrate)
{
  GstStructure *details = gst_structure_new (GST_RCAST_MESSAGE_TOO_THIN,
      "pad", G_TYPE_STRING, pad,
      "target-bitrate", G_TYPE_UINT64, (guint64) MAX (target, 0),
      "bitrate", G_TYPE_UINT64, (guint64) bitrate, NULL);
  g_autofree gchar *text = target > 0 ?
      g_strdup_printf ("UPLINK_TOO_THIN: %s has %u kbit/s, and there are %"
      G_GINT64_FORMAT " kbit/s for it. Frames of it are dropped.", pad,
      bitrate / 1000, target / 1000) :
      g_strdup_printf ("UPLINK_TOO_THIN: what there is does not suffice for %s, "
      "which is paused.", pad);
  g_autoptr (GError) error = resource_error (GST_RESOURCE_ERROR_WRITE, text);

  return gst_message_new_warning_with_details (source, error,
      "Encode with the bitrate of the message target-bitrate, or send raw "
      "video, which follows by itself.", details);
}

static GstMessage *
new_degraded (GstObject * source, const gchar * pad, gboolean degraded,
    gint64 target, guint min)
{
  return gst_message_new_element (source,
      gst_structure_new (GST_RCAST_MESSAGE_DEGRADED,
          "pad", G_TYPE_STRING, pad,
          "degraded", G_TYPE_BOOLEAN, degraded,
          "bitrate", G_TYPE_UINT64, target == G_MAXINT64 ? G_MAXUINT64 :
          (guint64) target, "min-bitrate", G_TYPE_UINT64, (guint64) min, NULL));
}

/* @interface: an uplink; @used: bytes that it has carried today; @daily: bytes that it may carry
 * @spent: the daily bytes are used up; else they soon will be */
GstMessage *
gst_rcast_report_allowance (GstObject * source, const gchar * interface,
    guint64 used, guint64 daily, gboolean spent)
{
  GstStructure *details = gst_structure_new (GST_RCAST_MESSAGE_DAILY_LIMIT,
      "interface", G_TYPE_STRING, interface,
      "bytes-today", G_TYPE_UINT64, used,
      "bytes-per-day", G_TYPE_UINT64, daily,
      "spent", G_TYPE_BOOLEAN, spent, NULL);
  g_autofree gchar *text = g_strdup_printf ("UPLINK_DAILY_LIMIT: %s has carried %"
      G_GUINT64_FORMAT " of the %" G_GUINT64_FORMAT " bytes that path-limits "
      "lets it carry today. %s", interface, used, daily, spent ?
      "It carries no more until midnight." :
      "When they are used up, it carries no more until midnight.");
  g_autoptr (GError) error = resource_error (GST_RESOURCE_ERROR_NO_SPACE_LEFT,
      text);

  return gst_message_new_warning_with_details (source, error,
      "Use another uplink, a lower max-bitrate, or a higher path-limits.",
      details);
}

/**
 * gst_rcast_report_trouble:
 * @source: (nullable): source of the message
 * @pad: name of the pad
 * @trouble: what happened
 * @ahead: how far timestamps are ahead of where they should be, in ns; for a machine that is
 *   too slow, the delay of the frames in ns; for an uplink that is too thin, the bit/s available
 *   to the stream, %G_MAXINT64: any number
 * @count: jumps or dropped packets since the last report; 0 for drift and lateness; for an
 *   uplink that is too thin, the bit/s of the stream or its minimum
 *
 * Returns: (transfer full): a warning, or an element message
 */
GstMessage *
gst_rcast_report_trouble (GstObject * source, const gchar * pad,
    GstRcastTrouble trouble, gint64 ahead, guint count)
{
  switch (trouble) {
    case GST_RCAST_TROUBLE_OVERFLOW:
      return new_overflow (source, pad, count);
    case GST_RCAST_TROUBLE_THIN:
      return new_too_thin (source, pad, ahead, count);
    case GST_RCAST_TROUBLE_DEGRADED:
    case GST_RCAST_TROUBLE_RESTORED:
      return new_degraded (source, pad, trouble == GST_RCAST_TROUBLE_DEGRADED,
          ahead, count);
    case GST_RCAST_TROUBLE_SLOW:
      return new_slow (source, pad, ahead);
    case GST_RCAST_TROUBLE_JUMP:
    case GST_RCAST_TROUBLE_DRIFT:
      break;
  }
  return new_retimed (source, pad, trouble, ahead, count);
}

/**
 * gst_rcast_report_target:
 * @source: (nullable): source of the message
 * @pad: name of the pad
 * @bitrate: bit/s that the network carries for the pad, %G_MAXUINT64: any number
 * @sum: the same for all pads together
 * @reason: (nullable): why it changed
 *
 * Returns: (transfer full): an element message
 */
GstMessage *
gst_rcast_report_target (GstObject * source, const gchar * pad,
    guint64 bitrate, guint64 sum, const gchar * reason)
{
  return gst_message_new_element (source,
      gst_structure_new (GST_RCAST_MESSAGE_TARGET_BITRATE,
          "pad", G_TYPE_STRING, pad,
          "bitrate", G_TYPE_UINT64, bitrate,
          "sum", G_TYPE_UINT64, sum, "reason", G_TYPE_STRING, reason, NULL));
}

/**
 * gst_rcast_report_dropped:
 * @source: (nullable): source of the message
 * @letter: an application message that will not be sent
 * @cause: why
 * @waiting: how many messages still wait
 *
 * Returns: (transfer full): an element message
 */
GstMessage *
gst_rcast_report_dropped (GstObject * source, const GstRcastLetter * letter,
    GstRcastDropCause cause, guint waiting)
{
  return gst_message_new_element (source,
      gst_structure_new (GST_RCAST_MESSAGE_DROPPED,
          "cause", G_TYPE_STRING,
          gst_rcast_nick (GST_TYPE_RCAST_DROP_CAUSE, cause),
          "type", G_TYPE_STRING, letter->type,
          "payload", G_TYPE_STRING, letter->payload,
          "waiting", G_TYPE_UINT, waiting, NULL));
}

/**
 * gst_rcast_report_unconfirmed:
 * @source: (nullable): source of the message
 * @silence: for how long the server has confirmed none of the media sent, in ns
 *
 * Returns: (transfer full): a warning message
 */
GstMessage *
gst_rcast_report_unconfirmed (GstObject * source, GstClockTime silence)
{
  GstStructure *details = gst_structure_new (GST_RCAST_MESSAGE_UNCONFIRMED,
      "duration", G_TYPE_UINT64, silence, NULL);
  g_autofree gchar *text = g_strdup_printf ("The server is connected, but has "
      "confirmed nothing of what was sent to it for %.0f s: it may not arrive.",
      seconds (silence));
  g_autoptr (GError) error = resource_error (GST_RESOURCE_ERROR_WRITE, text);

  return gst_message_new_warning_with_details (source, error,
      "Its RTCP receiver reports would show that it arrives. See what a viewer of "
      "the server gets. If that is nothing, something on the way, or the server, "
      "drops the media.", details);
}

/* @refusal: of an offer with a data channel; the server accepted the offer without one.
 * Returns: (transfer full): a warning for the application */
GError *
gst_rcast_report_no_channel (const GError * refusal)
{
  g_autofree gchar *words =
      gst_rcast_text_clean_to (refusal->message, -1, GST_RCAST_DETAIL_MAX);

  return g_error_new (GST_RCAST_ERROR, GST_RCAST_ERROR_NOT_SUPPORTED,
      "the server takes no data channel, the offer was repeated without: %s",
      words ? words : "refused");
}

/**
 * gst_rcast_report_server:
 * @event: an unsolicited event of the server
 * @detail: (nullable): the server's own words
 *
 * Returns: (transfer full): the event as an error. An eviction is fatal: a publisher that was
 *   removed does not come back
 */
GError *
gst_rcast_report_server (GstRcastServerEvent event, const gchar * detail)
{
  g_autofree gchar *words = gst_rcast_text_clean (detail, -1);

  return g_error_new (GST_RCAST_ERROR, event == GST_RCAST_SERVER_EVICTED ?
      GST_RCAST_ERROR_REJECTED : GST_RCAST_ERROR_FAILED, "the server says: %s",
      words ? words : gst_rcast_nick (GST_TYPE_RCAST_SERVER_EVENT, event));
}

/**
 * gst_rcast_report_unlinked:
 * @source: (nullable): source of the message
 * @pad: name of the pad, `video_0`
 * @linked: the pad itself is linked, but what it leads to is not
 * @duration: for how long nobody has taken the media that comes
 *
 * Returns: (transfer full): a warning message
 */
GstMessage *
gst_rcast_report_unlinked (GstObject * source, const gchar * pad,
    gboolean linked, GstClockTime duration)
{
  GstStructure *details = gst_structure_new (GST_RCAST_MESSAGE_STREAM_UNLINKED,
      "pad", G_TYPE_STRING, pad, "duration", G_TYPE_UINT64, duration, NULL);
  gsize kind = strcspn (pad, "_");
  g_autofree gchar *text = g_strdup_printf ("%s receives media, but %s linked "
      "to nothing: it is thrown away.", pad,
      linked ? "what it leads to is" : "is");
  g_autofree gchar *cure = g_strdup_printf ("Link it, to a fakesink if nobody "
      "wants it. A server that takes an offer sends no %.*s with "
      "%.*s-streams=%s.", (gint) kind, pad, (gint) kind, pad,
      pad[kind] ? pad + kind + 1 : "0");
  g_autoptr (GError) error = g_error_new_literal (GST_CORE_ERROR,
      GST_CORE_ERROR_PAD, text);

  return gst_message_new_warning_with_details (source, error, cure, details);
}

static gchar *
log_attempt (const GstRcastStep * step)
{
  return step->attempt == 0 ? g_strdup ("") :
      g_strdup_printf (", attempt %u by %s in %" G_GUINT64_FORMAT " ms",
      step->attempt, gst_rcast_nick (GST_TYPE_RCAST_STRATEGY, step->strategy),
      GST_TIME_AS_MSECONDS (step->delay));
}

/* @error: (nullable): error that came with the event.
 * Returns: (transfer full): @step as one line of the log */
gchar *
gst_rcast_report_log_line (const GstRcastStep * step, GstRcastEventType event,
    const GError * error)
{
  const gchar *name = gst_rcast_nick (GST_TYPE_RCAST_EVENT_TYPE, event);
  const gchar *from = gst_rcast_nick (GST_TYPE_RCAST_STATE, step->from);
  const gchar *to = gst_rcast_nick (GST_TYPE_RCAST_STATE, step->to);
  g_autofree gchar *attempt = log_attempt (step);
  g_autofree gchar *words = error ?
      gst_rcast_text_clean_to (error->message, -1, GST_RCAST_DETAIL_MAX) : NULL;

  if (step->extended)
    return g_strdup_printf ("the process was suspended in %s: it waits anew",
        from);
  if (step->ignored)
    return g_strdup_printf ("%s in %s: ignored", name, from);
  return g_strdup_printf ("%s -> %s on %s, session %u, reason %s%s%s%s", from,
      to, name, step->generation, gst_rcast_nick (GST_TYPE_RCAST_REASON,
          step->reason), attempt, words ? ": " : "", words ? words : "");
}
