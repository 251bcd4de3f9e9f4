/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON from strangers: what RFC 8259 allows within our limits, and nothing else. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "net-json.h"
#include "rcast-error.h"

/* Each a document of its own. */
static const gchar *const accepted[] = {
  "{}", "[]", "0", "-0", "1", "\"\"", "true", "false", "null", " [ ] ", "\t{\r\n}",
  "[1]", "[1,2]", "[[],[]]", "[{},{}]", "{\"\":1}", "{\"a\":1,\"b\":2}",
  "{\"a\":{\"a\":{\"a\":1}}}", " { \"a\" : [ 1 , { } ] , \"b\" : { } } ",
  "18446744073709551615", "-9223372036854775808", "1.5", "-0.5e+3", "1E5", "1e-5",
  "0.0", "123456789012345678901234567890.0", "1e999999999", "0e0", "-1",
  "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u0001\"", "\"\\uFfFf\"",
  "\"\\ud83d\\ude00\"", "\"\\uDBFF\\uDFFF\"", "\"\x7f\"", "\"\303\251\"",
  "\"\360\237\230\200\"", "\"/\"", "{\"a\":1,\"A\":2}",
  "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]",
};

static const struct
{
  const gchar *text, *fault;
} refused[] = {
  /* Nothing, or not all */
  {"", "no value"}, {" ", "no value"}, {"{", "no string"}, {"[", "no value"},
  {"[1", "neither comma"}, {"{\"a\"", "no colon"}, {"{\"a\":", "no value"},
  {"{\"a\":1", "neither comma"}, {"\"a", "without an end"}, {"\"a\\", "escape"},
  {"tru", "no value"}, {"\"\\u12", "hexadecimal"}, {"-", "no digit"},
  {"1.", "no digit"}, {"1e", "no digit"}, {"1e+", "no digit"},
  /* Too much */
  {"1 2", "something follows"}, {"{}x", "something follows"},
  {"[1]]", "something follows"}, {"truex", "something follows"},
  {"01", "something follows"}, {"-01", "something follows"},
  {"0x10", "something follows"}, {"1_000", "something follows"},
  {"{}{}", "something follows"},
  /* Commas, colons, brackets */
  {"[1,]", "no value"}, {"[,1]", "no value"}, {"[,]", "no value"},
  {"[1,,2]", "no value"}, {"{,}", "no string"}, {"{\"a\":1,}", "no string"},
  {"{\"a\" 1}", "no colon"}, {"{\"a\"::1}", "no value"}, {"{:1}", "no string"},
  {"[1 2]", "neither comma"}, {"[1}", "neither comma"},
  {"{\"a\":1]", "neither comma"}, {"]", "no value"}, {"[1:2]", "neither comma"},
  /* Names */
  {"{a:1}", "no string"}, {"{1:1}", "no string"}, {"{'a':1}", "no string"},
  {"{null:1}", "no string"}, {"{\"a\":1,\"a\":2}", "same name"},
  {"{\"a\":1,\"b\":{},\"\\u0061\":2}", "same name"}, {"{\"\":1,\"\":1}", "same name"},
  /* Numbers */
  {"+1", "no value"}, {".5", "no value"}, {"-.5", "no digit"}, {"--1", "no digit"},
  {"NaN", "no value"}, {"Infinity", "no value"}, {"-Infinity", "no digit"},
  {"18446744073709551616", "too large"}, {"-9223372036854775809", "too large"},
  {"99999999999999999999999999999999", "too large"}, {"1.e1", "no digit"},
  {"\357\274\221", "no value"},
  /* Words, comments, marks */
  {"True", "no value"}, {"nil", "no value"}, {"/* */ {}", "no value"},
  {"{} // x", "something follows"}, {"\357\273\277{}", "no value"},
  {"undefined", "no value"}, {"\f1", "no value"}, {"\302\2401", "no value"},
  /* Strings */
  {"'a'", "no value"}, {"\"\n\"", "control character"},
  {"\"\t\"", "control character"}, {"\"\001\"", "control character"},
  {"\"\\x41\"", "escape"}, {"\"\\'\"", "escape"}, {"\"\\U0041\"", "escape"},
  {"\"\\u004\"", "hexadecimal"}, {"\"\\u00g1\"", "hexadecimal"},
  {"\"\\u0000\"", "NUL"}, {"\"\\ud800\"", "surrogate"},
  {"\"\\ud800x\"", "surrogate"}, {"\"\\ud800\\u0041\"", "surrogate"},
  {"\"\\ud800\\n\"", "surrogate"}, {"\"\\udc00\"", "surrogate"},
  {"\"\\udc00\\ud800\"", "surrogate"}, {"\"\\ud800\\ud800\"", "surrogate"},
  {"\"a\"b", "something follows"}, {"\"\"\"", "something follows"},
  /* UTF-8 */
  {"\"\xff\"", "no UTF-8"}, {"\"\300\200\"", "no UTF-8"}, {"\"\303\"", "no UTF-8"},
  {"\"\355\240\200\"", "no UTF-8"}, {"\"\364\220\200\200\"", "no UTF-8"},
  {"{}\xff", "no UTF-8"}, {"\xfe\xff", "no UTF-8"},
  /* Depth */
  {"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "nested too deep"},
  {"{\"a\":[{\"a\":[{\"a\":[{\"a\":[{\"a\":[{\"a\":[{\"a\":[{\"a\":[{}]}]}]}]}]}]}]}]}",
      "nested too deep"},
};

/* A copy of exactly @size bytes, for tools that check memory */
static NetJson *
parse (const gchar * text, gsize size, GError ** error)
{
  g_autofree gchar *copy = g_memdup2 (text, size);

  return net_json_parse (copy, size, error);
}

GST_START_TEST (test_what_is_json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NetJson) json =
      parse (accepted[__i__], strlen (accepted[__i__]), &error);

  fail_unless (json != NULL, "%s: %s", accepted[__i__],
      error ? error->message : "");
  fail_unless (net_json_get_root (json) != NULL);
}

