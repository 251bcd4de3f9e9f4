/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The properties of rcastsink: when they can be set, and what they refuse. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <gst/check/gsttestclock.h>

#include <string.h>

#include "gstrcastsink.h"
#include "rcast-check.h"
#include "rcast-error.h"
#include "rig.h"

static const gchar source[] =
    "videotestsrc is-live=true ! video/x-raw,width=64,height=64 ! rcastsink name=r";

/* Warnings of g_warning() */

static GPtrArray *warnings;

static void
keep_warning (const gchar * domain, GLogLevelFlags level, const gchar * text,
    gpointer data)
{
  g_ptr_array_add (warnings, g_strdup (text));
}

/* Returns: (transfer full) (nullable): the one warning about setting the property */
static gchar *
set_property (GstElement * sink, const gchar * name, const GValue * value)
{
  guint handler = g_log_set_handler (NULL, G_LOG_LEVEL_WARNING, keep_warning,
      NULL);
  gchar *text;

  warnings = g_ptr_array_new ();
  g_object_set_property (G_OBJECT (sink), name, value);
  g_log_remove_handler (NULL, handler);
  fail_unless (warnings->len <= 1);
  text = warnings->len ? g_ptr_array_index (warnings, 0) : NULL;
  g_ptr_array_unref (warnings);
  return text;
}

static void
init_array (GValue * value, const gchar * item)
{
  GValue string = G_VALUE_INIT;

  g_value_init (value, GST_TYPE_ARRAY);
  g_value_init (&string, G_TYPE_STRING);
  g_value_set_string (&string, item);
  gst_value_array_append_and_take_value (value, &string);
}

static gchar *
set_item (GstElement * sink, const gchar * name, const gchar * item)
{
  GValue value = G_VALUE_INIT;
  gchar *warning;

  init_array (&value, item);
  warning = set_property (sink, name, &value);
  g_value_unset (&value);
  return warning;
}

static gchar *
set_string (GstElement * sink, const gchar * name, const gchar * text)
{
  GValue value = G_VALUE_INIT;
  gchar *warning;

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, text);
  warning = set_property (sink, name, &value);
  g_value_unset (&value);
  return warning;
}

/* All properties, by introspection */

/* Returns: a valid value of the property @name */
static const gchar *
choose_string (const gchar * name, guint variant)
{
  static const struct
  {
    const gchar *name, *values[2];
  } rows[] = {
    {"location", {"fake://one", "fake://two"}},
    {"locations", {"fake://three", "fake://four"}},
    {"auth-token", {"a", "b"}},
    {"stun-server", {"stun://one:3478", "stun://two:3478"}},
    {"turn-servers", {"turn://u:p@one", "turn://u:p@two"}},
    {"path-preference", {"wifi", "ethernet"}},
    {"path-limits", {"wifi:1Mbit/s", "cellular:1500kbit/s:2GB/day"}},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (g_str_equal (name, rows[i].name))
      return rows[i].values[variant];
  }
  return variant ? "a" : "b";
}

/* @variant: 0 or 1, for two values that differ */
static void
choose_value (GParamSpec * pspec, guint variant, GValue * value)
{
  if (pspec->value_type == GST_TYPE_ARRAY) {
    init_array (value, choose_string (pspec->name, variant));
    return;
  }
  g_value_init (value, pspec->value_type);
  if (G_IS_PARAM_SPEC_STRING (pspec))
    g_value_set_string (value, choose_string (pspec->name, variant));
  else if (G_IS_PARAM_SPEC_UINT (pspec))
    g_value_set_uint (value, CLAMP (10000, G_PARAM_SPEC_UINT (pspec)->minimum,
            G_PARAM_SPEC_UINT (pspec)->maximum - 1) + variant);
  else if (G_IS_PARAM_SPEC_INT (pspec))
    g_value_set_int (value, 10000 + variant);
  else if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    g_value_set_boolean (value, variant);
  else if (G_IS_PARAM_SPEC_ENUM (pspec))
    g_value_set_enum (value,
        G_PARAM_SPEC_ENUM (pspec)->enum_class->values[variant].value);
  else if (G_IS_PARAM_SPEC_OBJECT (pspec))
    g_value_take_object (value, gst_object_ref_sink (fake_signaller_new ()));
  else
    fail ("no value for the property %s: add its type", pspec->name);
}

