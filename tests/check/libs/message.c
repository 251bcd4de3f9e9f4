/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A message returns what it was made of, and docs/messages.md has each field. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast.h"
#include "rcast-report.h"

static const GstRcastStatusInfo full = {
  .status = GST_RCAST_STATUS_RECONNECTING_BROADCAST,
  .reason = GST_RCAST_REASON_MEDIA_FROZEN,
  .plane = GST_RCAST_PLANE_MEDIA,
  .strategy = GST_RCAST_STRATEGY_ICE_RESTART,
  .attempt = 3,
  .max_retries = 9,
  .delay = 1200 * GST_MSECOND,
  .outage = 4 * GST_SECOND,
  .http_status = 503,
  .location = (gchar *) "fake://server",
  .detail = (gchar *) "not yet",
  .beside = (gchar *) "failover at fake://other",
};

static void
assert_same (const GstRcastStatusInfo * got, const GstRcastStatusInfo * want)
{
  fail_unless (got != NULL);
  assert_equals_int (got->status, want->status);
  assert_equals_int (got->reason, want->reason);
  assert_equals_int (got->plane, want->plane);
  assert_equals_int (got->strategy, want->strategy);
  assert_equals_int (got->attempt, want->attempt);
  assert_equals_int (got->max_retries, want->max_retries);
  assert_equals_uint64 (got->delay, want->delay);
  assert_equals_uint64 (got->outage, want->outage);
  assert_equals_int (got->http_status, want->http_status);
  assert_equals_string (got->location, want->location);
  assert_equals_string (got->detail, want->detail);
  assert_equals_string (got->beside, want->beside);
}

GST_START_TEST (test_status_comes_out_as_it_went_in)
{
  g_autoptr (GstMessage) message = gst_message_new_element (NULL,
      gst_rcast_status_info_to_structure (&full));
  g_autoptr (GstRcastStatusInfo) got = gst_rcast_message_parse_status (message);
  g_autoptr (GstRcastStatusInfo) copy = gst_rcast_status_info_copy (got);

  fail_unless (gst_message_has_name (message, "reconnecting_broadcast"));
  assert_same (got, &full);
  assert_same (copy, &full);
}

GST_END_TEST;

GST_START_TEST (test_every_value_has_a_nick_that_is_found_again)
{
  GType (*const types[]) (void) = {
    gst_rcast_status_get_type, gst_rcast_reason_get_type,
    gst_rcast_plane_get_type, gst_rcast_strategy_get_type,
  };

  for (guint t = 0; t < G_N_ELEMENTS (types); t++) {
    GEnumClass *klass = g_type_class_ref (types[t] ());

    for (guint i = 0; i < klass->n_values; i++) {
      GstRcastStatusInfo info = full;
      g_autoptr (GstStructure) structure = NULL;
      g_autoptr (GstRcastStatusInfo) got = NULL;

      info.status = t == 0 ? klass->values[i].value : info.status;
      info.reason = t == 1 ? klass->values[i].value : info.reason;
      info.plane = t == 2 ? klass->values[i].value : info.plane;
      info.strategy = t == 3 ? klass->values[i].value : info.strategy;
      structure = gst_rcast_status_info_to_structure (&info);
      got = gst_rcast_status_info_from_structure (structure);
      assert_same (got, &info);
    }
    g_type_class_unref (klass);
  }
}

GST_END_TEST;

GST_START_TEST (test_details_of_errors_and_warnings_are_status_too)
{
  g_autoptr (GError) error = g_error_new_literal (GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_WRITE, "over");
  g_autoptr (GstMessage) message =
      gst_message_new_error_with_details (NULL, error, NULL,
      gst_rcast_status_info_to_structure (&full));
  g_autoptr (GstMessage) warning =
      gst_message_new_warning_with_details (NULL, error, NULL,
      gst_rcast_status_info_to_structure (&full));
  g_autoptr (GstRcastStatusInfo) of_error =
      gst_rcast_message_parse_status (message);
  g_autoptr (GstRcastStatusInfo) of_warning =
      gst_rcast_message_parse_status (warning);

  assert_same (of_error, &full);
  assert_same (of_warning, &full);
}

