/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Server-sent events, whatever parts they come in, and texts that are no events. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "whip-sse.h"

static gchar *
print_events (WhipSse * sse)
{
  static const gchar *const words[] =
      { "active", "inactive", "reconnect", "other" };
  g_autoptr (GString) text = g_string_new (NULL);
  WhipEvent *event;

  while ((event = whip_sse_pop (sse))) {
    g_string_append_printf (text, " %s", words[event->kind]);
    if (event->kind == WHIP_EVENT_OTHER)
      g_string_append_printf (text, ":%s=%s", event->name, event->data);
    if (event->url)
      g_string_append_printf (text, ":%s", event->url);
    whip_event_free (event);
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static const struct
{
  const gchar *name, *text, *want;
} rows[] = {
  {"as in the draft", "event: active\ndata: {}\n\nevent: inactive\ndata: {}\n\n",
      " active inactive"},
  {"CR LF", "event: active\r\ndata: {}\r\n\r\n", " active"},
  {"CR", "event: active\rdata: {}\r\r", " active"},
  {"no space behind the colon", "event:active\ndata:{}\n\n", " active"},
  {"a byte order mark", "\xef\xbb\xbf" "event: active\ndata: {}\n\n",
      " active"},
  {"comments keep a connection alive", ": hi\n\n: hi\n\nevent: active\n"
        ":\ndata: {}\n\n", " active"},
  {"fields that we do not need", "id: 7\nretry: 100\nevent: active\n"
        "data: {}\nextra\n\n", " active"},
  {"no data, no event", "event: active\n\n", ""},
  {"empty data is data", "event: active\ndata\n\n", " active"},
  {"no name", "data: {}\n\n", ""},
  {"a name is of one event", "event: active\ndata: {}\n\ndata: {}\n\n",
      " active"},
  {"the last name counts", "event: active\nevent: inactive\ndata: {}\n\n",
      " inactive"},
  {"an event without an end", "event: active\ndata: {}\n", ""},
  {"unknown events", "event: party\ndata: {}\n\n", ""},
  {"to another server", "event: reconnect\ndata: {\"url\":\"/b\"}\n\n",
      " reconnect:/b"},
  {"to the same server", "event: reconnect\ndata: {}\n\n", " reconnect"},
  {"to nowhere", "event: reconnect\ndata: {\"url\":7}\n\n", " reconnect"},
  {"how many watch", "event: viewercount\ndata: {\"viewercount\":3}\n\n",
      " other:viewercount={\"viewercount\":3}"},
  {"data in lines", "event: layers\ndata: {\ndata: }\n\n",
      " other:layers={\n}"},
  {"no text", "event: layers\ndata: \xff\n\n", ""},
  {"Broadcast Box: on air", "event: status\ndata: {\"isOnline\":true}\n\n",
      " active"},
  {"Broadcast Box: off air", "event: status\ndata: {\"isOnline\":false}\n\n",
      " inactive"},
  {"a status that says nothing", "event: status\ndata: {}\n\n", ""},
};

/* However the bytes are cut */
GST_START_TEST (test_events)
{
  gsize size = strlen (rows[__i__].text);

  for (gsize part = 1; part <= size; part++) {
    WhipSse *sse = whip_sse_new ();
    g_autofree gchar *got = NULL;

    for (gsize at = 0; at < size; at += part)
      fail_unless (whip_sse_push (sse, rows[__i__].text + at,
              MIN (part, size - at)));
    got = print_events (sse);
    fail_unless (g_str_equal (got, rows[__i__].want), "%s, in parts of %u: %s",
        rows[__i__].name, (guint) part, got);
    whip_sse_free (sse);
  }
}
GST_END_TEST;

GST_START_TEST (test_floods_are_refused)
{
  static const gchar *const parts[] = { "x", "data: xxxxxxxxxxxxxxxx\n",
    "event: active\ndata: {}\n\n",
  };
  WhipSse *sse = whip_sse_new ();
  guint n = 0;

  while (whip_sse_push (sse, parts[__i__], strlen (parts[__i__])))
    fail_unless (++n < 2 * WHIP_SSE_MAX_SIZE);
  whip_sse_free (sse);
}
GST_END_TEST;

GST_START_TEST (test_bytes_that_are_no_text_are_refused)
{
  WhipSse *sse = whip_sse_new ();

  fail_if (whip_sse_push (sse, "data: \0", 7));
  whip_sse_free (sse);
}
GST_END_TEST;

GST_START_TEST (test_only_what_is_offered_is_asked_for)
{
  static const struct
  {
    const gchar *offered, *want;
  } lists[] = {
    {NULL, NULL},
    {"", NULL},
    {"party", NULL},
    {"active,inactive", "[\"active\",\"inactive\"]"},
    {"scte35, party, active", "[\"active\",\"scte35\"]"},
    {"\",\\\"", NULL},
  };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++) {
    g_autofree gchar *got = whip_events_wanted (lists[i].offered);

    assert_equals_string (got, lists[i].want);
  }
}
GST_END_TEST;

static Suite *
whip_sse_suite (void)
{
  Suite *s = suite_create ("whip-sse");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_events, 0, G_N_ELEMENTS (rows));
  tcase_add_loop_test (tc, test_floods_are_refused, 0, 3);
  tcase_add_test (tc, test_bytes_that_are_no_text_are_refused);
  tcase_add_test (tc, test_only_what_is_offered_is_asked_for);
  return s;
}

GST_CHECK_MAIN (whip_sse);
