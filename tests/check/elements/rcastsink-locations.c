/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where rcastsink broadcasts to: locations, their schemes and the signallers for them. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include <string.h>

#include "gstrcastsink.h"
#include "rcast-check.h"
#include "rcast-error.h"
#include "rig.h"

static const gchar source[] =
    "videotestsrc is-live=true ! video/x-raw,width=64,height=64 ! rcastsink name=r";
static const gchar *const one[] = { "fake://one", NULL };
static const gchar *const two[] = { "fake://one", "fake://two", NULL };

/* An installed signaller, whose server is healthy but refuses every session */

#define REFUSER_TYPE (refuser_get_type ())
G_DECLARE_FINAL_TYPE (Refuser, refuser, TEST, REFUSER, GstRcastSignaller);

struct _Refuser
{
  GstRcastSignaller parent;
  guint patience;
};

G_DEFINE_FINAL_TYPE (Refuser, refuser, GST_TYPE_RCAST_SIGNALLER);

/* The patience of the signaller that was opened last, and of the one that probed last */
static gint opened_with, probed_with;
static guint refusers;          /* made so far */
static GMutex refuser_lock;
static GCond refuser_changed;

static void
note (gint * what, gint value)
{
  g_mutex_lock (&refuser_lock);
  *what = value;
  g_cond_broadcast (&refuser_changed);
  g_mutex_unlock (&refuser_lock);
}

static gint
wait_note (const gint * what)
{
  gint value;

  g_mutex_lock (&refuser_lock);
  while (*what == 0)
    g_cond_wait (&refuser_changed, &refuser_lock);
  value = *what;
  g_mutex_unlock (&refuser_lock);
  return value;
}

static gboolean
refuser_set_location (GstRcastSignaller * signaller, const gchar * location,
    GError ** error)
{
  g_autoptr (GUri) uri = g_uri_parse (location, G_URI_FLAGS_NONE, NULL);
  const gchar *host = uri ? g_uri_get_host (uri) : NULL;

  if (host && *host)
    return TRUE;
  g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_ARGUMENT,
      "expected refuser://host");
  return FALSE;
}

static void
refuser_open_async (GstRcastSignaller * signaller, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (signaller, cancellable, callback, data);

  note (&opened_with, TEST_REFUSER (signaller)->patience);
  g_task_return_new_error (task, GST_RCAST_ERROR, GST_RCAST_ERROR_REJECTED,
      "not here");
}

static void
refuser_close_async (GstRcastSignaller * signaller, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (signaller, cancellable, callback, data);

  g_task_return_boolean (task, TRUE);
}

static void
refuser_probe_async (GstRcastSignaller * signaller, const gchar * location,
    GCancellable * cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (signaller, cancellable, callback, data);

  assert_equals_string (location, "refuser://one");
  note (&probed_with, TEST_REFUSER (signaller)->patience);
  g_task_return_boolean (task, TRUE);
}

static gboolean
refuser_finish (GstRcastSignaller * signaller, GAsyncResult * result,
    GError ** error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
refuser_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  TEST_REFUSER (object)->patience = g_value_get_uint (value);
}

static void
refuser_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  g_value_set_uint (value, TEST_REFUSER (object)->patience);
}

static void
refuser_class_init (RefuserClass * klass)
{
  static const gchar *const protocols[] = { "refuser", NULL };
  GstRcastSignallerClass *signaller_class = GST_RCAST_SIGNALLER_CLASS (klass);

  G_OBJECT_CLASS (klass)->set_property = refuser_set_property;
  G_OBJECT_CLASS (klass)->get_property = refuser_get_property;
  g_object_class_install_property (G_OBJECT_CLASS (klass), 1,
      g_param_spec_uint ("patience", "Patience", "Not used, only looked at", 1,
          100, 1, G_PARAM_CONSTRUCT | G_PARAM_READWRITE |
          G_PARAM_STATIC_STRINGS));
  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass), "Refuser",
      "Network/Signaller", "Refuses", "Tests");
  gst_rcast_signaller_class_set_protocols (signaller_class, protocols);
  signaller_class->set_location = refuser_set_location;
  signaller_class->open_async = refuser_open_async;
  signaller_class->open_finish = refuser_finish;
  signaller_class->close_async = refuser_close_async;
  signaller_class->close_finish = refuser_finish;
  signaller_class->check_async = refuser_probe_async;
  signaller_class->check_finish = refuser_finish;
}