GST_END_TEST;

GST_START_TEST (test_other_messages_are_none)
{
  g_autoptr (GError) error = g_error_new_literal (GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_WRITE, "over");
  g_autoptr (GstMessage) eos = gst_message_new_eos (NULL);
  g_autoptr (GstMessage) plain = gst_message_new_error (NULL, error, NULL);
  g_autoptr (GstMessage) other = gst_message_new_element (NULL,
      gst_structure_new ("level", "attempt", G_TYPE_UINT, 1, NULL));

  fail_unless (gst_rcast_message_parse_status (eos) == NULL);
  fail_unless (gst_rcast_message_parse_status (plain) == NULL);
  fail_unless (gst_rcast_message_parse_status (other) == NULL);
  fail_if (gst_rcast_message_parse_dropped (eos, NULL, NULL, NULL, NULL));
  fail_unless (gst_rcast_message_parse_reception (plain) == NULL);
  fail_unless (gst_rcast_message_parse_reception (eos) == NULL);
  fail_unless (gst_rcast_message_parse_reception (other) == NULL);
  fail_if (gst_rcast_message_parse_stream (plain, NULL, NULL, NULL, NULL));
  fail_if (gst_rcast_message_parse_stream (eos, NULL, NULL, NULL, NULL));
  fail_if (gst_rcast_message_parse_stream (other, NULL, NULL, NULL, NULL));
  fail_if (gst_rcast_message_parse_dropped (other, NULL, NULL, NULL, NULL));
}

GST_END_TEST;

/* A message of another version lacks fields, or has other types in them. */
GST_START_TEST (test_fields_that_are_missing_or_odd_stay_zero)
{
  g_autoptr (GstStructure) odd = gst_structure_new ("broadcasting",
      "reason", G_TYPE_STRING, "sunspots", "attempt", G_TYPE_STRING, "3",
      "delay", G_TYPE_INT, 3, "location", G_TYPE_UINT, 7, NULL);
  g_autoptr (GstRcastStatusInfo) got =
      gst_rcast_status_info_from_structure (odd);
  GstRcastStatusInfo want = {.status = GST_RCAST_STATUS_BROADCASTING };

  assert_same (got, &want);
}

GST_END_TEST;

static const struct
{
  GstRcastStatusInfo info;
  const gchar *want;
} lines[] = {
  {{.status = GST_RCAST_STATUS_SIGNALLING}, "signalling"},
  {{.status = GST_RCAST_STATUS_RECONNECTING_BROADCAST,
              .reason = GST_RCAST_REASON_ICE_FAILED,
              .strategy = GST_RCAST_STRATEGY_REJOIN,
              .attempt = 2,.max_retries = -1,.delay = 300 * GST_MSECOND,
          .outage = 1500 * GST_MSECOND,.detail = (gchar *) "no pair"},
      "reconnecting_broadcast: ice-failed (no pair), attempt 2 by rejoin in 0.3 s, off air for 1.5 s"},
  {{.status = GST_RCAST_STATUS_BROADCASTING,.outage = 2 * GST_SECOND},
      "broadcasting, after 2.0 s off air"},
  {{.status = GST_RCAST_STATUS_DISCONNECTED,
          .reason = GST_RCAST_REASON_REJECTED}, "disconnected: rejected"},
  {{.status = GST_RCAST_STATUS_SIGNALLING,
          .beside = (gchar *) "failover at fake://two"},
      "signalling, beside it failover at fake://two"},
};

GST_START_TEST (test_a_line_for_a_human)
{
  g_autofree gchar *got = gst_rcast_status_info_to_string (&lines[__i__].info);

  assert_equals_string (got, lines[__i__].want);
}

GST_END_TEST;

static GstRcastLetter letter = { (gchar *) "chat", (gchar *) "hello", TRUE };

