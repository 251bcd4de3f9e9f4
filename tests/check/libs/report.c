/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a user reads about each step: text, error codes, warnings, progress. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "rcast-enumtypes.h"
#include "rcast-error.h"
#include "rcast-nick.h"
#include "rcast-report.h"

#define LOCATION "whip+https://server/whip/x"

#define BESIDE "failover at whip+https://other/whip/x"

static const GstRcastStep off_air = {
  .from = GST_RCAST_STATE_LIVE,
  .to = GST_RCAST_STATE_BACKOFF,
  .status = GST_RCAST_STATUS_RECONNECTING_BROADCAST,
  .reason = GST_RCAST_REASON_ICE_FAILED,
  .trouble = GST_RCAST_REASON_ICE_DISCONNECTED,
  .plane = GST_RCAST_PLANE_MEDIA,
  .strategy = GST_RCAST_STRATEGY_REJOIN,
  .attempt = 2,
  .delay = 1500 * GST_MSECOND,
  .outage = 4 * GST_SECOND,
};

static GstRcastStatusInfo *
status_of (const GstRcastStep * step, const GError * error)
{
  GstRcastOccasion occasion = {
    .step = step,
    .error = error,
    .location = LOCATION,
    .no_restart = "DTLS is over",
    .max_retries = 5,
    .beside = BESIDE,
  };

  return gst_rcast_report_step (&occasion);
}

GST_START_TEST (test_a_step_becomes_a_status)
{
  g_autoptr (GError) error =
      gst_rcast_error_new_http (GST_RCAST_ERROR_FAILED, NULL, 502,
      GST_CLOCK_TIME_NONE, "POST: 502");
  g_autoptr (GstRcastStatusInfo) info = status_of (&off_air, error);

  assert_equals_int (info->status, GST_RCAST_STATUS_RECONNECTING_BROADCAST);
  assert_equals_int (info->reason, GST_RCAST_REASON_ICE_FAILED);
  assert_equals_int (info->plane, GST_RCAST_PLANE_MEDIA);
  assert_equals_int (info->strategy, GST_RCAST_STRATEGY_REJOIN);
  assert_equals_int (info->attempt, 2);
  assert_equals_int (info->max_retries, 5);
  assert_equals_uint64 (info->delay, 1500 * GST_MSECOND);
  assert_equals_uint64 (info->outage, 4 * GST_SECOND);
  assert_equals_int (info->http_status, 502);
  assert_equals_string (info->location, LOCATION);
  assert_equals_string (info->detail, "POST: 502");
  assert_equals_string (info->beside, BESIDE);
}

GST_END_TEST;

GST_START_TEST (test_a_second_attempt_has_its_strategy_and_its_server)
{
  g_autofree gchar *none = gst_rcast_report_beside (GST_RCAST_STRATEGY_NONE,
      LOCATION);
  g_autofree gchar *whole = gst_rcast_report_beside (GST_RCAST_STRATEGY_FAILOVER,
      "whip+https://other/whip/x");
  g_autofree gchar *bare =
      gst_rcast_report_beside (GST_RCAST_STRATEGY_REJOIN, NULL);

  fail_unless (none == NULL);
  assert_equals_string (whole, BESIDE);
  assert_equals_string (bare, "rejoin");
}

GST_END_TEST;

/* Without an error the reason is the cause. The strategies that were passed over follow. */
static const struct
{
  GstRcastReason reason;
  guint skipped;
  const gchar *want;            /* how it begins, or NULL for none */
  const gchar *end;
} details[] = {
  {GST_RCAST_REASON_NONE, 0, NULL, NULL},
  {GST_RCAST_REASON_USER, 0, NULL, NULL},
  {GST_RCAST_REASON_ICE_FAILED, 0, "ICE found no working pair", NULL},
  {GST_RCAST_REASON_MEDIA_FROZEN, 1 << GST_RCAST_STRATEGY_ICE_RESTART,
      "packets are sent", "; no ICE restart: DTLS is over"},
  {GST_RCAST_REASON_NETWORK_LOST, 1 << GST_RCAST_STRATEGY_RENEGOTIATE,
      "the system has no network", "; no renegotiation: one has not helped"},
};