static void
refuser_init (Refuser * self)
{
  refusers++;
}

/* A protocol that only receives */

typedef GstRcastSignaller Viewer;
typedef GstRcastSignallerClass ViewerClass;

GType viewer_get_type (void);
G_DEFINE_TYPE (Viewer, viewer, GST_TYPE_RCAST_SIGNALLER);

static void
viewer_class_init (ViewerClass * klass)
{
  static const gchar *const protocols[] = { "viewer", NULL };

  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass), "Viewer",
      "Network/Signaller", "Watches", "Tests");
  gst_rcast_signaller_class_set_protocols (klass, protocols);
  gst_rcast_signaller_class_set_directions (klass, GST_RCAST_SIGNALLER_RECEIVE);
}

static void
viewer_init (Viewer * self)
{
}

/* An rcastsink without a pipeline */

static GstElement *
make_sink (GstBus ** bus)
{
  GstElement *sink = gst_element_factory_make ("rcastsink", NULL);

  *bus = gst_bus_new ();
  gst_element_set_bus (sink, *bus);
  return gst_object_ref_sink (sink);
}

static void
free_sink (GstElement * sink, GstBus * bus)
{
  gst_element_set_state (sink, GST_STATE_NULL);
  gst_element_set_bus (sink, NULL);
  gst_object_unref (bus);
  gst_object_unref (sink);
}

/* Returns: (transfer full): the text of the one error with which the change to READY fails */
static gchar *
fail_to_start (GstElement * sink, GstBus * bus)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *debug = NULL;
  GstMessage *message;

  assert_equals_int (gst_element_set_state (sink, GST_STATE_READY),
      GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, &debug);
  fail_unless (g_error_matches (error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_SETTINGS));
  fail_if (debug && strstr (debug, "s3cret"), "%s", debug);
  gst_message_unref (message);
  return g_strdup (error->message);
}

/* Returns: (transfer full) */
static gchar *
get_string (gpointer object, const gchar * name)
{
  gchar *value;

  g_object_get (object, name, &value, NULL);
  return value;
}

static guint
get_uint (gpointer object, const gchar * name)
{
  guint value;

  gst_child_proxy_get (object, name, &value, NULL);
  return value;
}

static GPtrArray *warnings;

static void
keep_warning (const gchar * domain, GLogLevelFlags level, const gchar * text,
    gpointer data)
{
  g_ptr_array_add (warnings, g_strdup (text));
}

/* Returns: (transfer full): the warning about @location, or NULL */
static gchar *
set_location (GstElement * sink, const gchar * location)
{
  guint handler = g_log_set_handler (NULL, G_LOG_LEVEL_WARNING, keep_warning,
      NULL);
  gchar *text;

  warnings = g_ptr_array_new ();
  g_object_set (sink, "location", location, NULL);
  g_log_remove_handler (NULL, handler);
  fail_unless (warnings->len <= 1);
  text = warnings->len ? g_ptr_array_index (warnings, 0) : NULL;
  g_ptr_array_unref (warnings);
  return text;
}

GST_START_TEST (test_without_a_location_it_does_not_start)
{
  GstBus *bus;
  GstElement *sink = make_sink (&bus);
  g_autofree gchar *text = fail_to_start (sink, bus);

  assert_equals_string (text, "No location is set");
  free_sink (sink, bus);
}

GST_END_TEST;