GST_START_TEST (test_dropped_comes_out_as_it_went_in)
{
  g_autoptr (GstMessage) message = gst_rcast_report_dropped (NULL,
      &letter, GST_RCAST_DROP_REFUSED, 7);
  GstRcastDropCause cause;
  const gchar *type, *payload;
  guint waiting;

  fail_unless (gst_rcast_message_parse_dropped (message, &cause, &type,
          &payload, &waiting));
  assert_equals_int (cause, GST_RCAST_DROP_REFUSED);
  assert_equals_string (type, "chat");
  assert_equals_string (payload, "hello");
  assert_equals_int (waiting, 7);
  fail_unless (gst_rcast_message_parse_status (message) == NULL);
}

GST_END_TEST;

GST_START_TEST (test_retimed_stream_is_a_warning_that_names_pad_and_size)
{
  static const struct
  {
    gint64 ahead;
    guint n_jumps;
    const gchar *text;
  } rows[] = {
    {3600 * (gint64) GST_SECOND, 1,
        "The timestamps of video_1 jumped ahead by 3600.000 s."},
    {-3500 * (gint64) GST_MSECOND, 4,
        "The timestamps of video_1 jumped back by 3.500 s."},
    {210 * (gint64) GST_MSECOND, 0, "The timestamps of video_1 drift: "
        "they are 0.210 s ahead of the arrival of the data."},
    {-210 * (gint64) GST_MSECOND, 0, "The timestamps of video_1 drift: "
        "they are 0.210 s behind the arrival of the data."},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstMessage) message = gst_rcast_report_trouble (NULL, "video_1",
        rows[i].n_jumps > 0 ? GST_RCAST_TROUBLE_JUMP : GST_RCAST_TROUBLE_DRIFT,
        rows[i].ahead, rows[i].n_jumps);
    g_autoptr (GError) error = NULL;
    const GstStructure *details;
    gint64 ahead;
    guint jumps;

    assert_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_WARNING);
    gst_message_parse_warning (message, &error, NULL);
    assert_equals_string (error->message, rows[i].text);
    gst_message_parse_warning_details (message, &details);
    assert_equals_string (gst_structure_get_name (details), "stream-retimed");
    assert_equals_string (gst_structure_get_string (details, "pad"), "video_1");
    assert_equals_string (gst_structure_get_string (details, "cause"),
        rows[i].n_jumps > 0 ? "jump" : "drift");
    fail_unless (gst_structure_get (details, "ahead", G_TYPE_INT64, &ahead,
            "jumps", G_TYPE_UINT, &jumps, NULL));
    assert_equals_int64 (ahead, rows[i].ahead);
    assert_equals_int (jumps, rows[i].n_jumps);
  }
}

GST_END_TEST;

GST_START_TEST (test_overflow_is_a_warning_that_names_pad_and_number)
{
  g_autoptr (GstMessage) message = gst_rcast_report_trouble (NULL, "video_1",
      GST_RCAST_TROUBLE_OVERFLOW, 0, 31);
  g_autoptr (GError) error = NULL;
  const GstStructure *details;
  guint packets;

  gst_message_parse_warning (message, &error, NULL);
  assert_equals_string (error->message, "31 packets of video_1 were dropped: "
      "they waited for more than a second.");
  gst_message_parse_warning_details (message, &details);
  assert_equals_string (gst_structure_get_name (details), "stream-overflow");
  assert_equals_string (gst_structure_get_string (details, "pad"), "video_1");
  fail_unless (gst_structure_get_uint (details, "packets", &packets));
  assert_equals_int (packets, 31);
}

GST_END_TEST;