static void
expect_value (GstElement * sink, GParamSpec * pspec, const GValue * want)
{
  GValue value = G_VALUE_INIT;

  if (!(pspec->flags & G_PARAM_READABLE))
    return;
  g_value_init (&value, pspec->value_type);
  g_object_get_property (G_OBJECT (sink), pspec->name, &value);
  if (G_IS_PARAM_SPEC_OBJECT (pspec))
    fail_unless (g_value_get_object (&value) == g_value_get_object (want),
        "%s", pspec->name);
  else
    assert_equals_int (gst_value_compare (&value, want), GST_VALUE_EQUAL);
  g_value_unset (&value);
}

/* Sets @pspec to @value. If @refused, a warning has to name the property and the states. */
static void
try_to_set (GstElement * sink, GParamSpec * pspec, const GValue * value,
    gboolean refused)
{
  g_autofree gchar *warning = set_property (sink, pspec->name, value);
  g_autofree gchar *quoted = g_strdup_printf ("\"%s\"", pspec->name);

  if (refused)
    fail_unless (warning && strstr (warning, quoted)
        && strstr (warning, "READY"), "%s: %s", pspec->name, warning);
  else
    fail_unless (warning == NULL, "%s: %s", pspec->name, warning);
}

/* Returns: (transfer container): the writable properties that this project defines */
static GPtrArray *
list_properties (GstElement * element)
{
  GPtrArray *list = g_ptr_array_new ();
  guint n;
  g_autofree GParamSpec **pspecs =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (element), &n);

  for (guint i = 0; i < n; i++) {
    if (g_str_has_prefix (g_type_name (pspecs[i]->owner_type), "GstRcast")
        && pspecs[i]->flags & G_PARAM_WRITABLE)
      g_ptr_array_add (list, pspecs[i]);
  }
  return list;
}

/* Each property can be set in the states that it declares. In other states, it is refused with
 * a warning and keeps its value. */
GST_START_TEST (test_each_property_can_be_set_when_it_says_so)
{
  Rig rig;
  g_autoptr (GPtrArray) pspecs = NULL;

  rig_init (&rig, source);
  pspecs = list_properties (rig.sink);
  fail_unless (pspecs->len > 25);
  for (guint i = 0; i < pspecs->len; i++) {
    GParamSpec *pspec = g_ptr_array_index (pspecs, i);
    const guint states = GST_PARAM_MUTABLE_READY | GST_PARAM_MUTABLE_PAUSED
        | GST_PARAM_MUTABLE_PLAYING;
    gboolean refused = !(pspec->flags & GST_PARAM_MUTABLE_PLAYING);
    GValue before = G_VALUE_INIT, after = G_VALUE_INIT;

    fail_unless ((pspec->flags & states) != 0, "%s", pspec->name);
    fail_if (G_IS_PARAM_SPEC_OBJECT (pspec) && !refused);
    choose_value (pspec, 0, &before);
    choose_value (pspec, 1, &after);
    fail_unless (gst_element_set_state (rig.sink, GST_STATE_NULL) ==
        GST_STATE_CHANGE_SUCCESS);
    try_to_set (rig.sink, pspec, &after, FALSE);
    expect_value (rig.sink, pspec, &after);
    fail_unless (gst_element_set_state (rig.sink, GST_STATE_READY) ==
        GST_STATE_CHANGE_SUCCESS);
    try_to_set (rig.sink, pspec, &before, FALSE);
    expect_value (rig.sink, pspec, &before);
    fail_if (gst_element_set_state (rig.sink, __i__ ? GST_STATE_PLAYING :
            GST_STATE_PAUSED) == GST_STATE_CHANGE_FAILURE);
    try_to_set (rig.sink, pspec, &after, refused);
    expect_value (rig.sink, pspec, refused ? &before : &after);
    gst_element_set_state (rig.sink, GST_STATE_NULL);
    g_value_unset (&before);
    g_value_unset (&after);
  }
  g_object_set (rig.sink, "signaller", rig.signaller, NULL);
  rig_clear (&rig);
}