GST_START_TEST (test_what_only_receives_is_for_rcastsrc)
{
  GstBus *bus;
  GstElement *sink = make_sink (&bus);
  g_autoptr (GstElement) viewer = gst_element_factory_make ("viewer", "v");
  g_autoptr (GstElement) signaller = NULL;
  g_autofree gchar *text = NULL;
  guint handler;

  gst_object_set_name (GST_OBJECT (sink), "r");
  text = set_location (sink, "viewer://server");
  assert_equals_string (text, "r: property \"location\" stays as it "
      "is: \"viewer://server\": viewer:// only receives: it is for rcastsrc");
  gst_object_ref_sink (viewer);
  handler = g_log_set_handler (NULL, G_LOG_LEVEL_WARNING, keep_warning, NULL);
  warnings = g_ptr_array_new_with_free_func (g_free);
  g_object_set (sink, "signaller", viewer, NULL);
  g_log_remove_handler (NULL, handler);
  assert_equals_int (warnings->len, 1);
  assert_equals_string (g_ptr_array_index (warnings, 0), "r: property "
      "\"signaller\" stays as it is: v only receives: it is for rcastsrc");
  g_ptr_array_unref (warnings);
  g_object_get (sink, "signaller", &signaller, NULL);
  fail_unless (signaller == NULL);
  free_sink (sink, bus);
}

GST_END_TEST;

/* The location, how the warning shows it, and the cure that it names */
static const struct
{
  const gchar *location, *shown, *cure;
} refused[] = {
  {"janus+ws://127.0.0.1:1/?pin=s3cret&rom=1",
      "\"janus+ws://127.0.0.1:1/?…\"", "room"},
  {"nonsense://me:s3cret@127.0.0.1:1/x?pin=s3cret",
      "\"nonsense://127.0.0.1:1/x?…\"", "refuser://"},
  {"nonsense://127.0.0.1:1/@x#s3cret", "\"nonsense://127.0.0.1:1/@x#…\"",
      "whip+https://"},
  {"me:s3cret@127.0.0.1", "\"127.0.0.1\"", "https://"},
  {"127.0.0.1?pin=s3cret", "\"127.0.0.1?…\"", "not a URI"},
  {"localhost:8080/whip", "\"localhost:8080/whip\"", "http://"},
  {"file:///tmp/x", "\"file:///tmp/x\"", "no signaller"},
  {"refuser:///x", "\"refuser:///x\"", "refuser://host"},
  {"refuser:", "\"refuser:\"", "refuser://host"},
  {"whip+https:///x", "\"whip+https:///x\"", "host"},
  {"https://", "\"https://\"", "host"},
  {"ws://127.0.0.1/?room=1", "\"ws://127.0.0.1/?…\"", "janus+ws://"},
  {"://", "\"://\"", "not a URI"},
  {" ", "\" \"", "not a URI"},
};

/* The property keeps its old value. If there is none, the start fails with the same reason. */
GST_START_TEST (test_nonsense_is_refused_when_it_is_set)
{
  g_autoptr (GstElementFactory) janus =
      gst_element_factory_find ("rcastjanus");
  GstBus *bus;
  GstElement *sink = make_sink (&bus);
  g_autofree gchar *warning = set_location (sink, refused[__i__].location);
  g_autofree gchar *error = fail_to_start (sink, bus);
  g_autofree gchar *none = get_string (sink, "location");
  g_autofree gchar *again = NULL, *kept = NULL, *used = NULL;
  g_autoptr (GstRcastSignaller) signaller = NULL;

  fail_unless (warning && strstr (warning, "\"location\"")
      && strstr (warning, refused[__i__].shown), "%s", warning);
  fail_unless (!janus || strstr (warning, refused[__i__].cure), "%s", warning);
  fail_if (strstr (warning, "s3cret"), "%s", warning);
  fail_unless (strstr (error, refused[__i__].shown) != NULL, "%s", error);
  fail_if (strstr (error, "s3cret"), "%s", error);
  fail_unless (none == NULL);

  fail_if (set_location (sink, "refuser://good"));
  again = set_location (sink, refused[__i__].location);
  fail_unless (again != NULL);
  kept = get_string (sink, "location");
  assert_equals_string (kept, "refuser://good");
  g_object_get (sink, "signaller", &signaller, NULL);
  used = gst_rcast_signaller_dup_location (signaller);
  assert_equals_string (used, "refuser://good");
  fail_unless (gst_element_set_state (sink, GST_STATE_READY) ==
      GST_STATE_CHANGE_SUCCESS);
  free_sink (sink, bus);
}