GST_START_TEST (test_stream_comes_out_as_it_went_in)
{
  gboolean stalled_in = __i__ & 1;
  GstRcastStage stage_in = __i__ / 2;
  g_autoptr (GstMessage) message = gst_rcast_report_stream (NULL,
      "video_1", stalled_in, stage_in, 5 * GST_SECOND, NULL);
  const gchar *pad;
  gboolean stalled;
  GstRcastStage stage;
  GstClockTime duration;

  assert_equals_int (GST_MESSAGE_TYPE (message),
      stalled_in ? GST_MESSAGE_WARNING : GST_MESSAGE_ELEMENT);
  fail_unless (gst_rcast_message_parse_stream (message, &pad, &stalled,
          &stage, &duration));
  assert_equals_string (pad, "video_1");
  assert_equals_int (stalled, stalled_in);
  assert_equals_int (stage, stage_in);
  assert_equals_uint64 (duration, 5 * GST_SECOND);
  fail_unless (gst_rcast_message_parse_status (message) == NULL);
  if (stalled_in) {
    g_autoptr (GError) error = NULL;

    gst_message_parse_warning (message, &error, NULL);
    fail_unless (g_str_has_prefix (error->message,
            stage_in == GST_RCAST_STAGE_LINK ? "video_1 has got nothing for 5 s: " :
            "video_1 has sent nothing for 5 s while other streams flow: "), "%s",
        error->message);
  }
}

GST_END_TEST;

static const GstRcastStreamInfo gone = {
  .pad = (gchar *) "video_0",
  .stream = (gchar *) "/whep/demo",
  .cause = GST_RCAST_STREAM_CAUSE_SILENT,
  .certain = TRUE,
  .detail = (gchar *) "the server lives",
  .since = 1700000000000000,
  .duration = 900 * GST_MSECOND,
};

GST_START_TEST (test_reception_comes_out_as_it_went_in)
{
  GEnumClass *klass = g_type_class_ref (GST_TYPE_RCAST_STREAM_CAUSE);

  for (guint i = 0; i < 2 * klass->n_values; i++) {
    GstRcastStreamInfo want = gone;
    g_autoptr (GstMessage) message = NULL;
    g_autoptr (GstRcastStreamInfo) got = NULL;

    want.connected = i % 2;
    want.cause = klass->values[i / 2].value;
    message = gst_message_new_element (NULL,
        gst_rcast_stream_info_to_structure (&want));
    got = gst_rcast_message_parse_reception (message);
    fail_unless (gst_message_has_name (message,
            i % 2 ? "stream_connected" : "stream_disconnected"));
    fail_unless (got != NULL);
    assert_equals_int (got->connected, want.connected);
    assert_equals_string (got->pad, want.pad);
    assert_equals_string (got->stream, want.stream);
    assert_equals_int (got->cause, want.cause);
    assert_equals_int (got->certain, want.certain);
    assert_equals_string (got->detail, want.detail);
    assert_equals_int64 (got->since, want.since);
    assert_equals_uint64 (got->duration, want.duration);
    fail_unless (gst_rcast_message_parse_status (message) == NULL);
    fail_if (gst_rcast_message_parse_stream (message, NULL, NULL, NULL, NULL));
  }
  g_type_class_unref (klass);
}

GST_END_TEST;

GST_START_TEST (test_a_line_of_reception_for_a_human)
{
  GstRcastStreamInfo back = gone, bare = { 0 };
  g_autofree gchar *of_gone = gst_rcast_stream_info_to_string (&gone);
  g_autofree gchar *of_back = NULL;
  g_autofree gchar *of_bare = gst_rcast_stream_info_to_string (&bare);

  back.connected = TRUE;
  back.certain = FALSE;
  back.detail = NULL;
  of_back = gst_rcast_stream_info_to_string (&back);
  assert_equals_string (of_gone, "video_0 of /whep/demo does not arrive, "
      "cause: silent (the server lives), for 0.9 s");
  assert_equals_string (of_back, "video_0 of /whep/demo arrives, "
      "cause: silent (suspected), after 0.9 s");
  assert_equals_string (of_bare, "a stream does not arrive");
}

GST_END_TEST;

/* The names of types in docs/messages.md */
static const gchar *
type_name (GType type)
{
  return type == G_TYPE_STRING ? "string" : type == G_TYPE_UINT ? "uint" :
      type == G_TYPE_INT ? "int" : type == G_TYPE_UINT64 ? "uint64" :
      type == G_TYPE_DOUBLE ? "double" : type == G_TYPE_BOOLEAN ? "boolean" : type == G_TYPE_INT64 ? "int64" : "?";
}

