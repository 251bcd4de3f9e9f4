/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What all network signallers have in common: properties, locations, look-ups. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "rcast-check.h"
#include "signaller-rig.h"
#include "slow-resolver.h"

#define KEY "QUERY-s3cret"

static const struct
{
  const gchar *factory;
  /* %s: the host */
  const gchar *location;
  const gchar *secret;          /* a location that contains a key */
} rows[] = {
  {"rcastwhip", "whip+http://%s:9/x", "whip+http://127.0.0.1:9/x?k=" KEY},
  {"rcastgst", "gst+ws://%s:9/?name=n", "gst+ws://127.0.0.1:9/?name=n&k=" KEY},
  {"rcastjanus", "janus+ws://%s:9/?room=1",
      "janus+ws://127.0.0.1:9/?room=1&pin=" KEY},
};

static gboolean
start_rig (SignallerRig * rig, guint row)
{
  GstElementFactory *factory = gst_element_factory_find (rows[row].factory);

  if (!factory)
    return FALSE;
  gst_object_unref (factory);
  signaller_rig_init (rig, rows[row].factory);
  return TRUE;
}

static void
stop_rig (SignallerRig * rig)
{
  signaller_rig_drop (rig);
  signaller_rig_clear (rig);
}

GST_START_TEST (test_properties_are_the_same)
{
  static const struct
  {
    const gchar *name;
    GParamFlags flags;
  } properties[] = {
    {"auth-token", G_PARAM_WRITABLE | GST_PARAM_MUTABLE_PLAYING},
    {"user-agent", G_PARAM_READWRITE | GST_PARAM_MUTABLE_READY},
    {"tls-ca-file", G_PARAM_READWRITE | GST_PARAM_MUTABLE_READY},
    {"tls-verify", G_PARAM_READWRITE | GST_PARAM_MUTABLE_READY},
    {"timeout", G_PARAM_READWRITE | GST_PARAM_MUTABLE_READY},
    {"connect-timeout", G_PARAM_READWRITE | GST_PARAM_MUTABLE_READY},
    {"close-timeout", G_PARAM_READWRITE | GST_PARAM_MUTABLE_READY},
    {"uplink", G_PARAM_READABLE},
  };
  SignallerRig rig;

  if (!start_rig (&rig, __i__))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (properties); i++) {
    GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS
        (rig.signaller), properties[i].name);

    fail_unless (pspec != NULL, "%s", properties[i].name);
    assert_equals_string (g_type_name (pspec->owner_type),
        "GstRcastNetSignaller");
    assert_equals_int (pspec->flags & (G_PARAM_READWRITE
            | GST_PARAM_MUTABLE_READY | GST_PARAM_MUTABLE_PLAYING),
        properties[i].flags);
  }
  stop_rig (&rig);
}
GST_END_TEST;

GST_START_TEST (test_location_is_read_without_its_key)
{
  SignallerRig rig;
  g_autofree gchar *location = NULL, *cleared = NULL;

  if (!start_rig (&rig, __i__))
    return;
  g_object_set (rig.signaller, "location", rows[__i__].secret, NULL);
  g_object_get (rig.signaller, "location", &location, NULL);
  fail_unless (strstr (location, "127.0.0.1:9") != NULL, "%s", location);
  fail_unless (strstr (location, KEY) == NULL, "%s", location);
  g_object_set (rig.signaller, "location", NULL, NULL);
  g_object_get (rig.signaller, "location", &cleared, NULL);
  fail_unless (cleared == NULL);
  stop_rig (&rig);
}
GST_END_TEST;

/* DNS hangs, the signaller closes, the caller cancels the probe, and the loop ends. Nothing of
 * the probe is left, though nobody dispatches sources any more. */
GST_START_TEST (test_look_up_ends_with_its_probe)
{
  SlowResolver *resolver = g_object_new (SLOW_TYPE_RESOLVER, NULL);
  GResolver *former = g_resolver_get_default ();
  g_autofree gchar *location = NULL;
  g_auto (GStrv) parts = g_strsplit (rows[__i__].location, "%s", 2);
  RcastTally before = { 0, };

  location = g_strjoinv ("direct.example", parts);
  g_resolver_set_default (G_RESOLVER (resolver));
  for (guint i = 0; i < 101; i++) {
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();
    SignallerRig rig;
    g_auto (Op) op = { 0, };

    if (!start_rig (&rig, __i__))
      break;
    g_object_set (rig.signaller, "location", location, NULL);
    gst_rcast_signaller_probe_async (rig.signaller, NULL, cancellable,
        op_probed, &op);
    wait_for (&rig, resolver->pending);
    signaller_rig_close (&rig);
    g_cancellable_cancel (cancellable);
    wait_for (&rig, op.done);
    fail_unless (g_error_matches (op.error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
    fail_unless (resolver->pending == NULL);
    stop_rig (&rig);
    /* What GIO sets up once stays. */
    if (i == 0)
      rcast_tally_count (&before);
    else if (i == 100)
      rcast_tally_check (&before);
  }
  g_resolver_set_default (former);
  g_object_unref (former);
  ASSERT_OBJECT_REFCOUNT (resolver, "resolver", 1);
  g_object_unref (resolver);
}
GST_END_TEST;

static Suite *
net_signallers_suite (void)
{
  Suite *s = suite_create ("net-signallers");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_properties_are_the_same, 0,
      G_N_ELEMENTS (rows));
  tcase_add_loop_test (tc, test_location_is_read_without_its_key, 0,
      G_N_ELEMENTS (rows));
  tcase_add_loop_test (tc, test_look_up_ends_with_its_probe, 0,
      G_N_ELEMENTS (rows));
  return s;
}

GST_CHECK_MAIN (net_signallers);