GST_END_TEST;

/* One wrong entry refuses the whole list. */
GST_START_TEST (test_list_with_nonsense_is_refused_as_a_whole)
{
  static const gchar *const good[] = { "refuser://a", "refuser://b", NULL };
  static const gchar *const bad[] = { "refuser://c", "file:///x", NULL };
  const gchar *many[40] = { NULL };
  GValue kept = G_VALUE_INIT;
  Rig rig;

  rig_init (&rig, source);
  rig_set_locations (&rig, good);
  ASSERT_WARNING (rig_set_locations (&rig, bad));
  for (guint i = 0; i < 39; i++)
    many[i] = "refuser://d";
  ASSERT_WARNING (rig_set_locations (&rig, many));
  g_value_init (&kept, GST_TYPE_ARRAY);
  g_object_get_property (G_OBJECT (rig.sink), "locations", &kept);
  assert_equals_int (gst_value_array_get_size (&kept), 2);
  assert_equals_string (g_value_get_string (gst_value_array_get_value (&kept,
              1)), "refuser://b");
  g_value_unset (&kept);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_null_and_nothing_clear_the_location)
{
  static const gchar *const clears[] = { NULL, "" };
  GstBus *bus;
  GstElement *sink = make_sink (&bus);
  g_autofree gchar *left = NULL, *text = NULL, *own = NULL;
  g_autoptr (GstRcastSignaller) signaller = NULL;

  g_object_set (sink, "location", "refuser://one", NULL);
  g_object_get (sink, "signaller", &signaller, NULL);
  g_object_set (sink, "location", clears[__i__], NULL);
  left = get_string (sink, "location");
  fail_unless (left == NULL);
  own = gst_rcast_signaller_dup_location (signaller);
  fail_unless (own == NULL, "%s", own);
  text = fail_to_start (sink, bus);
  assert_equals_string (text, "No location is set");
  free_sink (sink, bus);
}

GST_END_TEST;

