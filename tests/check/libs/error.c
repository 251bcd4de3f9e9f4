/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An error carries what the caller needs, also through a copy. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <gio/gio.h>

#include "rcast-error.h"

GST_START_TEST (test_details_survive_a_copy)
{
  g_autoptr (GError) error = gst_rcast_error_new_http (GST_RCAST_ERROR_BUSY,
      "http://a/b", 503, 3 * GST_SECOND, "POST %s: %d", "http://a/b", 503);
  g_autoptr (GError) copy = g_error_copy (error);

  g_clear_error (&error);
  assert_equals_string (copy->message, "POST http://a/b: 503");
  assert_equals_string (gst_rcast_error_get_uri (copy), "http://a/b");
  assert_equals_int (gst_rcast_error_get_http_status (copy), 503);
  assert_equals_uint64 (gst_rcast_error_get_retry_after (copy), 3 * GST_SECOND);
  assert_equals_int (gst_rcast_error_get_class (copy),
      GST_RCAST_ERROR_CLASS_BUSY);
}
GST_END_TEST;

GST_START_TEST (test_foreign_errors_are_transient_and_without_details)
{
  g_autoptr (GError) error =
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "x");

  assert_equals_int (gst_rcast_error_get_class (error),
      GST_RCAST_ERROR_CLASS_TRANSIENT);
  assert_equals_int (gst_rcast_error_get_http_status (error), 0);
  assert_equals_uint64 (gst_rcast_error_get_retry_after (error),
      GST_CLOCK_TIME_NONE);
  fail_unless (gst_rcast_error_get_uri (error) == NULL);
  fail_unless (gst_rcast_error_get_uri (NULL) == NULL);
}
GST_END_TEST;

GST_START_TEST (test_classes)
{
  static const struct
  {
    GstRcastError code;
    GstRcastErrorClass want;
  } rows[] = {
    {GST_RCAST_ERROR_NETWORK, GST_RCAST_ERROR_CLASS_TRANSIENT},
    {GST_RCAST_ERROR_TIMEOUT, GST_RCAST_ERROR_CLASS_INCONCLUSIVE},
    {GST_RCAST_ERROR_REJECTED, GST_RCAST_ERROR_CLASS_FATAL},
    {GST_RCAST_ERROR_TLS, GST_RCAST_ERROR_CLASS_FATAL},
    {GST_RCAST_ERROR_NO_TOKEN, GST_RCAST_ERROR_CLASS_TRANSIENT},
    {GST_RCAST_ERROR_BUSY, GST_RCAST_ERROR_CLASS_BUSY},
    {GST_RCAST_ERROR_OCCUPIED, GST_RCAST_ERROR_CLASS_BUSY},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error =
        g_error_new_literal (GST_RCAST_ERROR, rows[i].code, "x");

    assert_equals_int (gst_rcast_error_get_class (error), rows[i].want);
  }
}
GST_END_TEST;

static Suite *
error_suite (void)
{
  Suite *s = suite_create ("error");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_details_survive_a_copy);
  tcase_add_test (tc, test_foreign_errors_are_transient_and_without_details);
  tcase_add_test (tc, test_classes);
  return s;
}

GST_CHECK_MAIN (error);
