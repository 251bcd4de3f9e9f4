/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bandwidth that b= of an answer allows for each section */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-answer-limits.h"
#include "rcast-sdp.h"

#define NONE GST_RCAST_ANSWER_NO_LIMIT
#define MAX_SECTIONS 3

/* Sections by their first letters; V and A in capitals are rejected. */
static const struct
{
  const gchar *name;
  const gchar *kinds;
  const gchar *session;
  const gchar *sections[MAX_SECTIONS];
  guint64 limits[MAX_SECTIONS];
} rows[] = {
  {"nothing", "va", "", {"", ""}, {NONE, NONE}},
  {"AS", "va", "", {"b=AS:500\r\n", "b=AS:64\r\n"}, {485000, 52800}},
  {"TIAS", "va", "", {"b=TIAS:500000\r\n", "b=TIAS:64000\r\n"}, {500000, 64000}},
  {"both", "v", "", {"b=AS:500\r\nb=TIAS:450000\r\n"}, {450000}},
  {"both, the other way round", "v", "", {"b=TIAS:450000\r\nb=AS:500\r\n"},
      {450000}},
  {"little sound", "a", "", {"b=AS:8\r\n"}, {4000}},
  {"0", "va", "", {"b=AS:0\r\n", "b=TIAS:0\r\n"}, {NONE, NONE}},
  {"0 beside a value", "v", "", {"b=TIAS:0\r\nb=AS:100\r\n"}, {97000}},
  {"negative", "v", "", {"b=AS:-1\r\n"}, {NONE}},
  {"large", "v", "", {"b=AS:2147483647\r\n"}, {2083059137590ull}},
  {"no number", "v", "", {"b=AS:x\r\n"}, {NONE}},
  {"for RTCP, and of strangers", "v", "", {"b=RS:0\r\nb=RR:0\r\nb=X-Y:1\r\n"},
      {NONE}},
  {"CT is of sessions", "v", "", {"b=CT:500\r\n"}, {NONE}},
  {"session, one video", "v", "b=AS:1000\r\n", {""}, {970000}},
  {"session, CT", "v", "b=CT:1000\r\n", {""}, {970000}},
  {"session, TIAS before AS before CT", "v",
      "b=CT:3000\r\nb=AS:2000\r\nb=TIAS:1000000\r\n", {""}, {1000000}},
  {"session, sound comes first", "va", "b=TIAS:1000000\r\n", {"", ""},
      {936000, 64000}},
  {"session, sound has its own", "va", "b=TIAS:1000000\r\n",
      {"", "b=TIAS:20000\r\n"}, {980000, 20000}},
  {"session, two videos", "vva", "b=TIAS:1000000\r\n", {"", "", ""},
      {468000, 468000, 64000}},
  {"session, one of two is rejected", "vVa", "b=TIAS:1000000\r\n", {"", "", ""},
      {936000, 936000, 64000}},
  {"session, one of two has its own", "vva", "b=TIAS:1000000\r\n",
      {"b=TIAS:500000\r\n", "", ""}, {500000, 436000, 64000}},
  {"session, sound only", "aa", "b=TIAS:100000\r\n", {"", ""}, {50000, 50000}},
  {"session, less than its sections", "vv", "b=TIAS:1000000\r\n",
      {"b=TIAS:2000000\r\n", ""}, {2000000, 30000}},
  {"session, next to nothing", "va", "b=TIAS:1000\r\n", {"", ""}, {1000, 500}},
  {"session, and a channel", "vd", "b=TIAS:1000000\r\n", {"", ""}, {1000000}},
};

static void
append_section (GString * text, gchar kind, const gchar * bandwidths)
{
  const gchar *name = g_ascii_tolower (kind) == 'v' ? "video" :
      kind == 'd' ? "application" : "audio";

  g_string_append_printf (text, "m=%s %u UDP/TLS/RTP/SAVPF 96\r\n"
      "c=IN IP4 0.0.0.0\r\n%sa=recvonly\r\n", name,
      g_ascii_isupper (kind) ? 0 : 9, bandwidths);
}

GST_START_TEST (test_limits)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GstSDPMessage) answer = NULL;
  g_autoptr (GError) error = NULL;

  g_string_append_printf (text, "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\n"
      "%st=0 0\r\n", rows[__i__].session);
  for (guint i = 0; rows[__i__].kinds[i]; i++)
    append_section (text, rows[__i__].kinds[i], rows[__i__].sections[i]);
  answer = gst_rcast_sdp_parse (text->str, -1, &error);
  fail_unless (answer != NULL, "%s: %s", rows[__i__].name, error ?
      error->message : "");
  for (guint i = 0; rows[__i__].kinds[i]; i++) {
    guint64 limit = gst_rcast_answer_get_limit (answer, i);

    if (rows[__i__].kinds[i] != 'd')
      fail_unless (limit == rows[__i__].limits[i], "%s, section %u: %"
          G_GUINT64_FORMAT, rows[__i__].name, i, limit);
  }
}

GST_END_TEST;

static Suite *
answer_limits_suite (void)
{
  Suite *s = suite_create ("answer-limits");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_limits, 0, G_N_ELEMENTS (rows));
  return s;
}

GST_CHECK_MAIN (answer_limits);