GST_START_TEST (test_a_detail_says_the_cause_and_what_was_passed_over)
{
  GstRcastStep step = off_air;
  g_autoptr (GstRcastStatusInfo) info = NULL;

  step.reason = details[__i__].reason;
  step.skipped = details[__i__].skipped;
  info = status_of (&step, NULL);
  if (!details[__i__].want) {
    fail_unless (info->detail == NULL);
    return;
  }
  fail_unless (g_str_has_prefix (info->detail, details[__i__].want), "%s",
      info->detail);
  if (details[__i__].end)
    fail_unless (g_str_has_suffix (info->detail, details[__i__].end), "%s",
        info->detail);
}

GST_END_TEST;

GST_START_TEST (test_every_reason_has_a_text_of_its_own)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (GST_TYPE_RCAST_REASON);
  g_autoptr (GHashTable) seen =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < klass->n_values; i++) {
    GstRcastReason reason = klass->values[i].value;
    GstRcastStep step = off_air;
    g_autoptr (GstRcastStatusInfo) info = NULL;

    step.reason = reason;
    info = status_of (&step, NULL);
    if (reason == GST_RCAST_REASON_NONE || reason == GST_RCAST_REASON_USER)
      continue;
    fail_unless (g_hash_table_add (seen, g_strdup (info->detail)),
        "%s is explained like another reason: %s",
        klass->values[i].value_nick, info->detail);
  }
}

GST_END_TEST;

/* Errors carry a server's text as one line, bounded, without escape sequences. */
GST_START_TEST (test_foreign_text_is_cleaned)
{
  g_autofree gchar *flood = g_strnfill (60000, 'x');
  g_autofree gchar *nasty = g_strdup_printf ("\033]0;owned\007a\r\nb%s", flood);
  g_autoptr (GError) error = g_error_new_literal (GST_RCAST_ERROR,
      GST_RCAST_ERROR_FAILED, nasty);
  g_autoptr (GError) words =
      gst_rcast_report_server (GST_RCAST_SERVER_EVICTED, nasty);
  g_autoptr (GstRcastStatusInfo) info = status_of (&off_air, error);
  const GstRcastReporter reporter = { 0 };
  g_autoptr (GstMessage) failure =
      gst_rcast_report_failure (&reporter, NULL, info, error);
  g_autoptr (GstMessage) warning = gst_rcast_report_warning (NULL, error);
  g_autoptr (GError) of_failure = NULL, of_warning = NULL;
  g_autofree gchar *debug = NULL;
  const gchar *texts[5] = { info->detail, words->message };

  gst_message_parse_error (failure, &of_failure, NULL);
  gst_message_parse_warning (warning, &of_warning, &debug);
  texts[2] = of_failure->message;
  texts[3] = of_warning->message;
  texts[4] = debug;
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    fail_unless (strlen (texts[i]) < 1000);
    fail_unless (strpbrk (texts[i], "\033\007\r\n") == NULL);
    fail_unless (strstr (texts[i], "a b") != NULL, "%s", texts[i]);
  }
}

GST_END_TEST;