/* In NULL and in READY, also with a signaller that the application has set */
GST_START_TEST (test_cleared_location_is_not_broadcast_to)
{
  GstBus *bus;
  GstElement *sink = make_sink (&bus);
  g_autofree gchar *text = NULL;

  g_object_set (sink, "signaller", g_object_new (REFUSER_TYPE, NULL),
      "location", "refuser://one", NULL);
  fail_unless (gst_element_set_state (sink, GST_STATE_READY) ==
      GST_STATE_CHANGE_SUCCESS);
  g_object_set (sink, "location", NULL, NULL);
  assert_equals_int (gst_element_set_state (sink, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  gst_element_set_state (sink, GST_STATE_NULL);
  gst_bus_set_flushing (bus, TRUE);
  gst_bus_set_flushing (bus, FALSE);
  text = fail_to_start (sink, bus);
  free_sink (sink, bus);
}

GST_END_TEST;

/* Any number of changes between NULL and READY, and another order of locations */
GST_START_TEST (test_signallers_of_several_schemes_keep_their_properties)
{
  static const gchar *const others[] = { "refuser://two", NULL };
  static const gchar *const none[] = { NULL };
  Rig rig;
  g_autoptr (GObject) before = NULL, again = NULL;

  rig_init (&rig, source);
  g_object_set (rig.sink, "location", "fake://one", NULL);
  rig_set_locations (&rig, others);
  g_object_get (rig.sink, "signaller", &before, NULL);
  fail_unless (before == G_OBJECT (rig.signaller));
  gst_child_proxy_set (GST_CHILD_PROXY (rig.sink), "signaller::connect-timeout",
      1234, "refuser::patience", 42, NULL);
  for (guint i = 0; i < 3; i++) {
    fail_unless (gst_element_set_state (rig.sink, GST_STATE_READY) ==
        GST_STATE_CHANGE_SUCCESS);
    g_object_get (rig.sink, "signaller", &again, NULL);
    fail_unless (before == again);
    g_clear_object (&again);
    gst_element_set_state (rig.sink, GST_STATE_NULL);
  }
  g_clear_object (&before);
  assert_equals_int (get_uint (rig.sink, "signaller::connect-timeout"), 1234);
  g_object_set (rig.sink, "location", "refuser://two", NULL);
  rig_set_locations (&rig, none);
  assert_equals_int (get_uint (rig.sink, "signaller::patience"), 42);
  g_object_set (rig.sink, "location", NULL, NULL);
  g_object_set (rig.sink, "location", "refuser://three", NULL);
  assert_equals_int (get_uint (rig.sink, "signaller::patience"), 42);
  rig_clear (&rig);
}

GST_END_TEST;

/* The first server's own signaller is opened, and later probes whether the server is healthy. */
GST_START_TEST (test_properties_survive_failover_and_failback)
{
  static const gchar *const locations[] =
      { "refuser://one", "fake://two", NULL };
  Rig rig;

  opened_with = probed_with = 0;
  rig_init (&rig, source);
  rig_set_locations (&rig, locations);
  gst_child_proxy_set (GST_CHILD_PROXY (rig.sink), "signaller::patience", 42,
      NULL);
  g_object_set (rig.sink, "failback-interval", 50, NULL);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect_with (&rig, "signalling", "location", "refuser://one", NULL);
  rig_expect_with (&rig, "reconnecting_broadcast", "strategy", "failover",
      "location", "fake://two", NULL);
  rig_expect_with (&rig, "broadcasting", "location", "fake://two", NULL);
  assert_equals_int (wait_note (&opened_with), 42);
  note (&opened_with, 0);
  assert_equals_int (wait_note (&probed_with), 42);
  rig_set_state (&rig, GST_STATE_NULL);
  assert_equals_int (get_uint (rig.sink, "signaller::patience"), 42);
  rig_clear (&rig);
}

GST_END_TEST;

/* A stopped sink has no session that another signaller could take over. */
GST_START_TEST (test_signaller_can_be_set_in_ready)
{
  Rig rig;
  g_autoptr (GstRcastSignaller) present = NULL;
  FakeSignaller *former;

  rig_init (&rig, source);
  rig_go_on_air (&rig);
  rig_set_state (&rig, GST_STATE_READY);
  rig_expect (&rig, "disconnected");
  former = rig.signaller;
  rig.signaller = gst_object_ref_sink (fake_signaller_new ());
  g_object_set (rig.sink, "signaller", rig.signaller, NULL);
  g_object_get (rig.sink, "signaller", &present, NULL);
  fail_unless (present == GST_RCAST_SIGNALLER (rig.signaller));
  g_clear_object (&present);
  rig_go_on_air (&rig);
  assert_equals_int (fake_signaller_get_counts (former).opens, 1);
  assert_equals_int (fake_signaller_get_counts (rig.signaller).opens, 1);
  ASSERT_WARNING (g_object_set (rig.sink, "signaller", former, NULL));
  rig_clear (&rig);
  fake_signaller_drop_answerer (former);
  gst_object_unref (former);
}

GST_END_TEST;

GST_START_TEST (test_signaller_reads_back_as_it_was_set)
{
  GstBus *bus;
  GstElement *sink = make_sink (&bus);
  FakeSignaller *set = fake_signaller_new ();
  g_autoptr (GObject) signaller = NULL, used = NULL;

  g_object_set (sink, "location", "refuser://one", NULL);
  if (__i__)
    gst_element_set_state (sink, GST_STATE_READY);
  g_object_set (sink, "signaller", set, NULL);
  g_object_get (sink, "signaller", &signaller, NULL);
  fail_unless (signaller == G_OBJECT (set));
  /* Another signaller handles the scheme of this location. */
  g_object_set (sink, "location", "refuser://two", NULL);
  g_object_get (sink, "signaller", &used, NULL);
  fail_unless (TEST_IS_REFUSER (used));
  free_sink (sink, bus);
}

GST_END_TEST;

/* Only the application may be able to make signallers of this type, as
 * in Python: rcastsink makes none. */
GST_START_TEST (test_signaller_that_is_set_is_the_only_one_of_its_type)
{
  GstBus *bus;
  GstElement *sink = make_sink (&bus);
  guint before;

  g_object_set (sink, "signaller", g_object_new (REFUSER_TYPE, NULL), NULL);
  before = refusers;
  fail_if (set_location (sink, "refuser://one"));
  free_sink (sink, bus);
  assert_equals_int (refusers, before);
}

GST_END_TEST;

/* `gst-launch-1.0 videotestsrc ! whips://live.example/studio` */
GST_START_TEST (test_uri_is_linked_to_in_a_launch_line)
{
  g_autoptr (GstElementFactory) whip = gst_element_factory_find ("rcastwhip");
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = NULL, sink = NULL;
  GstIterator *sinks;
  GValue item = G_VALUE_INIT;

  if (!whip)
    return;
  pipeline = gst_object_ref_sink (gst_parse_launch ("videotestsrc ! "
          "video/x-raw,width=64,height=64 ! whips://live.example/studio",
          &error));
  fail_unless (error == NULL, "%s", error ? error->message : "");
  sinks = gst_bin_iterate_sinks (GST_BIN (pipeline));
  fail_unless (gst_iterator_next (sinks, &item) == GST_ITERATOR_OK);
  sink = g_value_dup_object (&item);
  g_value_unset (&item);
  gst_iterator_free (sinks);
  fail_unless (GST_IS_RCAST_SINK (sink));
  assert_equals_int (sink->numpads, 1);
}

GST_END_TEST;

GST_START_TEST (test_locations_read_back_without_their_secrets)
{
  static const gchar *const others[] = { "refuser://me:s3cret@h/?key=s3cret",
    NULL
  };
  Rig rig;
  GValue value = G_VALUE_INIT;
  g_autofree gchar *location = NULL, *uri = NULL;

  rig_init (&rig, source);
  g_object_set (rig.sink, "location", "refuser://h/x?key=s3cret", NULL);
  rig_set_locations (&rig, others);
  location = get_string (rig.sink, "location");
  assert_equals_string (location, "refuser://h/x?…");
  uri = gst_uri_handler_get_uri (GST_URI_HANDLER (rig.sink));
  assert_equals_string (uri, "refuser://h/x?…");
  g_value_init (&value, GST_TYPE_ARRAY);
  g_object_get_property (G_OBJECT (rig.sink), "locations", &value);
  assert_equals_string (g_value_get_string (gst_value_array_get_value (&value,
              0)), "refuser://h/?…");
  g_value_unset (&value);
  rig_clear (&rig);
}

GST_END_TEST;

/* Complete URIs of all schemes that this project's signallers handle */
static const gchar *const uris[] = {
  "whip+https://live.example/whip", "whip+http://127.0.0.1:8080/x",
  "whips://live.example/x", "whip://live.example", "https://live.example/x",
  "http://127.0.0.1/", "WHIP+HTTPS://live.example/x",
  "janus+ws://127.0.0.1:8188/?room=1234", "janus+wss://h/?room=1",
  "openvidu+ws://h/?sessionId=S&token=t", "openvidu+wss://h/?sessionId=S",
  "gst+ws://127.0.0.1:8443/?name=studio", "gst+wss://h/?name=studio",
};

static const gchar *const source_uris[] = {
  "whep+https://live.example/whep", "whep+http://127.0.0.1:8080/x",
  "wheps://live.example/x", "whep://live.example",
  "janus+ws://h/?room=1&feed=2", "janus+wss://h/?room=1&display=studio",
  "openvidu+ws://h/?sessionId=S&feed=f", "openvidu+wss://h/?sessionId=S&feed=f",
  "gst+ws://127.0.0.1:8443/?name=studio", "gst+wss://h/?name=studio",
};

static void
check_element (GstURIType type, const gchar * of, const gchar * name)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *uri = NULL;
  GstElement *element = gst_element_make_from_uri (type, of, NULL, &error);

  fail_unless (element != NULL, "%s", error ? error->message : "");
  assert_equals_string (GST_OBJECT_NAME (gst_element_get_factory (element)),
      name);
  uri = gst_uri_handler_get_uri (GST_URI_HANDLER (element));
  /* The URI is shown without its query. */
  fail_unless (g_ascii_strncasecmp (uri, of, strcspn (of, "?")) == 0, "%s",
      uri);
  gst_object_unref (gst_object_ref_sink (element));
}

GST_START_TEST (test_element_of_a_uri)
{
  g_autoptr (GstElementFactory) janus =
      gst_element_factory_find ("rcastjanus");

  if (!janus)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (uris); i++)
    check_element (GST_URI_SINK, uris[i], "rcastsink");
  for (guint i = 0; i < G_N_ELEMENTS (source_uris); i++)
    check_element (GST_URI_SRC, source_uris[i], "rcastsrc");
}