static gboolean
documented (GQuark field, const GValue * value, gpointer text)
{
  g_autofree gchar *pattern = g_strdup_printf ("\\n\\|[^|]*`%s`[^|]*\\| %s\\b",
      g_quark_to_string (field), type_name (G_VALUE_TYPE (value)));

  fail_unless (g_regex_match_simple (pattern, text, 0, 0),
      "docs/messages.md has no row for %s of type %s",
      g_quark_to_string (field), type_name (G_VALUE_TYPE (value)));
  return TRUE;
}

static void
assert_nicks_documented (GType type, const gchar * text)
{
  GEnumClass *klass = g_type_class_ref (type);

  for (guint i = 0; i < klass->n_values; i++) {
    g_autofree gchar *quoted =
        g_strdup_printf ("`%s`", klass->values[i].value_nick);

    fail_unless (strstr (text, quoted) != NULL,
        "docs/messages.md does not know %s", quoted);
  }
  g_type_class_unref (klass);
}

GST_START_TEST (test_the_documentation_has_every_field_and_value)
{
  g_autoptr (GstStructure) status = gst_rcast_status_info_to_structure (&full);
  g_autoptr (GstMessage) dropped = gst_rcast_report_dropped (NULL,
      &letter, GST_RCAST_DROP_REFUSED, 7);
  g_autoptr (GstMessage) stream = gst_rcast_report_stream (NULL,
      "video_1", FALSE, GST_RCAST_STAGE_SOURCE, 0, NULL);
  g_autoptr (GstStructure) reception =
      gst_rcast_stream_info_to_structure (&gone);
  g_autofree gchar *text = NULL;

  fail_unless (g_file_get_contents (SOURCE_ROOT "/docs/messages.md", &text,
          NULL, NULL));
  gst_structure_foreach (status, documented, text);
  gst_structure_foreach (gst_message_get_structure (dropped), documented, text);
  gst_structure_foreach (gst_message_get_structure (stream), documented, text);
  gst_structure_foreach (reception, documented, text);
  assert_nicks_documented (GST_TYPE_RCAST_STREAM_CAUSE, text);
  assert_nicks_documented (GST_TYPE_RCAST_STAGE, text);
  assert_nicks_documented (GST_TYPE_RCAST_STATUS, text);
  assert_nicks_documented (GST_TYPE_RCAST_REASON, text);
  assert_nicks_documented (GST_TYPE_RCAST_PLANE, text);
  assert_nicks_documented (GST_TYPE_RCAST_STRATEGY, text);
  assert_nicks_documented (GST_TYPE_RCAST_DROP_CAUSE, text);
}

GST_END_TEST;

static Suite *
message_suite (void)
{
  Suite *s = suite_create ("message");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_status_comes_out_as_it_went_in);
  tcase_add_test (tc, test_every_value_has_a_nick_that_is_found_again);
  tcase_add_test (tc, test_details_of_errors_and_warnings_are_status_too);
  tcase_add_test (tc, test_other_messages_are_none);
  tcase_add_test (tc, test_fields_that_are_missing_or_odd_stay_zero);
  tcase_add_loop_test (tc, test_a_line_for_a_human, 0, G_N_ELEMENTS (lines));
  tcase_add_test (tc, test_dropped_comes_out_as_it_went_in);
  tcase_add_test (tc,
      test_retimed_stream_is_a_warning_that_names_pad_and_size);
  tcase_add_test (tc, test_overflow_is_a_warning_that_names_pad_and_number);
  tcase_add_loop_test (tc, test_stream_comes_out_as_it_went_in, 0, 8);
  tcase_add_test (tc, test_reception_comes_out_as_it_went_in);
  tcase_add_test (tc, test_a_line_of_reception_for_a_human);
  tcase_add_test (tc, test_the_documentation_has_every_field_and_value);
  return s;
}

GST_CHECK_MAIN (message);