static const struct
{
  GstRcastError code;
  guint http;
  GQuark (*domain) (void);
  gint want;
  gint receiving;               /* what a source says; 0: the same */
} failures[] = {
  {GST_RCAST_ERROR_UNAUTHORIZED, 401, gst_resource_error_quark,
      GST_RESOURCE_ERROR_NOT_AUTHORIZED},
  {GST_RCAST_ERROR_TLS, 0, gst_resource_error_quark,
      GST_RESOURCE_ERROR_NOT_AUTHORIZED},
  {GST_RCAST_ERROR_NO_TOKEN, 401, gst_resource_error_quark,
      GST_RESOURCE_ERROR_NOT_AUTHORIZED},
  {GST_RCAST_ERROR_BUSY, 409, gst_resource_error_quark,
      GST_RESOURCE_ERROR_BUSY},
  {GST_RCAST_ERROR_OCCUPIED, 409, gst_resource_error_quark,
      GST_RESOURCE_ERROR_BUSY},
  {GST_RCAST_ERROR_OCCUPIED, 403, gst_resource_error_quark,
      GST_RESOURCE_ERROR_NOT_AUTHORIZED},
  {GST_RCAST_ERROR_OCCUPIED, 400, gst_stream_error_quark,
      GST_STREAM_ERROR_FORMAT},
  {GST_RCAST_ERROR_REJECTED, 404, gst_resource_error_quark,
      GST_RESOURCE_ERROR_NOT_FOUND},
  {GST_RCAST_ERROR_REJECTED, 403, gst_resource_error_quark,
      GST_RESOURCE_ERROR_NOT_AUTHORIZED},
  {GST_RCAST_ERROR_INVALID_ARGUMENT, 0, gst_resource_error_quark,
      GST_RESOURCE_ERROR_SETTINGS},
  {GST_RCAST_ERROR_NOT_ACCEPTABLE, 406, gst_stream_error_quark,
      GST_STREAM_ERROR_FORMAT},
  {GST_RCAST_ERROR_NETWORK, 0, gst_resource_error_quark,
      GST_RESOURCE_ERROR_OPEN_WRITE, GST_RESOURCE_ERROR_OPEN_READ},
  {GST_RCAST_ERROR_TIMEOUT, 0, gst_resource_error_quark,
      GST_RESOURCE_ERROR_OPEN_WRITE, GST_RESOURCE_ERROR_OPEN_READ},
  {GST_RCAST_ERROR_FAILED, 500, gst_resource_error_quark,
      GST_RESOURCE_ERROR_WRITE, GST_RESOURCE_ERROR_READ},
};

static void
check_failure (gint i, GstRcastDirection direction)
{
  const GstRcastReporter reporter = {.direction = direction };
  gboolean sends = direction == GST_RCAST_DIRECTION_SEND;
  g_autoptr (GError) error = gst_rcast_error_new_http (failures[i].code,
      NULL, failures[i].http, GST_CLOCK_TIME_NONE, "no luck");
  g_autoptr (GstRcastStatusInfo) info = status_of (&off_air, error);
  g_autoptr (GstMessage) message =
      gst_rcast_report_failure (&reporter, NULL, info, error);
  g_autoptr (GstRcastStatusInfo) parsed =
      gst_rcast_message_parse_status (message);
  g_autoptr (GError) got = NULL;
  gint want = sends || failures[i].receiving == 0 ? failures[i].want :
      failures[i].receiving;
  g_autofree gchar *http = g_strdup_printf ("HTTP status %u",
      failures[i].http);

  gst_message_parse_error (message, &got, NULL);
  fail_unless (g_error_matches (got, failures[i].domain (), want), "%s %d",
      g_quark_to_string (got->domain), got->code);
  fail_unless (g_str_has_prefix (got->message, sends ?
          "The broadcast at " LOCATION " ended: no luck (media plane" :
          "The reception from " LOCATION " ended: no luck (media plane"), "%s",
      got->message);
  fail_unless (strstr (got->message, "ice-failed"), "%s", got->message);
  fail_unless (!failures[i].http || strstr (got->message, http) != NULL);
  assert_equals_int (parsed->http_status, failures[i].http);
}

GST_START_TEST (test_the_error_has_gstreamers_code_and_says_it_all)
{
  check_failure (__i__, GST_RCAST_DIRECTION_SEND);
  check_failure (__i__, GST_RCAST_DIRECTION_RECEIVE);
}

GST_END_TEST;

/* Which changes of the status post a warning */
static const struct
{
  GstRcastStatus status;
  GstRcastReason reason;
  GstRcastPlane plane;
  guint outage_ms;
  const gchar *want;
} warnings[] = {
  {GST_RCAST_STATUS_RECONNECTING_BROADCAST, GST_RCAST_REASON_ICE_FAILED,
      GST_RCAST_PLANE_MEDIA, 0, "ICE_CONNECTION_FAILED: "},
  {GST_RCAST_STATUS_RECONNECTING_BROADCAST, GST_RCAST_REASON_ICE_DISCONNECTED,
      GST_RCAST_PLANE_MEDIA, 3000, "ICE_CONNECTION_DISCONNECTED: "},
  /* The outage ended within the grace period */
  {GST_RCAST_STATUS_RECONNECTING_BROADCAST, GST_RCAST_REASON_ICE_DISCONNECTED,
      GST_RCAST_PLANE_MEDIA, 1000, NULL},
  /* HTTP failed, not ICE */
  {GST_RCAST_STATUS_RECONNECTING_BROADCAST, GST_RCAST_REASON_ICE_FAILED,
      GST_RCAST_PLANE_SIGNALLING, 0, NULL},
  {GST_RCAST_STATUS_RECONNECTING_BROADCAST, GST_RCAST_REASON_NETWORK_LOST,
      GST_RCAST_PLANE_SIGNALLING, 0, NULL},
  {GST_RCAST_STATUS_DISCONNECTED, GST_RCAST_REASON_ICE_FAILED,
      GST_RCAST_PLANE_MEDIA, 0, NULL},
};