GST_END_TEST;

/* The same for each installed signaller. */
GST_START_TEST (test_each_property_of_a_signaller_can_be_set_when_it_says_so)
{
  GList *factories = gst_element_factory_list_get_elements
      (GST_ELEMENT_FACTORY_TYPE_ANY, GST_RANK_NONE);

  for (GList * l = factories; l; l = l->next) {
    g_autoptr (GstElement) signaller = NULL;
    g_autoptr (GPtrArray) pspecs = NULL;

    if (!gst_element_factory_get_metadata (l->data,
            GST_RCAST_SIGNALLER_METADATA_PROTOCOLS))
      continue;
    signaller = gst_object_ref_sink (gst_element_factory_create (l->data, NULL));
    pspecs = list_properties (signaller);
    fail_unless (pspecs->len > 5);
    for (guint i = 0; i < pspecs->len; i++) {
      GParamSpec *pspec = g_ptr_array_index (pspecs, i);
      gboolean refused = !(pspec->flags & GST_PARAM_MUTABLE_PLAYING);
      GValue before = G_VALUE_INIT, after = G_VALUE_INIT;

      if (g_str_equal (pspec->name, "location"))
        continue;
      choose_value (pspec, 0, &before);
      choose_value (pspec, 1, &after);
      gst_element_set_state (signaller, GST_STATE_READY);
      try_to_set (signaller, pspec, &before, FALSE);
      gst_element_set_state (signaller, GST_STATE_PLAYING);
      try_to_set (signaller, pspec, &after, refused);
      expect_value (signaller, pspec, refused ? &before : &after);
      g_value_unset (&before);
      g_value_unset (&after);
    }
    gst_element_set_state (signaller, GST_STATE_NULL);
  }
  gst_plugin_feature_list_free (factories);
}

GST_END_TEST;

/* gst-inspect-1.0 prints a sentence about each enum value of this project, no C identifier. */
GST_START_TEST (test_values_are_described)
{
  GstElement *sink = gst_object_ref_sink
      (gst_element_factory_make ("rcastsink", NULL));
  guint n, seen = 0;
  g_autofree GParamSpec **pspecs =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (sink), &n);

  for (guint i = 0; i < n; i++) {
    GEnumClass *klass = G_IS_PARAM_SPEC_ENUM (pspecs[i]) ?
        G_PARAM_SPEC_ENUM (pspecs[i])->enum_class : NULL;

    fail_unless (g_param_spec_get_blurb (pspecs[i]) != NULL);
    if (!klass || !g_str_has_prefix (g_type_name (pspecs[i]->value_type),
            "GstRcast"))
      continue;
    seen++;
    for (guint j = 0; j < klass->n_values; j++)
      fail_unless (strchr (klass->values[j].value_name, ' ') != NULL, "%s",
          klass->values[j].value_name);
  }
  assert_equals_int (seen, 6);
  gst_object_unref (sink);
}

GST_END_TEST;

/* STUN and TURN servers */

