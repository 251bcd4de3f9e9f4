/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lending signallers: a second session gets one of its own, with the settings of the first. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstrcastspeakers.h"

/* Two types of the same kind: one is installed, only the application can make the other. */

typedef struct
{
  GstRcastSignaller parent;
  gchar *mood;
  guint patience;
  GstRcastSignaller *paired;
} Talker;

typedef GstRcastSignallerClass TalkerClass;
typedef Talker Private;
typedef GstRcastSignallerClass PrivateClass;

GType talker_get_type (void);
GType private_get_type (void);

G_DEFINE_TYPE (Talker, talker, GST_TYPE_RCAST_SIGNALLER);
G_DEFINE_TYPE (Private, private, talker_get_type ());

enum
{
  PROP_PATIENCE = 1,
  PROP_MOOD,
};

static void
talker_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  Talker *self = (Talker *) object;

  if (id == PROP_PATIENCE) {
    self->patience = g_value_get_uint (value);
  } else {
    g_free (self->mood);
    self->mood = g_value_dup_string (value);
  }
}

static void
talker_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  Talker *self = (Talker *) object;

  if (id == PROP_PATIENCE)
    g_value_set_uint (value, self->patience);
  else
    g_value_set_string (value, self->mood);
}

static void
talker_pair (GstRcastSignaller * self, GstRcastSignaller * twin)
{
  ((Talker *) twin)->paired = self;
}

static void
talker_finalize (GObject * object)
{
  g_free (((Talker *) object)->mood);
  G_OBJECT_CLASS (talker_parent_class)->finalize (object);
}