static gchar *
warning_in (GPtrArray * messages)
{
  for (guint i = 0; i < messages->len; i++) {
    g_autoptr (GError) error = NULL;

    if (GST_MESSAGE_TYPE (g_ptr_array_index (messages, i))
        != GST_MESSAGE_WARNING)
      continue;
    gst_message_parse_warning (g_ptr_array_index (messages, i), &error, NULL);
    return g_strdup (error->message);
  }
  return NULL;
}

GST_START_TEST (test_ice_is_warned_of_once_until_on_air)
{
  GstRcastReporter reporter = {.grace = 2 * GST_SECOND };
  GstRcastStatusInfo info = {
    .status = warnings[__i__].status,
    .reason = warnings[__i__].reason,
    .plane = warnings[__i__].plane,
    .outage = warnings[__i__].outage_ms * GST_MSECOND,
    .detail = (gchar *) "why",
  };
  GstRcastStatusInfo well = {.status = GST_RCAST_STATUS_BROADCASTING };

  for (guint round = 0; round < 2; round++) {
    g_autoptr (GPtrArray) first =
        gst_rcast_report_status (&reporter, NULL, &info);
    g_autoptr (GPtrArray) again =
        gst_rcast_report_status (&reporter, NULL, &info);
    g_autoptr (GPtrArray) on_air =
        gst_rcast_report_status (&reporter, NULL, &well);
    g_autofree gchar *got = warning_in (first);
    g_autofree gchar *second = warning_in (again);

    fail_unless (second == NULL, "warned twice: %s", second);
    fail_unless (warning_in (on_air) == NULL);
    if (warnings[__i__].want)
      fail_unless (got && g_str_has_prefix (got, warnings[__i__].want)
          && g_str_has_suffix (got, "why"), "%s", got);
    else
      fail_unless (got == NULL, "%s", got);
  }
}

GST_END_TEST;