static const struct
{
  const gchar *value, *kept;
} stuns[] = {
  {"stun://h.example:3479", "stun://h.example:3479"},
  {"stun:h.example:19302", "stun://h.example:19302"},
  {"STUN:h.example", "stun://h.example:3478"},
  {"stun://h.example/", "stun://h.example:3478"},
  {"stun.l.google.com:19302", "stun://stun.l.google.com:19302"},
  {"192.0.2.1:1", "stun://192.0.2.1:1"},
  {"stun:[2001:db8::1]", "stun://[2001:db8::1]:3478"},
  {"[::1]:3479", "stun://[::1]:3479"},
  {"h.example", NULL},
  {"garbage", NULL},
  {"stun:", NULL},
  {"stun://", NULL},
  {"stun://:3478", NULL},
  {"stun:h:0", NULL},
  {"stun:h:65536", NULL},
  {"stun:h:x", NULL},
  {"stuns:h.example", NULL},
  {"turn:h.example:3478", NULL},
  {"http://h.example:80", NULL},
  {"stun:[::1", NULL},
  {"stun:[h]", NULL},
  {"2001:db8::1", NULL},
  {"stun:user:s3cret@h", NULL},
  {"stun:h?transport=udp", NULL},
  {"stun:h/path", NULL},
  {"a b:1", NULL},
};

GST_START_TEST (test_stun_server_is_taken_as_people_write_it)
{
  GstElement *sink = gst_object_ref_sink
      (gst_element_factory_make ("rcastsink", NULL));
  g_autofree gchar *kept = NULL, *warning = NULL;

  g_object_set (sink, "stun-server", "stun:before", NULL);
  warning = set_string (sink, "stun-server", stuns[__i__].value);
  g_object_get (sink, "stun-server", &kept, NULL);
  if (stuns[__i__].kept) {
    fail_unless (warning == NULL, "%s", warning);
    assert_equals_string (kept, stuns[__i__].kept);
  } else {
    fail_unless (warning && strstr (warning, "\"stun-server\"")
        && strstr (warning, "host:port"), "%s", warning);
    fail_if (strstr (warning, "s3cret"), "%s", warning);
    assert_equals_string (kept, "stun://before:3478");
  }
  g_object_set (sink, "stun-server", __i__ % 2 ? NULL : "", NULL);
  g_free (kept);
  g_object_get (sink, "stun-server", &kept, NULL);
  fail_unless (kept == NULL);
  gst_object_unref (sink);
}

GST_END_TEST;

static const struct
{
  const gchar *value;
  gboolean taken;
} turns[] = {
  {"turn://u:p@h.example:3478?transport=udp", TRUE},
  {"turn:u:p@h.example?transport=TCP", TRUE},
  {"turns:u:p@h.example", TRUE},
  {"turns://u%40x:p%3a%2F@[2001:db8::1]:443", TRUE},
  {"turn://h.example:3478", FALSE},
  {"turn:s3cret@h.example", FALSE},
  {"turn:u:@h.example", FALSE},
  {"turn::s3cret@h.example", FALSE},
  {"turn:u:s3cret@", FALSE},
  {"turn:u:s3cret", FALSE},
  {"turn:u:s3cret/x@h.example", FALSE},
  {"turn:u:s3cret%zz@h.example", FALSE},
  {"turn:u:s3cret@h.example?transport=sctp", FALSE},
  {"turn:u:s3cret@h.example?x=s3cret", FALSE},
  {"u:s3cret@h.example:3478", FALSE},
  {"stun:h.example", FALSE},
  {"garbage", FALSE},
};

GST_START_TEST (test_turn_servers_are_checked_and_never_shown)
{
  GstElement *sink = gst_object_ref_sink
      (gst_element_factory_make ("rcastsink", NULL));
  g_autofree gchar *warning =
      set_item (sink, "turn-servers", turns[__i__].value);
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (sink),
      "turn-servers");

  fail_if (pspec->flags & G_PARAM_READABLE);
  if (turns[__i__].taken)
    fail_unless (warning == NULL, "%s", warning);
  else
    fail_unless (warning && strstr (warning, "\"turn-servers\"")
        && strstr (warning, "user:password@host"), "%s", warning);
  fail_if (warning && strstr (warning, "s3cret"), "%s", warning);
  gst_object_unref (sink);
}