GST_END_TEST;

GST_START_TEST (test_uri_that_makes_no_sense_is_an_error)
{
  g_autoptr (GError) error = NULL;
  Rig rig;

  fail_unless (gst_element_make_from_uri (GST_URI_SINK, "whip:///x", NULL,
          &error) == NULL);
  fail_unless (error != NULL);
  g_clear_error (&error);
  rig_init (&rig, source);
  fail_if (gst_uri_handler_set_uri (GST_URI_HANDLER (rig.sink), "whip:///x",
          &error));
  fail_unless (g_error_matches (error, GST_URI_ERROR, GST_URI_ERROR_BAD_URI));
  g_clear_error (&error);
  rig_go_on_air (&rig);
  fail_if (gst_uri_handler_set_uri (GST_URI_HANDLER (rig.sink),
          "http://127.0.0.1/", &error));
  fail_unless (g_error_matches (error, GST_URI_ERROR,
          GST_URI_ERROR_BAD_STATE));
  rig_clear (&rig);
}

GST_END_TEST;

/* A property set in READY takes effect at the next start. */
GST_START_TEST (test_location_set_in_ready)
{
  static const gchar *const locations[] = { "fake://one", "fake://two" };
  Rig rig;
  GstMessage *message;

  rig_init (&rig, source);
  for (guint i = 0; i < 2; i++) {
    g_object_set (rig.sink, "location", locations[i], NULL);
    rig_set_state (&rig, GST_STATE_PLAYING);
    message = rig_wait_status (&rig, "signalling");
    assert_equals_string (gst_structure_get_string (gst_message_get_structure
            (message), "location"), locations[i]);
    gst_message_unref (message);
    rig_expect (&rig, "connected");
    rig_expect (&rig, "broadcasting");
    rig_set_state (&rig, GST_STATE_READY);
    rig_expect (&rig, "disconnected");
  }
  rig_clear (&rig);
}

