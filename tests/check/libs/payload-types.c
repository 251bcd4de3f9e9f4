/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which payload types the formats of an offer get. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-error.h"
#include "rcast-payload-types.h"

#define VIDEO(...) "application/x-rtp,media=video,clock-rate=90000,encoding-name=" __VA_ARGS__
#define AUDIO(...) "application/x-rtp,media=audio,encoding-name=" __VA_ARGS__

static GPtrArray *
make_offers (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) gst_caps_unref);
}

static void
add (GPtrArray * offers, const gchar * caps)
{
  g_ptr_array_add (offers, gst_caps_from_string (caps));
}

static gint
get_number (GPtrArray * offers, guint line, guint format)
{
  gint number = -1;

  gst_structure_get_int (gst_caps_get_structure (g_ptr_array_index (offers,
              line), format), "payload", &number);
  return number;
}

GST_START_TEST (test_equal_formats_share_a_number)
{
  g_autoptr (GPtrArray) offers = make_offers ();
  GError *error = NULL;

  add (offers, VIDEO ("H264,profile-level-id=42e01f") ";" VIDEO ("VP8"));
  add (offers, AUDIO ("OPUS") ";" AUDIO ("PCMU") ";" AUDIO ("PCMA"));
  add (offers, VIDEO ("H264,profile-level-id=42e028") ";" VIDEO ("VP8"));
  add (offers, VIDEO ("H264,profile-level-id=42e01f") ";" VIDEO ("VP8"));
  add (offers, AUDIO ("PCMU"));
  fail_unless (gst_rcast_payload_types_assign (offers, &error));
  assert_equals_int (get_number (offers, 0, 0), 96);
  assert_equals_int (get_number (offers, 1, 0), 97);
  assert_equals_int (get_number (offers, 2, 0), 98);
  assert_equals_int (get_number (offers, 3, 0), 96);
  assert_equals_int (get_number (offers, 4, 0), 0);
  assert_equals_int (get_number (offers, 0, 1), 99);
  assert_equals_int (get_number (offers, 1, 1), 0);
  assert_equals_int (get_number (offers, 1, 2), 8);
  assert_equals_int (get_number (offers, 2, 1), 99);
  assert_equals_int (get_number (offers, 3, 1), 99);
}

GST_END_TEST;

/* @n m-lines of video, of which no two have a format in common */
static GPtrArray *
make_different (guint n, guint formats)
{
  GPtrArray *offers = make_offers ();

  for (guint i = 0; i < n; i++) {
    GstCaps *caps = gst_caps_new_empty ();

    for (guint j = 0; j < formats; j++) {
      g_autofree gchar *id = g_strdup_printf ("%06x", i * formats + j);

      gst_caps_append_structure (caps, gst_structure_new ("application/x-rtp",
              "media", G_TYPE_STRING, "video", "encoding-name", G_TYPE_STRING,
              "H264", "profile-level-id", G_TYPE_STRING, id, NULL));
    }
    g_ptr_array_add (offers, caps);
  }
  return offers;
}

/* RFC 3551 3, RFC 5761 4 */
GST_START_TEST (test_numbers_are_those_that_rtp_allows)
{
  for (guint n = 1; n <= 30; n++) {
    g_autoptr (GPtrArray) offers = make_different (n, 4);
    gboolean used[128] = { FALSE };
    guint dynamic = 0;

    fail_unless (gst_rcast_payload_types_assign (offers, NULL), "%u", n);
    for (guint i = 0; i < n; i++) {
      GstCaps *caps = g_ptr_array_index (offers, i);

      fail_unless (gst_caps_get_size (caps) > 0);
      for (guint j = 0; j < gst_caps_get_size (caps); j++) {
        gint number = get_number (offers, i, j);

        fail_unless ((number >= 35 && number <= 63) || (number >= 96
                && number <= 127), "%d", number);
        fail_if (used[number], "%d twice", number);
        used[number] = TRUE;
        dynamic += number >= 96;
      }
    }
    /* One number for the retransmission of each m-line */
    fail_unless (dynamic + n <= 32, "%u and %u", dynamic, n);
  }
}

GST_END_TEST;

GST_START_TEST (test_what_has_no_number_is_left_out_of_the_least_wanted)
{
  g_autoptr (GPtrArray) offers = make_different (20, 4);
  guint formats = 0;

  fail_unless (gst_rcast_payload_types_assign (offers, NULL));
  for (guint i = 0; i < 20; i++) {
    GstCaps *caps = g_ptr_array_index (offers, i);

    for (guint j = 0; j < gst_caps_get_size (caps); j++) {
      g_autofree gchar *id = g_strdup_printf ("%06x", i * 4 + j);

      assert_equals_string (gst_structure_get_string (gst_caps_get_structure
              (caps, j), "profile-level-id"), id);
    }
    formats += gst_caps_get_size (caps);
  }
  /* 12 and 29 numbers for 80 formats: all first, all second, the third of one */
  assert_equals_int (formats, 41);
}

GST_END_TEST;

GST_START_TEST (test_more_streams_than_numbers_are_an_error)
{
  g_autoptr (GPtrArray) offers = make_different (62, 1);
  g_autoptr (GError) error = NULL;

  fail_if (gst_rcast_payload_types_assign (offers, &error));
  fail_unless (g_error_matches (error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_NOT_SUPPORTED));
  fail_if (gst_structure_has_field (gst_caps_get_structure (g_ptr_array_index
              (offers, 0), 0), "payload"));
}

GST_END_TEST;

static Suite *
payload_types_suite (void)
{
  Suite *s = suite_create ("payload-types");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_equal_formats_share_a_number);
  tcase_add_test (tc, test_numbers_are_those_that_rtp_allows);
  tcase_add_test (tc, test_what_has_no_number_is_left_out_of_the_least_wanted);
  tcase_add_test (tc, test_more_streams_than_numbers_are_an_error);
  return s;
}

GST_CHECK_MAIN (payload_types);