GST_END_TEST;

static const gchar *const limits[][2] = {
  {"wwan0:1500kbit/s:2GB/day", NULL}, {"cellular:4Mbit/s", NULL},
  {"wwan0", "a colon"}, {"wwan0:2GB", "\"2GB\""},
  {"wwan0:1Mbit/s:2Mbit/s", "\"2Mbit/s\""},
};

GST_START_TEST (test_path_limits_are_checked)
{
  GstElement *sink = gst_object_ref_sink
      (gst_element_factory_make ("rcastsink", NULL));
  g_autofree gchar *warning = set_item (sink, "path-limits", limits[__i__][0]);
  GValue value = G_VALUE_INIT;
  gboolean taken = limits[__i__][1] == NULL;

  if (taken)
    fail_unless (warning == NULL, "%s", warning);
  else
    fail_unless (warning && strstr (warning, "\"path-limits\"")
        && strstr (warning, limits[__i__][1]), "%s", warning);
  g_value_init (&value, GST_TYPE_ARRAY);
  g_object_get_property (G_OBJECT (sink), "path-limits", &value);
  assert_equals_int (gst_value_array_get_size (&value), taken ? 1 : 0);
  g_value_unset (&value);
  gst_object_unref (sink);
}

GST_END_TEST;

/* As on a command line */
GST_START_TEST (test_path_limits_need_no_quotes)
{
  GstElement *sink = gst_object_ref_sink
      (gst_element_factory_make ("rcastsink", NULL));
  GValue value = G_VALUE_INIT;

  gst_util_set_object_arg (G_OBJECT (sink), "path-limits",
      "<wwan0:1500kbit/s:2GB/day,wifi:4.5Mbit/s>");
  g_value_init (&value, GST_TYPE_ARRAY);
  g_object_get_property (G_OBJECT (sink), "path-limits", &value);
  assert_equals_int (gst_value_array_get_size (&value), 2);
  assert_equals_string (g_value_get_string (gst_value_array_get_value (&value,
              1)), "wifi:4.5Mbit/s");
  g_value_unset (&value);
  gst_object_unref (sink);
}

GST_END_TEST;

GST_START_TEST (test_unknown_path_is_warned_of)
{
  Rig rig;
  g_autoptr (GError) error = NULL;
  GstMessage *message;
  GValue value = G_VALUE_INIT, known = G_VALUE_INIT;

  rig_init (&rig, source);
  init_array (&value, "cellualr");
  g_value_init (&known, G_TYPE_STRING);
  g_value_set_static_string (&known, "cellular");
  gst_value_array_append_value (&value, &known);
  g_value_set_static_string (&known, "lo");
  gst_value_array_append_and_take_value (&value, &known);
  g_object_set_property (G_OBJECT (rig.sink), "path-preference", &value);
  g_value_unset (&value);
  fail_unless (gst_element_set_state (rig.sink, GST_STATE_READY) ==
      GST_STATE_CHANGE_SUCCESS);
  message = rig_wait (&rig, GST_MESSAGE_WARNING);
  gst_message_parse_warning (message, &error, NULL);
  gst_message_unref (message);
  fail_unless (strstr (error->message, "\"cellualr\"") != NULL);
  fail_unless (gst_bus_pop_filtered (rig.bus, GST_MESSAGE_WARNING) == NULL);
  rig_clear (&rig);
}

GST_END_TEST;

/* A stream keeps a bitrate that was set on it alone. */
GST_START_TEST (test_bitrate_of_the_others_is_left_alone)
{
  Rig rig;
  guint bitrate;

  rig_init (&rig, source);
  gst_child_proxy_set (GST_CHILD_PROXY (rig.sink), "video_0::bitrate", 5000000,
      NULL);
  g_object_set (rig.sink, "audio-bitrate", 64000, "key-frame-interval", 1000,
      NULL);
  gst_child_proxy_get (GST_CHILD_PROXY (rig.sink), "video_0::bitrate", &bitrate,
      NULL);
  assert_equals_int (bitrate, 5000000);
  rig_clear (&rig);
}

