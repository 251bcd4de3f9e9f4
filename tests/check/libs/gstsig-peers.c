/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which peers of a signalling server are wanted, and how soon a session with one may begin. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstsig-pace.h"
#include "gstsig-roster.h"

#define STATUS(id, name, roles) "{\"type\":\"peerStatusChanged\",\"roles\":[" roles "]," \
  "\"meta\":{\"name\":\"" name "\"},\"peerId\":\"" id "\"}"
#define COMES(id, name) STATUS (id, name, "\"listener\",\"producer\"")
#define LEAVES(id, name) STATUS (id, name, "")

static void
take (GstsigRoster * roster, const gchar * text)
{
  g_autoptr (GstsigMessage) message = gstsig_message_parse (text, -1, NULL);

  fail_unless (message != NULL, "%s", text);
  gstsig_roster_take (roster, message);
}

GST_START_TEST (test_the_newest_of_a_name_counts)
{
  GstsigRoster *roster = gstsig_roster_new (GSTSIG_PRODUCER, "studio", NULL);

  assert_equals_string (gstsig_roster_get (roster), NULL);
  take (roster, "{\"type\":\"list\",\"producers\":["
      "{\"id\":\"a\",\"meta\":{\"name\":\"studio\"}},"
      "{\"id\":\"x\",\"meta\":{\"name\":\"else\"}},{\"id\":\"y\",\"meta\":null}]}");
  assert_equals_string (gstsig_roster_get (roster), "a");
  /* The peer is back beside its ghost. */
  take (roster, COMES ("b", "studio"));
  take (roster, COMES ("a", "studio"));
  take (roster, STATUS ("c", "studio", "\"consumer\""));
  take (roster, COMES ("d", "else"));
  assert_equals_string (gstsig_roster_get (roster), "b");
  fail_unless (gstsig_roster_has (roster, "a"));
  take (roster, LEAVES ("b", "studio"));
  assert_equals_string (gstsig_roster_get (roster), "a");
  /* The peer has another name now. */
  take (roster, COMES ("a", "else"));
  assert_equals_string (gstsig_roster_get (roster), NULL);
  gstsig_roster_free (roster);
}

GST_END_TEST;

GST_START_TEST (test_a_list_is_all_that_there_is)
{
  GstsigRoster *roster = gstsig_roster_new (GSTSIG_PRODUCER, NULL, NULL);

  take (roster, COMES ("a", "1"));
  take (roster, COMES ("b", "2"));
  take (roster, "{\"type\":\"list\",\"producers\":[{\"id\":\"c\"},{\"id\":\"a\"}]}");
  fail_if (gstsig_roster_has (roster, "b"));
  fail_unless (gstsig_roster_has (roster, "a"));
  assert_equals_string (gstsig_roster_get (roster), "c");
  gstsig_roster_remove (roster, "c");
  gstsig_roster_remove (roster, "none");
  assert_equals_string (gstsig_roster_get (roster), "a");
  gstsig_roster_free (roster);
}

GST_END_TEST;

static void
take_many (GstsigRoster * roster, guint n)
{
  g_autoptr (GString) text =
      g_string_new ("{\"type\":\"list\",\"producers\":[");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s{\"id\":\"%u\"}", i > 0 ? "," : "", i);
  g_string_append (text, "]}");
  take (roster, text->str);
}

/* The rest of a list that is too long is unknown. */
GST_START_TEST (test_who_is_cut_off_is_not_gone)
{
  GstsigRoster *roster = gstsig_roster_new (GSTSIG_PRODUCER, "studio", NULL);

  take (roster, COMES ("a", "studio"));
  take_many (roster, GSTSIG_MAX_PEERS + 1);
  assert_equals_string (gstsig_roster_get (roster), "a");
  take_many (roster, GSTSIG_MAX_PEERS);
  assert_equals_string (gstsig_roster_get (roster), NULL);
  gstsig_roster_free (roster);
}

GST_END_TEST;

GST_START_TEST (test_one_by_its_identifier)
{
  GstsigRoster *roster = gstsig_roster_new (GSTSIG_CONSUMER, NULL, "b");

  take (roster, STATUS ("a", "b", "\"consumer\""));
  assert_equals_string (gstsig_roster_get (roster), NULL);
  take (roster, STATUS ("b", "", "\"consumer\""));
  assert_equals_string (gstsig_roster_get (roster), "b");
  gstsig_roster_free (roster);
}

GST_END_TEST;

/* However many peers there are, the newest are known. */
GST_START_TEST (test_a_crowd)
{
  GstsigRoster *roster = gstsig_roster_new (GSTSIG_PRODUCER, NULL, NULL);

  for (guint i = 0; i < 1000; i++) {
    g_autofree gchar *text = g_strdup_printf (COMES ("p%u", "n"), i);

    take (roster, text);
  }
  assert_equals_string (gstsig_roster_get (roster), "p999");
  fail_unless (gstsig_roster_has (roster, "p936"));
  fail_if (gstsig_roster_has (roster, "p935"));
  gstsig_roster_free (roster);
}

GST_END_TEST;

#define MS(n) ((gint64) (n) * G_TIME_SPAN_MILLISECOND)

GST_START_TEST (test_the_pace_of_sessions_that_come_to_nothing)
{
  static const guint delays[] =
      { 0, 500, 1000, 2000, 4000, 8000, 16000, 16000 };
  GstsigPace pace = { 0 };
  gint64 now = MS (1000000);

  assert_equals_int (gstsig_pace_get_delay (&pace, now), 0);
  for (guint i = 0; i < G_N_ELEMENTS (delays); i++) {
    gstsig_pace_ended (&pace, now - MS (10), FALSE, now);
    assert_equals_int (gstsig_pace_get_delay (&pace, now), delays[i]);
    now += MS (delays[i]);
    assert_equals_int (gstsig_pace_get_delay (&pace, now), 0);
  }
  /* A session that is watched for a while */
  gstsig_pace_ended (&pace, now - MS (250), TRUE, now);
  assert_equals_int (gstsig_pace_get_delay (&pace, now), 0);
  gstsig_pace_ended (&pace, now - MS (249), TRUE, now);
  gstsig_pace_ended (&pace, now - MS (249), TRUE, now);
  assert_equals_int (gstsig_pace_get_delay (&pace, now), 500);
  /* And sessions of long ago */
  now += MS (60000);
  gstsig_pace_ended (&pace, now, FALSE, now);
  assert_equals_int (gstsig_pace_get_delay (&pace, now), 0);
}

GST_END_TEST;

static Suite *
gstsig_peers_suite (void)
{
  Suite *s = suite_create ("gstsig-peers");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_the_newest_of_a_name_counts);
  tcase_add_test (tc, test_a_list_is_all_that_there_is);
  tcase_add_test (tc, test_who_is_cut_off_is_not_gone);
  tcase_add_test (tc, test_one_by_its_identifier);
  tcase_add_test (tc, test_a_crowd);
  tcase_add_test (tc, test_the_pace_of_sessions_that_come_to_nothing);
  return s;
}

GST_CHECK_MAIN (gstsig_peers);
