/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages that wait for a connection stay in order and within bounds. Those that
 * fall out are handed back. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-outbox.h"

/* The payloads of @letters, joined, in their order. */
static gchar *
spell (GQueue * letters)
{
  GString *text = g_string_new (NULL);

  for (GList * i = letters->head; i; i = i->next)
    g_string_append (text, ((GstRcastLetter *) i->data)->payload);
  return g_string_free (text, FALSE);
}

static void
assert_spells (GQueue * letters, const gchar * want)
{
  g_autofree gchar *got = spell (letters);

  assert_equals_string (got, want);
}

static void
clear (GQueue * letters)
{
  g_queue_clear_full (letters, (GDestroyNotify) gst_rcast_letter_free);
}

/* Each letter of @what is one message without a type; capitals are kept. */
static void
push_all (GstRcastOutbox * outbox, const gchar * what, GQueue * fallen)
{
  for (; *what; what++) {
    gchar text[] = { *what, 0 };

    gst_rcast_outbox_push (outbox, gst_rcast_letter_new (NULL, text,
            g_ascii_isupper (*what)), fallen);
  }
}

static const struct
{
  guint max_messages;
  gsize max_bytes;
  const gchar *pushed;
  const gchar *waits;
  const gchar *fallen;
} rows[] = {
  {4, 100, "", "", ""},
  {4, 100, "ABCD", "ABCD", ""},
  {4, 100, "ABCDE", "BCDE", "A"},
  {4, 100, "AbCdEfGh", "EfGh", "AbCd"},
  {100, 3, "ABCD", "BCD", "A"},
  {1, 100, "ABC", "C", "AB"},
  {0, 100, "ABC", "", "ABC"},
  {4, 0, "AB", "", "AB"},
};

GST_START_TEST (test_order_is_kept_and_the_oldest_fall_out)
{
  GstRcastOutbox outbox;
  GQueue fallen = G_QUEUE_INIT;

  gst_rcast_outbox_init (&outbox, rows[__i__].max_messages,
      rows[__i__].max_bytes);
  push_all (&outbox, rows[__i__].pushed, &fallen);
  assert_spells (&outbox.letters, rows[__i__].waits);
  assert_spells (&fallen, rows[__i__].fallen);
  assert_equals_uint64 (outbox.bytes, strlen (rows[__i__].waits));
  clear (&fallen);
  gst_rcast_outbox_clear (&outbox);
  fail_unless (gst_rcast_outbox_peek (&outbox) == NULL);
}

GST_END_TEST;

GST_START_TEST (test_without_a_connection_only_the_kept_wait)
{
  GstRcastOutbox outbox;
  GQueue fallen = G_QUEUE_INIT;

  gst_rcast_outbox_init (&outbox, 10, 100);
  push_all (&outbox, "aBcDef", &fallen);
  assert_spells (&fallen, "");
  gst_rcast_outbox_disconnected (&outbox, &fallen);
  assert_spells (&outbox.letters, "BD");
  assert_spells (&fallen, "acef");
  assert_equals_uint64 (outbox.bytes, 2);
  gst_rcast_outbox_disconnected (&outbox, &fallen);
  assert_spells (&outbox.letters, "BD");
  clear (&fallen);
  gst_rcast_outbox_clear (&outbox);
}

GST_END_TEST;

GST_START_TEST (test_one_larger_than_the_outbox_pushes_nothing_out)
{
  GstRcastOutbox outbox;
  GQueue fallen = G_QUEUE_INIT;

  gst_rcast_outbox_init (&outbox, 10, 4);
  push_all (&outbox, "AB", &fallen);
  gst_rcast_outbox_push (&outbox, gst_rcast_letter_new ("xy", "zzz", TRUE),
      &fallen);
  assert_spells (&outbox.letters, "AB");
  assert_spells (&fallen, "zzz");
  /* The type counts as well. */
  gst_rcast_outbox_push (&outbox, gst_rcast_letter_new ("xy", "z", TRUE),
      &fallen);
  assert_spells (&outbox.letters, "Bz");
  clear (&fallen);
  gst_rcast_outbox_clear (&outbox);
}