static void
talker_class_init (TalkerClass * klass)
{
  static const gchar *const protocols[] = { "talker", NULL };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = talker_set_property;
  object_class->get_property = talker_get_property;
  object_class->finalize = talker_finalize;
  g_object_class_install_property (object_class, PROP_PATIENCE,
      g_param_spec_uint ("patience", NULL, NULL, 0, 100, 1,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_MOOD,
      g_param_spec_string ("mood", NULL, NULL, NULL,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass), "Talker",
      "Network/Signaller", "Talks", "Tests");
  gst_rcast_signaller_class_set_protocols (klass, protocols);
  klass->pair = talker_pair;
}

static void
talker_init (Talker * self)
{
}

static void
private_class_init (PrivateClass * klass)
{
  static const gchar *const protocols[] = { "private", NULL };

  gst_rcast_signaller_class_set_protocols (klass, protocols);
}

static void
private_init (Private * self)
{
}

typedef struct
{
  GstElement *bin;
  GstRcastSpeakers *speakers;
} Fixture;

static gchar *
on_request_token (const gchar * location, gpointer data)
{
  return g_strconcat ("token for ", location, NULL);
}

static const GstRcastSpeakersCallbacks callbacks = {
  .request_token = on_request_token,
};

static void
fixture_init (Fixture * f)
{
  f->bin = gst_object_ref_sink (gst_bin_new (NULL));
  f->speakers = gst_rcast_speakers_new (GST_BIN (f->bin),
      GST_RCAST_DIRECTION_SEND, &callbacks, f);
  gst_rcast_speakers_provide (f->speakers, "talker");
}

static void
fixture_clear (Fixture * f)
{
  gst_element_set_state (f->bin, GST_STATE_NULL);
  gst_object_unref (f->speakers);
  gst_object_unref (f->bin);
}

static GstRcastSignaller *
lend_rather (Fixture * f, const gchar * scheme, GstRcastSignaller * rather)
{
  g_autofree gchar *uri = g_strconcat (scheme, "://server", NULL);
  g_autoptr (GError) error = NULL;
  GstRcastSignaller *signaller =
      gst_rcast_speakers_lend (f->speakers, scheme, uri, rather, &error);

  fail_unless (error == NULL, "%s", error ? error->message : "");
  return signaller;
}

static GstRcastSignaller *
lend (Fixture * f, const gchar * scheme)
{
  return lend_rather (f, scheme, NULL);
}

GST_START_TEST (test_two_sessions_have_a_signaller_each)
{
  Fixture f;
  g_autoptr (GstRcastSignaller) primary = NULL, twin = NULL, again = NULL;
  g_autofree gchar *location = NULL;

  fixture_init (&f);
  fail_unless (gst_rcast_speakers_can_lend (f.speakers, "talker", NULL));
  primary = lend (&f, "talker");
  fail_unless (gst_rcast_speakers_can_lend (f.speakers, "talker", NULL));
  twin = lend (&f, "talker");
  fail_unless (twin && twin != primary);
  fail_unless (((Talker *) twin)->paired == primary);
  location = gst_rcast_signaller_dup_location (twin);
  assert_equals_string (location, "talker://server");
  /* At most two at a time. */
  fail_if (gst_rcast_speakers_can_lend (f.speakers, "talker", NULL));
  /* A signaller that is given back makes room for the next session. */
  fail_unless (gst_rcast_speakers_can_lend (f.speakers, "talker", twin));
  fail_unless (lend (&f, "talker") == NULL);
  gst_rcast_speakers_give_back (f.speakers, twin);
  again = lend (&f, "talker");
  fail_unless (again == twin);
  fixture_clear (&f);
}

GST_END_TEST;

/* A kept connection is used again, and no other is opened beside it. */
GST_START_TEST (test_whose_connection_is_open_goes_on)
{
  Fixture f;
  g_autoptr (GstRcastSignaller) primary = NULL, twin = NULL;
  g_autoptr (GstRcastSignaller) again = NULL, other = NULL;

  fixture_init (&f);
  primary = lend (&f, "talker");
  twin = lend (&f, "talker");
  gst_rcast_speakers_give_back (f.speakers, primary);
  gst_rcast_speakers_give_back (f.speakers, twin);
  again = lend_rather (&f, "talker", twin);
  fail_unless (again == twin);
  /* A signaller that is lent to another session by now cannot be had. */
  other = lend_rather (&f, "talker", twin);
  fail_unless (other == primary);
  fixture_clear (&f);
}

GST_END_TEST;

/* Settings made before and after the twin, in any state */
GST_START_TEST (test_twin_has_the_settings_of_the_first)
{
  Fixture f;
  g_autoptr (GstRcastSignaller) primary = NULL, twin = NULL;

  fixture_init (&f);
  gst_element_set_state (f.bin, GST_STATE_PLAYING);
  primary = lend (&f, "talker");
  g_object_set (primary, "patience", 42, "mood", "good", NULL);
  twin = lend (&f, "talker");
  assert_equals_int (((Talker *) twin)->patience, 42);
  assert_equals_string (((Talker *) twin)->mood, "good");
  g_object_set (primary, "patience", 7, "mood", NULL, NULL);
  assert_equals_int (((Talker *) twin)->patience, 7);
  fail_unless (((Talker *) twin)->mood == NULL);
  assert_equals_int (GST_STATE (twin), GST_STATE_PLAYING);
  fixture_clear (&f);
}

GST_END_TEST;

/* A twin requests tokens from the handler of the first signaller. */
GST_START_TEST (test_twin_asks_for_tokens_where_the_first_asks)
{
  Fixture f;
  g_autoptr (GstRcastSignaller) primary = NULL, twin = NULL;
  g_autofree gchar *token = NULL;

  fixture_init (&f);
  primary = lend (&f, "talker");
  twin = lend (&f, "talker");
  g_signal_emit_by_name (twin, "request-token", "http://server/", &token);
  assert_equals_string (token, "token for http://server/");
  fixture_clear (&f);
}

GST_END_TEST;

/* Without a factory, nobody can make a second one. */
GST_START_TEST (test_signaller_without_a_factory_has_one_session)
{
  Fixture f;
  g_autoptr (GstRcastSignaller) own = NULL, primary = NULL;

  fixture_init (&f);
  own = gst_object_ref_sink (g_object_new (private_get_type (), NULL));
  fail_unless (gst_rcast_speakers_replace (f.speakers, own));
  primary = lend (&f, "private");
  fail_unless (primary == own);
  fail_if (gst_rcast_speakers_can_lend (f.speakers, "private", NULL));
  fail_unless (lend (&f, "private") == NULL);
  gst_rcast_speakers_give_back (f.speakers, primary);
  fail_unless (gst_rcast_speakers_can_lend (f.speakers, "private", NULL));
  fixture_clear (&f);
}

GST_END_TEST;

static gchar *
answer_token (GstRcastSignaller * signaller, const gchar * location,
    gpointer data)
{
  return g_strdup ("of the application");
}

/* The application's own signaller replaces the former one and its twin. */
GST_START_TEST (test_application_s_own_signaller_can_have_a_twin)
{
  Fixture f;
  g_autoptr (GstRcastSignaller) own = NULL, primary = NULL, twin = NULL;
  g_autoptr (GPtrArray) all = NULL;
  g_autofree gchar *token = NULL;

  fixture_init (&f);
  primary = lend (&f, "talker");
  twin = lend (&f, "talker");
  g_clear_object (&twin);
  own = gst_object_ref_sink (g_object_new (talker_get_type (), "patience", 9,
          NULL));
  g_signal_connect (own, "request-token", G_CALLBACK (answer_token), NULL);
  fail_unless (gst_rcast_speakers_replace (f.speakers, own));
  assert_equals_int (GST_BIN_NUMCHILDREN (f.bin), 1);
  g_clear_object (&primary);
  primary = lend (&f, "talker");
  fail_unless (primary == own);
  twin = lend (&f, "talker");
  assert_equals_int (((Talker *) twin)->patience, 9);
  g_signal_emit_by_name (twin, "request-token", "http://server/", &token);
  assert_equals_string (token, "of the application");
  all = gst_rcast_speakers_list (f.speakers);
  assert_equals_int (all->len, 2);
  fixture_clear (&f);
}

GST_END_TEST;

static Suite *
speakers_suite (void)
{
  Suite *s = suite_create ("speakers");
  TCase *tc = tcase_create ("general");

  gst_element_register (NULL, "talker", GST_RANK_NONE, talker_get_type ());
  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_two_sessions_have_a_signaller_each);
  tcase_add_test (tc, test_whose_connection_is_open_goes_on);
  tcase_add_test (tc, test_twin_has_the_settings_of_the_first);
  tcase_add_test (tc, test_twin_asks_for_tokens_where_the_first_asks);
  tcase_add_test (tc, test_signaller_without_a_factory_has_one_session);
  tcase_add_test (tc, test_application_s_own_signaller_can_have_a_twin);
  return s;
}

GST_CHECK_MAIN (speakers);