/* A broadcast from its start to its end, as gst-launch-1.0 prints it. */
static const struct
{
  GstRcastStatusInfo info;
  const gchar *want;            /* type, code and text; NULL: nothing */
} story[] = {
  {{.status = GST_RCAST_STATUS_SIGNALLING,.location = (gchar *) LOCATION},
      "start (connect) connecting to " LOCATION},
  {{.status = GST_RCAST_STATUS_RECONNECTING_BROADCAST,.max_retries = -1,
          .reason = GST_RCAST_REASON_NETWORK_LOST,.detail = (gchar *) "refused",
          .attempt = 1,.strategy = GST_RCAST_STRATEGY_REJOIN},
      "continue (connect) off air: refused; attempt 1 by rejoin"},
  {{.status = GST_RCAST_STATUS_CONNECTED},
      "continue (connect) connected, media is not confirmed yet"},
  {{.status = GST_RCAST_STATUS_BROADCASTING}, "complete (connect) on air"},
  {{.status = GST_RCAST_STATUS_BROADCASTING}, NULL},
  {{.status = GST_RCAST_STATUS_RECONNECTING_BROADCAST,.max_retries = 3,
          .reason = GST_RCAST_REASON_ICE_FAILED,.detail = (gchar *) "no pair",
          .attempt = 1,.strategy = GST_RCAST_STRATEGY_ICE_RESTART},
      "start (outage) off air: no pair; attempt 1 of 3 by ice-restart"},
  {{.status = GST_RCAST_STATUS_RECONNECTING_BROADCAST,.max_retries = 3,
          .reason = GST_RCAST_REASON_ICE_FAILED,.attempt = 2,
          .delay = 1500 * GST_MSECOND,
          .strategy = GST_RCAST_STRATEGY_REJOIN},
      "continue (outage) off air: ice-failed; attempt 2 of 3 by rejoin in 1.5 s"},
  {{.status = GST_RCAST_STATUS_RECONNECTING_BROADCAST,.max_retries = 3,
          .reason = GST_RCAST_REASON_ICE_FAILED,.attempt = 2,
          .strategy = GST_RCAST_STRATEGY_REJOIN,.beside = (gchar *) BESIDE},
      "continue (outage) off air: ice-failed; attempt 2 of 3 by rejoin; beside it "
      BESIDE},
  {{.status = GST_RCAST_STATUS_BROADCASTING,.outage = 1230 * GST_MSECOND},
      "complete (outage) back on air after 1.2 s"},
  {{.status = GST_RCAST_STATUS_RECONNECTING}, NULL},
  {{.status = GST_RCAST_STATUS_DISCONNECTED,.reason = GST_RCAST_REASON_USER},
      NULL},
  {{.status = GST_RCAST_STATUS_SIGNALLING}, "start (connect) connecting to the server"},
  {{.status = GST_RCAST_STATUS_DISCONNECTED,.reason = GST_RCAST_REASON_USER},
      "canceled (connect) stopped"},
  {{.status = GST_RCAST_STATUS_SIGNALLING}, "start (connect) connecting to the server"},
  {{.status = GST_RCAST_STATUS_SIGNALLING,.beside = (gchar *) BESIDE},
      "continue (connect) connecting to the server; beside it " BESIDE},
  {{.status = GST_RCAST_STATUS_DISCONNECTED,
          .reason = GST_RCAST_REASON_REJECTED,.detail = (gchar *) "404"},
      "error (connect) 404"},
};

static gchar *
progress_in (GPtrArray * messages)
{
  g_autofree gchar *code = NULL, *text = NULL;
  GstProgressType type;
  GstMessage *last = g_ptr_array_index (messages, messages->len - 1);

  if (GST_MESSAGE_TYPE (last) != GST_MESSAGE_PROGRESS)
    return NULL;
  gst_message_parse_progress (last, &type, &code, &text);
  return g_strdup_printf ("%s (%s) %s",
      gst_rcast_nick (GST_TYPE_PROGRESS_TYPE, type), code, text);
}

GST_START_TEST (test_progress_tells_the_story_of_a_broadcast)
{
  GstRcastReporter reporter = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (story); i++) {
    g_autoptr (GPtrArray) messages =
        gst_rcast_report_status (&reporter, NULL, &story[i].info);
    g_autofree gchar *got = progress_in (messages);

    fail_unless (g_strcmp0 (got, story[i].want) == 0, "row %u: %s", i, got);
  }
}

GST_END_TEST;

/* An outage that ended within the grace period has both messages. The first one has the cause. */
GST_START_TEST (test_an_outage_is_reported_afterwards)
{
  GstRcastStep step = off_air;
  GstRcastOccasion occasion = {.step = &step };
  g_autoptr (GstRcastStatusInfo) began = NULL;

  step.status = GST_RCAST_STATUS_BROADCASTING;
  began = gst_rcast_report_outage (&occasion);
  assert_equals_int (began->status, GST_RCAST_STATUS_RECONNECTING_BROADCAST);
  assert_equals_int (began->reason, GST_RCAST_REASON_ICE_DISCONNECTED);
  assert_equals_int (step.status, GST_RCAST_STATUS_BROADCASTING);
}

GST_END_TEST;