GST_END_TEST;

GST_START_TEST (test_what_is_refused)
{
  g_autoptr (GError) error = NULL;
  const gchar *text = refused[__i__].text;

  fail_unless (parse (text, strlen (text), &error) == NULL, "%s", text);
  fail_unless (g_error_matches (error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_INVALID_DATA));
  fail_unless (strstr (error->message, refused[__i__].fault) != NULL, "%s: %s",
      text, error->message);
}

GST_END_TEST;

/* No beginning of a document is a document, and nothing is read beyond its end. */
GST_START_TEST (test_beginnings)
{
  static const gchar text[] = "{\"a\":[1,-2.5e1,\"\\ud83d\\ude00\",true,null],"
      "\"b\":{\"c\":false}}";

  for (gsize size = 0; size < strlen (text); size++)
    fail_unless (parse (text, size, NULL) == NULL, "%" G_GSIZE_FORMAT, size);
}

GST_END_TEST;

GST_START_TEST (test_nul_ends_nothing)
{
  fail_unless (parse ("{}\0{}", 5, NULL) == NULL);
  fail_unless (parse ("\"a\0b\"", 5, NULL) == NULL);
  fail_unless (parse ("\0", 1, NULL) == NULL);
}

GST_END_TEST;

GST_START_TEST (test_values)
{
  static const gchar text[] = "{\"text\":\"a\\u00e9\\ud83d\\ude00\\n\\/\","
      "\"max\":18446744073709551615,\"zero\":-0,\"less\":-1,\"part\":1.0,"
      "\"yes\":true,\"no\":false,\"none\":null,\"list\":[[1],{\"x\":2},3],"
      "\"object\":{\"text\":\"inner\",\"deep\":{\"n\":7}},\"last\":\"\"}";
  g_autoptr (NetJson) json = parse (text, strlen (text), NULL);
  const NetJsonValue *root = net_json_get_root (json), *list, *element;
  guint64 number = 42;

  assert_equals_string (net_json_get_text (root, "text"),
      "a\303\251\360\237\230\200\n/");
  fail_unless (net_json_get_number (root, "max", &number)
      && number == G_MAXUINT64);
  fail_unless (net_json_get_number (root, "zero", &number) && number == 0);
  fail_if (net_json_get_number (root, "less", &number));
  fail_if (net_json_get_number (root, "part", &number));
  fail_if (net_json_get_number (root, "text", &number));
  fail_if (net_json_get_number (root, "no such", &number));
  fail_unless (number == 0);
  fail_unless (net_json_get_flag (root, "yes"));
  fail_if (net_json_get_flag (root, "no") || net_json_get_flag (root, "none")
      || net_json_get_flag (root, "max"));
  fail_unless (net_json_has (root, "none") && net_json_has (root, "last"));
  fail_if (net_json_has (root, "deep") || net_json_has (root, ""));
  fail_unless (net_json_get_text (root, "max") == NULL);
  assert_equals_string (net_json_get_text (root, "last"), "");

  root = net_json_get_object (root, "object");
  assert_equals_string (net_json_get_text (root, "text"), "inner");
  fail_unless (net_json_get_number (net_json_get_object (root, "deep"), "n",
          &number) && number == 7);
  fail_unless (net_json_get_object (root, "text") == NULL);

  list = net_json_get_array (net_json_get_root (json), "list");
  assert_equals_int (net_json_get_length (list), 3);
  element = net_json_get_first (list);
  assert_equals_int (net_json_get_length (element), 1);
  fail_if (net_json_is_text (element, "") || net_json_is_text (NULL, ""));
  element = net_json_get_next (element);
  fail_unless (net_json_is_object (element) && net_json_has (element, "x"));
  element = net_json_get_next (element);
  fail_if (net_json_is_object (element) || net_json_get_first (element));
  fail_unless (net_json_get_next (element) == NULL);
}

