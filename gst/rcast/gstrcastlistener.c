/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Forwards webrtcbin's and the ICE agent's news of candidates and restarts to the loop's thread. */
#include "config.h"

#include "gstrcastlistener.h"

#include "gstrcastice.h"
#include "gstrcastlisten.h"

struct _GstRcastListener
{
  GstObject parent;

  /* constant */
  GstRcastLoop *loop;
  GstElement *webrtc;
  GstWebRTCICE *ice;
  GstRcastListenerCallbacks callbacks;
  gpointer data;

  gboolean stopped;             /* the loop's thread */
};

G_DEFINE_FINAL_TYPE (GstRcastListener, gst_rcast_listener, GST_TYPE_OBJECT);

typedef struct
{
  GstRcastListener *self;
  void (*wish) (gpointer data); /* nullable */
  guint mline;
  gchar *candidate;             /* nullable */
  GError *error;                /* nullable */
} Note;

static void
note_free (gpointer data)
{
  Note *note = data;

  gst_object_unref (note->self);
  g_free (note->candidate);
  g_clear_error (&note->error);
  g_free (note);
}

static gboolean
on_note (gpointer data)
{
  const Note *note = data;
  GstRcastListener *self = note->self;

  if (self->stopped)
    return G_SOURCE_REMOVE;
  if (note->wish)
    note->wish (self->data);
  else if (note->candidate)
    self->callbacks.candidate (note->mline, note->candidate, self->data);
  else
    self->callbacks.restart_failed (note->error, self->data);
  return G_SOURCE_REMOVE;
}

static void
post (GstRcastListener * self, void (*wish) (gpointer), GError * error)
{
  Note *note = g_new (Note, 1);

  *note = (Note) { gst_object_ref (self), wish, 0, NULL, error };
  gst_rcast_loop_invoke (self->loop, on_note, note, note_free);
}

/* webrtcbin's threads */

static void
on_gathering_state (GstElement * webrtc, GParamSpec * pspec,
    GstRcastListener * self)
{
  GstWebRTCICEGatheringState state;

  g_object_get (webrtc, "ice-gathering-state", &state, NULL);
  if (state == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE)
    post (self, self->callbacks.gathered, NULL);
}

static void
on_ice_candidate (GstElement * webrtc, guint mline, const gchar * candidate,
    GstRcastListener * self)
{
  Note *note;

  /* Some versions send an empty candidate at the end. */
  if (!candidate || !*candidate)
    return;
  note = g_new (Note, 1);
  *note = (Note) { gst_object_ref (self), NULL, mline, g_strdup (candidate),
    NULL
  };
  gst_rcast_loop_invoke (self->loop, on_note, note, note_free);
}

/* The agent's thread */

static void
on_generation_failed (GstWebRTCICE * ice, guint session, guint generation,
    const GError * error, GstRcastListener * self)
{
  if (!g_error_matches (error, GST_RCAST_ICE_ERROR,
          GST_RCAST_ICE_ERROR_CANCELLED))
    post (self, NULL, g_error_copy (error));
}

static void
on_restart_wanted (GstWebRTCICE * ice, guint session,
    GstRcastIceRestartReason reason, GstRcastListener * self)
{
  post (self, self->callbacks.restart_wanted, NULL);
}

static void
on_generation_hopeless (GstWebRTCICE * ice, guint session, guint generation,
    GstRcastListener * self)
{
  post (self, self->callbacks.restart_hopeless, NULL);
}

/* Twice is fine. */
void
gst_rcast_listener_stop (GstRcastListener * self)
{
  self->stopped = TRUE;
  g_signal_handlers_disconnect_by_data (self->webrtc, self);
  g_signal_handlers_disconnect_by_data (self->ice, self);
}

/**
 * gst_rcast_listener_new:
 * @loop: its thread runs the callbacks, and all functions here
 * @webrtc: a webrtcbin
 * @ice: its ICE agent
 * @callbacks: take the news
 * @data: for @callbacks; valid until gst_rcast_listener_stop()
 */
GstRcastListener *
gst_rcast_listener_new (GstRcastLoop * loop, GstElement * webrtc,
    GstWebRTCICE * ice, const GstRcastListenerCallbacks * callbacks, gpointer data)
{
  GstRcastListener *self = g_object_new (GST_TYPE_RCAST_LISTENER, NULL);

  gst_object_ref_sink (self);
  self->loop = gst_rcast_loop_ref (loop);
  self->webrtc = gst_object_ref (webrtc);
  self->ice = gst_object_ref (ice);
  self->callbacks = *callbacks;
  self->data = data;
  gst_rcast_listen (webrtc, "on-ice-candidate",
      G_CALLBACK (on_ice_candidate), self);
  gst_rcast_listen (webrtc, "notify::ice-gathering-state",
      G_CALLBACK (on_gathering_state), self);
  gst_rcast_listen (ice, "generation-failed",
      G_CALLBACK (on_generation_failed), self);
  gst_rcast_listen (ice, "generation-hopeless",
      G_CALLBACK (on_generation_hopeless), self);
  gst_rcast_listen (ice, "restart-wanted",
      G_CALLBACK (on_restart_wanted), self);
  return self;
}

static void
gst_rcast_listener_finalize (GObject * object)
{
  GstRcastListener *self = GST_RCAST_LISTENER (object);

  /* The agent calls webrtcbin as long as it exists: webrtcbin goes last. */
  gst_object_unref (self->ice);
  gst_object_unref (self->webrtc);
  gst_rcast_loop_unref (self->loop);
  G_OBJECT_CLASS (gst_rcast_listener_parent_class)->finalize (object);
}

static void
gst_rcast_listener_class_init (GstRcastListenerClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_listener_finalize;
}

static void
gst_rcast_listener_init (GstRcastListener * self)
{
}