GST_START_TEST (test_uplink_that_is_too_thin_is_told_with_both_rates)
{
  static const struct
  {
    gint64 target;
    const gchar *text;
  } rows[] = {
    {500000, "UPLINK_TOO_THIN: video_0 has 2000 kbit/s, and there are 500 kbit/s for "
          "it. Frames of it are dropped."},
    {0, "UPLINK_TOO_THIN: what there is does not suffice for video_0, which is "
          "paused."},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstMessage) message = gst_rcast_report_trouble (NULL, "video_0",
        GST_RCAST_TROUBLE_THIN, rows[i].target, 2000000);
    g_autoptr (GError) error = NULL;
    const GstStructure *s;
    guint64 target, bitrate;

    gst_message_parse_warning (message, &error, NULL);
    fail_unless (g_error_matches (error, GST_RESOURCE_ERROR,
            GST_RESOURCE_ERROR_WRITE));
    fail_unless_equals_string (error->message, rows[i].text);
    gst_message_parse_warning_details (message, &s);
    fail_unless_equals_string (gst_structure_get_name (s),
        "uplink-too-thin");
    fail_unless (gst_structure_get_uint64 (s, "target-bitrate", &target));
    fail_unless (gst_structure_get_uint64 (s, "bitrate", &bitrate));
    fail_unless_equals_uint64 (target, rows[i].target);
    fail_unless_equals_uint64 (bitrate, 2000000);
  }
}

GST_END_TEST;

GST_START_TEST (test_degraded_is_told_when_it_begins_and_when_it_is_over)
{
  static const struct
  {
    GstRcastTrouble trouble;
    gint64 target;
    gboolean degraded;
    guint64 bitrate;
  } rows[] = {
    {GST_RCAST_TROUBLE_DEGRADED, 0, TRUE, 0},
    {GST_RCAST_TROUBLE_RESTORED, 50000, FALSE, 50000},
    {GST_RCAST_TROUBLE_RESTORED, G_MAXINT64, FALSE, G_MAXUINT64},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstMessage) message = gst_rcast_report_trouble (NULL, "video_0",
        rows[i].trouble, rows[i].target, 30000);
    const GstStructure *s = gst_message_get_structure (message);
    guint64 bitrate, min;
    gboolean degraded;

    assert_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_ELEMENT);
    fail_unless_equals_string (gst_structure_get_name (s), "degraded");
    fail_unless_equals_string (gst_structure_get_string (s, "pad"), "video_0");
    fail_unless (gst_structure_get_boolean (s, "degraded", &degraded));
    fail_unless (gst_structure_get_uint64 (s, "bitrate", &bitrate));
    fail_unless (gst_structure_get_uint64 (s, "min-bitrate", &min));
    fail_unless_equals_int (degraded, rows[i].degraded);
    fail_unless_equals_uint64 (bitrate, rows[i].bitrate);
    fail_unless_equals_uint64 (min, 30000);
  }
}

GST_END_TEST;

GST_START_TEST (test_machine_that_is_too_slow_is_told_with_a_cure)
{
  g_autoptr (GstMessage) message = gst_rcast_report_trouble (NULL, "video_0",
      GST_RCAST_TROUBLE_SLOW, 1200 * GST_MSECOND, 0);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *cure = NULL;
  const GstStructure *s;
  guint64 late;

  gst_message_parse_warning (message, &error, &cure);
  fail_unless (g_error_matches (error, GST_STREAM_ERROR,
          GST_STREAM_ERROR_ENCODE));
  fail_unless_equals_string (error->message, "video_0 is too much for this "
      "machine: its frames leave 1.2 s late, and later and later.");
  fail_unless (strstr (cure, "leaky=downstream") != NULL);
  gst_message_parse_warning_details (message, &s);
  fail_unless_equals_string (gst_structure_get_name (s), "stream-late");
  fail_unless_equals_string (gst_structure_get_string (s, "pad"), "video_0");
  fail_unless (gst_structure_get_uint64 (s, "late", &late));
  fail_unless_equals_uint64 (late, 1200 * GST_MSECOND);
}

GST_END_TEST;

static const struct
{
  const gchar *pad;
  gboolean linked;
  const gchar *text, *cure;
} unlinked[] = {
  {"video_0", FALSE, "video_0 receives media, but is linked to nothing: it is "
      "thrown away.", "video-streams=0"},
  {"audio_1", TRUE, "audio_1 receives media, but what it leads to is linked to "
      "nothing: it is thrown away.", "audio-streams=1"},
};