GST_END_TEST;

/* A member of another type counts as missing, as does any member of what is no object. */
GST_START_TEST (test_what_is_not_there)
{
  static const gchar *const texts[] = { "{}", "[]", "1", "\"a\"", "null", "[1]" };
  guint64 number;

  for (guint i = 0; i <= G_N_ELEMENTS (texts); i++) {
    g_autoptr (NetJson) json = i < G_N_ELEMENTS (texts) ?
        parse (texts[i], strlen (texts[i]), NULL) : NULL;
    const NetJsonValue *root = json ? net_json_get_root (json) : NULL;

    fail_if (net_json_has (root, "a") || net_json_get_flag (root, "a")
        || net_json_get_number (root, "a", &number)
        || net_json_get_text (root, "a") || net_json_get_object (root, "a")
        || net_json_get_array (root, "a"));
    assert_equals_int (net_json_get_length (root), i == 5);
    fail_unless (!net_json_get_first (root) == (i != 5));
  }
}

GST_END_TEST;

/* @n times @part between @head and @tail */
static gchar *
repeat (const gchar * head, const gchar * part, guint n, const gchar * tail)
{
  GString *out = g_string_new (head);

  for (guint i = 0; i < n; i++)
    g_string_append (out, part);
  g_string_append (out, tail);
  return g_string_free (out, FALSE);
}

GST_START_TEST (test_limits)
{
  g_autofree gchar *largest = repeat ("\"", "x", NET_JSON_MAX_SIZE - 2, "\"");
  g_autofree gchar *larger = repeat ("\"", "x", NET_JSON_MAX_SIZE - 1, "\"");
  g_autofree gchar *values = repeat ("[0", ",0", NET_JSON_MAX_VALUES - 2, "]");
  g_autofree gchar *more = repeat ("[0", ",0", NET_JSON_MAX_VALUES - 1, "]");
  g_autofree gchar *open = repeat ("", "[", NET_JSON_MAX_SIZE, "");
  const gchar *fine[] = { largest, values }, *bad[] = { larger, more, open };

  for (guint i = 0; i < G_N_ELEMENTS (fine); i++) {
    g_autoptr (NetJson) json = parse (fine[i], strlen (fine[i]), NULL);

    fail_unless (json != NULL, "%u", i);
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    fail_unless (parse (bad[i], strlen (bad[i]), NULL) == NULL, "%u", i);
}

GST_END_TEST;

GST_START_TEST (test_members_are_limited)
{
  for (guint n = NET_JSON_MAX_MEMBERS; n <= NET_JSON_MAX_MEMBERS + 1; n++) {
    g_autoptr (GString) text = g_string_new ("{\"0\":0");
    g_autoptr (NetJson) json = NULL;

    for (guint i = 1; i < n; i++)
      g_string_append_printf (text, ",\"%u\":%u", i, i);
    g_string_append_c (text, '}');
    json = parse (text->str, text->len, NULL);
    fail_unless ((json != NULL) == (n == NET_JSON_MAX_MEMBERS));
  }
}

GST_END_TEST;

static Suite *
net_json_suite (void)
{
  Suite *s = suite_create ("net-json");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_what_is_json, 0, G_N_ELEMENTS (accepted));
  tcase_add_loop_test (tc, test_what_is_refused, 0, G_N_ELEMENTS (refused));
  tcase_add_test (tc, test_beginnings);
  tcase_add_test (tc, test_nul_ends_nothing);
  tcase_add_test (tc, test_values);
  tcase_add_test (tc, test_what_is_not_there);
  tcase_add_test (tc, test_limits);
  tcase_add_test (tc, test_members_are_limited);
  return s;
}

GST_CHECK_MAIN (net_json);