GST_END_TEST;

/* An application may make a network clock the default. Here it stands still, and must
 * not stop the delays of the sink. */
GST_START_TEST (test_default_clock_of_the_process_does_not_matter)
{
  GstClock *clock = gst_test_clock_new ();
  Rig rig;

  rig_init (&rig, source);
  fake_signaller_fail_offers (rig.signaller, 2, g_error_new (GST_RCAST_ERROR,
          GST_RCAST_ERROR_FAILED, "not yet"));
  g_object_set (rig.sink, "reconnect-min-delay", 20, NULL);
  gst_system_clock_set_default (clock);
  fail_unless (gst_element_set_state (rig.sink, GST_STATE_READY) ==
      GST_STATE_CHANGE_SUCCESS);
  gst_system_clock_set_default (NULL);
  rig_set_state (&rig, GST_STATE_PLAYING);
  fake_signaller_wait (rig.signaller, FAKE_OFFERS, 3);
  rig_clear (&rig);
  gst_object_unref (clock);
}

GST_END_TEST;

static gint stop_reading;       /* atomic */

static gpointer
read_stats (gpointer sink)
{
  while (!g_atomic_int_get (&stop_reading)) {
    g_autoptr (GstStructure) stats = NULL;
    guint64 duration;

    g_object_get (sink, "stats", &stats, NULL);
    gst_structure_get_uint64 (stats, "status-duration", &duration);
    if (duration > GST_SECOND * 3600)
      return GINT_TO_POINTER (1);
  }
  return NULL;
}

GST_START_TEST (test_stats_are_never_of_the_future)
{
  Rig rig;
  GThread *reader;

  rig_init (&rig, source);
  stop_reading = 0;
  reader = g_thread_new ("reader", read_stats, rig.sink);
  for (guint i = 0; i < 30; i++) {
    rig_set_state (&rig, GST_STATE_PLAYING);
    rig_expect (&rig, "signalling");
    rig_set_state (&rig, GST_STATE_READY);
    rig_expect (&rig, "disconnected");
  }
  g_atomic_int_set (&stop_reading, 1);
  fail_unless (g_thread_join (reader) == NULL, "a duration underflowed");
  rig_clear (&rig);
}

GST_END_TEST;

static Suite *
rcastsink_properties_suite (void)
{
  Suite *s = suite_create ("rcastsink-properties");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  rig_register ();
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_checked_fixture (tc, NULL, rig_abandon);
  tcase_add_loop_test (tc, test_each_property_can_be_set_when_it_says_so, 0, 2);
  tcase_add_test (tc,
      test_each_property_of_a_signaller_can_be_set_when_it_says_so);
  tcase_add_test (tc, test_values_are_described);
  tcase_add_loop_test (tc, test_stun_server_is_taken_as_people_write_it, 0,
      G_N_ELEMENTS (stuns));
  tcase_add_loop_test (tc, test_turn_servers_are_checked_and_never_shown, 0,
      G_N_ELEMENTS (turns));
  tcase_add_loop_test (tc, test_path_limits_are_checked, 0,
      G_N_ELEMENTS (limits));
  tcase_add_test (tc, test_path_limits_need_no_quotes);
  tcase_add_test (tc, test_unknown_path_is_warned_of);
  tcase_add_test (tc, test_bitrate_of_the_others_is_left_alone);
  tcase_add_test (tc, test_default_clock_of_the_process_does_not_matter);
  tcase_add_test (tc, test_stats_are_never_of_the_future);
  return s;
}

GST_CHECK_MAIN (rcastsink_properties);