GST_START_TEST (test_pad_that_is_not_linked_is_told_with_a_cure)
{
  g_autoptr (GstMessage) message = gst_rcast_report_unlinked (NULL,
      unlinked[__i__].pad, unlinked[__i__].linked, 5 * GST_SECOND);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *cure = NULL;
  const GstStructure *s;
  guint64 duration;

  gst_message_parse_warning (message, &error, &cure);
  fail_unless (g_error_matches (error, GST_CORE_ERROR, GST_CORE_ERROR_PAD));
  fail_unless_equals_string (error->message, unlinked[__i__].text);
  fail_unless (strstr (cure, unlinked[__i__].cure) != NULL, "%s", cure);
  gst_message_parse_warning_details (message, &s);
  fail_unless_equals_string (gst_structure_get_name (s), "stream-unlinked");
  fail_unless_equals_string (gst_structure_get_string (s, "pad"),
      unlinked[__i__].pad);
  fail_unless (gst_structure_get_uint64 (s, "duration", &duration));
  fail_unless_equals_uint64 (duration, 5 * GST_SECOND);
}

GST_END_TEST;

GST_START_TEST (test_daily_limit_is_told_with_its_figures)
{
  gboolean spent = __i__ == 1;
  g_autoptr (GstMessage) message = gst_rcast_report_allowance (NULL, "wwan0",
      spent ? 1000 : 800, 1000, spent);
  g_autoptr (GError) error = NULL;
  const GstStructure *s;
  guint64 used, daily;
  gboolean told;

  gst_message_parse_warning (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_NO_SPACE_LEFT));
  fail_unless_equals_string (error->message, spent ?
      "UPLINK_DAILY_LIMIT: wwan0 has carried 1000 of the 1000 bytes that "
      "path-limits lets it carry today. It carries no more until midnight." :
      "UPLINK_DAILY_LIMIT: wwan0 has carried 800 of the 1000 bytes that "
      "path-limits lets it carry today. When they are used up, it carries no "
      "more until midnight.");
  gst_message_parse_warning_details (message, &s);
  fail_unless_equals_string (gst_structure_get_name (s), "uplink-daily-limit");
  fail_unless_equals_string (gst_structure_get_string (s, "interface"), "wwan0");
  fail_unless (gst_structure_get_uint64 (s, "bytes-today", &used));
  fail_unless (gst_structure_get_uint64 (s, "bytes-per-day", &daily));
  fail_unless (gst_structure_get_boolean (s, "spent", &told));
  fail_unless_equals_uint64 (used, spent ? 1000 : 800);
  fail_unless_equals_uint64 (daily, 1000);
  fail_unless_equals_int (told, spent);
}

GST_END_TEST;

static Suite *
report_suite (void)
{
  Suite *suite = suite_create ("report");
  TCase *tc = tcase_create ("report");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_a_step_becomes_a_status);
  tcase_add_test (tc, test_a_second_attempt_has_its_strategy_and_its_server);
  tcase_add_loop_test (tc, test_a_detail_says_the_cause_and_what_was_passed_over,
      0, G_N_ELEMENTS (details));
  tcase_add_test (tc, test_every_reason_has_a_text_of_its_own);
  tcase_add_test (tc, test_foreign_text_is_cleaned);
  tcase_add_loop_test (tc, test_the_error_has_gstreamers_code_and_says_it_all,
      0, G_N_ELEMENTS (failures));
  tcase_add_loop_test (tc, test_ice_is_warned_of_once_until_on_air, 0,
      G_N_ELEMENTS (warnings));
  tcase_add_test (tc, test_progress_tells_the_story_of_a_broadcast);
  tcase_add_test (tc, test_an_outage_is_reported_afterwards);
  tcase_add_test (tc,
      test_uplink_that_is_too_thin_is_told_with_both_rates);
  tcase_add_test (tc,
      test_degraded_is_told_when_it_begins_and_when_it_is_over);
  tcase_add_test (tc, test_machine_that_is_too_slow_is_told_with_a_cure);
  tcase_add_loop_test (tc, test_pad_that_is_not_linked_is_told_with_a_cure, 0,
      G_N_ELEMENTS (unlinked));
  tcase_add_loop_test (tc, test_daily_limit_is_told_with_its_figures, 0, 2);
  return suite;
}

GST_CHECK_MAIN (report);