GST_END_TEST;

static guint
connect_timeout_on_air (Rig * rig)
{
  guint timeout;

  rig_set_state (rig, GST_STATE_PLAYING);
  rig_expect (rig, "signalling");
  rig_expect (rig, "connected");
  rig_expect (rig, "broadcasting");
  g_object_get (rig->signaller, "connect-timeout", &timeout, NULL);
  rig_set_state (rig, GST_STATE_READY);
  rig_expect (rig, "disconnected");
  return timeout;
}

GST_START_TEST (test_a_server_that_hangs_is_left_early_where_there_are_others)
{
  Rig rig;

  rig_init (&rig, source);
  rig_set_locations (&rig, one);
  assert_equals_int (connect_timeout_on_air (&rig), 4000);
  rig_set_locations (&rig, two);
  assert_equals_int (connect_timeout_on_air (&rig), 1500);
  rig_set_locations (&rig, one);
  assert_equals_int (connect_timeout_on_air (&rig), 4000);
  g_object_set (rig.signaller, "connect-timeout", 3000, NULL);
  rig_set_locations (&rig, two);
  assert_equals_int (connect_timeout_on_air (&rig), 3000);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_failover_names_the_server_that_is_gone_to)
{
  Rig rig;

  rig_init (&rig, source);
  rig_set_locations (&rig, two);
  fake_signaller_fail_offers (rig.signaller, 1,
      gst_rcast_error_new_http (GST_RCAST_ERROR_REJECTED, "fake://one", 404,
          GST_CLOCK_TIME_NONE, "not here"));
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect_with (&rig, "signalling", "location", "fake://one", NULL);
  rig_expect_with (&rig, "reconnecting_broadcast", "strategy", "failover",
      "location", "fake://two", "detail", "not here", NULL);
  rig_expect_with (&rig, "broadcasting", "location", "fake://two", NULL);
  rig_clear (&rig);
}