GST_END_TEST;

GST_START_TEST (test_pop_is_peek)
{
  GstRcastOutbox outbox;
  GQueue fallen = G_QUEUE_INIT;

  gst_rcast_outbox_init (&outbox, 10, 100);
  push_all (&outbox, "AbC", &fallen);
  for (const gchar * want = "AbC"; *want; want++) {
    const GstRcastLetter *next = gst_rcast_outbox_peek (&outbox);
    g_autoptr (GstRcastLetter) letter = gst_rcast_outbox_pop (&outbox);

    fail_unless (letter == next);
    assert_equals_int (letter->payload[0], *want);
  }
  fail_unless (gst_rcast_outbox_pop (&outbox) == NULL);
  assert_equals_uint64 (outbox.bytes, 0);
}

GST_END_TEST;

GST_START_TEST (test_what_nobody_could_send_is_no_letter)
{
  g_autofree gchar *most = g_strnfill (GST_RCAST_OUTBOX_MAX_MESSAGE_BYTES, 'x');
  g_autofree gchar *more =
      g_strnfill (GST_RCAST_OUTBOX_MAX_MESSAGE_BYTES + 1, 'x');

  fail_unless (gst_rcast_letter_new ("a\nb", "c", TRUE) == NULL);
  fail_unless (gst_rcast_letter_new ("\xff", "c", TRUE) == NULL);
  fail_unless (gst_rcast_letter_new ("a", "\xc3\x28", TRUE) == NULL);
  fail_unless (gst_rcast_letter_new (NULL, more, TRUE) == NULL);
  fail_unless (gst_rcast_letter_new ("a", most, TRUE) == NULL);
  {
    g_autoptr (GstRcastLetter) letter = gst_rcast_letter_new (NULL, most, TRUE);

    fail_unless (letter != NULL);
  }
}

GST_END_TEST;

static const struct
{
  const gchar *text, *type, *payload;
} texts[] = {
  {"", "", ""},
  {"hello", "", "hello"},
  {"chat\nhello", "chat", "hello"},
  {"chat\n", "chat", ""},
  {"\nhello", "", "hello"},
  {"chat\none\ntwo\n", "chat", "one\ntwo\n"},
};

GST_START_TEST (test_text_is_type_and_payload)
{
  g_autofree gchar *type = NULL, *payload = NULL, *again = NULL;
  g_autoptr (GstRcastLetter) letter = NULL;

  fail_unless (gst_rcast_letter_from_text (texts[__i__].text, &type, &payload));
  assert_equals_string (type, texts[__i__].type);
  assert_equals_string (payload, texts[__i__].payload);
  letter = gst_rcast_letter_new (type, payload, FALSE);
  again = gst_rcast_letter_to_text (letter);
  fail_unless (g_str_has_suffix (again, texts[__i__].text));
}

GST_END_TEST;

GST_START_TEST (test_text_of_another_encoding_is_refused)
{
  gchar *type = NULL, *payload = NULL;

  fail_if (gst_rcast_letter_from_text ("a\n\xff", &type, &payload));
  fail_unless (type == NULL && payload == NULL);
}

GST_END_TEST;

static Suite *
outbox_suite (void)
{
  Suite *s = suite_create ("outbox");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_order_is_kept_and_the_oldest_fall_out, 0,
      G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_without_a_connection_only_the_kept_wait);
  tcase_add_test (tc, test_one_larger_than_the_outbox_pushes_nothing_out);
  tcase_add_test (tc, test_pop_is_peek);
  tcase_add_test (tc, test_what_nobody_could_send_is_no_letter);
  tcase_add_loop_test (tc, test_text_is_type_and_payload, 0,
      G_N_ELEMENTS (texts));
  tcase_add_test (tc, test_text_of_another_encoding_is_refused);
  return s;
}

GST_CHECK_MAIN (outbox);