GST_END_TEST;

/* Like a maintenance page that says when to come back: in an hour */
static GError *
busy_error (const gchar * location)
{
  return gst_rcast_error_new_http (GST_RCAST_ERROR_BUSY, location, 503,
      3600 * GST_SECOND, "maintenance");
}

GST_START_TEST (test_retry_after_is_bounded)
{
  Rig rig;
  GstMessage *message;
  guint64 delay = 0;

  rig_init (&rig, source);
  g_object_set (rig.sink, "location", "fake://one", "retry-after-max", 300,
      "reconnect-min-delay", 10, NULL);
  fake_signaller_fail_offers (rig.signaller, 1, busy_error ("fake://one"));
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect (&rig, "signalling");
  message = rig_wait_status (&rig, "reconnecting_broadcast");
  gst_structure_get_uint64 (gst_message_get_structure (message), "delay",
      &delay);
  gst_message_unref (message);
  fail_unless (delay >= 300 * GST_MSECOND && delay < GST_SECOND,
      "%" GST_TIME_FORMAT, GST_TIME_ARGS (delay));
  rig_expect (&rig, "broadcasting");
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_retry_after_holds_back_its_server_only)
{
  Rig rig;

  rig_init (&rig, source);
  rig_set_locations (&rig, two);
  fake_signaller_fail_offers (rig.signaller, 1, busy_error ("fake://one"));
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect_with (&rig, "signalling", "location", "fake://one", NULL);
  rig_expect_with (&rig, "reconnecting_broadcast", "strategy", "failover",
      "location", "fake://two", NULL);
  rig_expect_with (&rig, "broadcasting", "location", "fake://two", NULL);
  rig_clear (&rig);
}

GST_END_TEST;

static Suite *
rcastsink_locations_suite (void)
{
  Suite *s = suite_create ("rcastsink-locations");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  rig_register ();
  gst_element_register (NULL, "refuser", GST_RANK_NONE, REFUSER_TYPE);
  gst_element_register (NULL, "viewer", GST_RANK_NONE, viewer_get_type ());
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_checked_fixture (tc, NULL, rig_abandon);
  tcase_add_test (tc, test_without_a_location_it_does_not_start);
  tcase_add_test (tc, test_what_only_receives_is_for_rcastsrc);
  tcase_add_loop_test (tc, test_nonsense_is_refused_when_it_is_set, 0,
      G_N_ELEMENTS (refused));
  tcase_add_test (tc, test_list_with_nonsense_is_refused_as_a_whole);
  tcase_add_loop_test (tc, test_null_and_nothing_clear_the_location, 0, 2);
  tcase_add_test (tc, test_cleared_location_is_not_broadcast_to);
  tcase_add_test (tc, test_signallers_of_several_schemes_keep_their_properties);
  tcase_add_test (tc, test_properties_survive_failover_and_failback);
  tcase_add_test (tc, test_signaller_can_be_set_in_ready);
  tcase_add_loop_test (tc, test_signaller_reads_back_as_it_was_set, 0, 2);
  tcase_add_test (tc, test_signaller_that_is_set_is_the_only_one_of_its_type);
  tcase_add_test (tc, test_uri_is_linked_to_in_a_launch_line);
  tcase_add_test (tc, test_locations_read_back_without_their_secrets);
  tcase_add_test (tc, test_element_of_a_uri);
  tcase_add_test (tc, test_uri_that_makes_no_sense_is_an_error);
  tcase_add_test (tc, test_location_set_in_ready);
  tcase_add_test (tc,
      test_a_server_that_hangs_is_left_early_where_there_are_others);
  tcase_add_test (tc, test_failover_names_the_server_that_is_gone_to);
  tcase_add_test (tc, test_retry_after_is_bounded);
  tcase_add_test (tc, test_retry_after_holds_back_its_server_only);
  return s;
}

GST_CHECK_MAIN (rcastsink_locations);
