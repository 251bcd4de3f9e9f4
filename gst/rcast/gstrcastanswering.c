/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers the offers of a server, one at a time, with one webrtcbin. */
#include "config.h"

#include "gstrcastanswering.h"

#include "gstrcastice.h"
#include "gstrcastwebrtc.h"
#include "rcast-error.h"
#include "rcast-offer.h"
#include "rcast-sdp.h"

/* The negotiation in progress: RFC 8829 3.2, as the answerer sees it. */
typedef enum
{
  STATE_IDLE,                   /* nothing */
  STATE_SETTING_REMOTE,         /* webrtcbin takes the offer */
  STATE_CREATING,               /* webrtcbin makes the answer */
  STATE_SETTING_LOCAL,          /* webrtcbin takes the answer */
  STATE_GATHERING,              /* the answer waits for all its candidates */
  STATE_STOPPED,                /* for good */
} State;

/* All fields belong to the loop's thread. */
struct _GstRcastAnswering
{
  GstObject parent;

  /* constant */
  GstRcastLoop *loop;
  GstElement *webrtc;
  GstWebRTCICE *ice;
  GstRcastAnsweringCallbacks callbacks;
  gpointer data;

  gboolean gather_first;        /* until the first answer is made */
  State state;
  GstSDPMessage *offer;
  GstSDPMessage *answer;
};

G_DEFINE_FINAL_TYPE (GstRcastAnswering, gst_rcast_answering, GST_TYPE_OBJECT);

/* The result of a call of webrtcbin, on its way to the loop's thread. */
typedef struct
{
  GstRcastAnswering *self;
  State state;                  /* the state in which the call was made */
  void (*proceed) (GstRcastAnswering * self, GstSDPMessage * sdp);
  GstSDPMessage *sdp;
  GError *error;
} Note;

static void
note_free (gpointer data)
{
  Note *note = data;

  gst_object_unref (note->self);
  g_clear_pointer (&note->sdp, gst_sdp_message_free);
  g_clear_error (&note->error);
  g_free (note);
}

static gboolean
on_note (gpointer data)
{
  Note *note = data;
  GstRcastAnswering *self = note->self;

  if (self->state != note->state)
    return G_SOURCE_REMOVE;
  if (note->error) {
    self->state = STATE_IDLE;
    self->callbacks.failed (note->error, self->data);
  } else {
    note->proceed (self, g_steal_pointer (&note->sdp));
  }
  return G_SOURCE_REMOVE;
}

/* webrtcbin's thread */
static void
post (GstRcastAnswering * self, State state,
    void (*proceed) (GstRcastAnswering *, GstSDPMessage *),
    GstSDPMessage * sdp, GError * error)
{
  Note *note = g_new (Note, 1);

  *note = (Note) { gst_object_ref (self), state, proceed, sdp, error };
  gst_rcast_loop_invoke (self->loop, on_note, note, note_free);
}

/* The steps */

static void
tell_answer (GstRcastAnswering * self, const GstSDPMessage * sdp)
{
  g_autofree gchar *text = gst_rcast_offer_print (sdp);
  const gchar *ufrag = NULL;

  gst_rcast_webrtc_log (self, "answer", text);
  gst_rcast_sdp_get_credentials (sdp, &ufrag, NULL);
  self->gather_first = FALSE;
  self->state = STATE_IDLE;
  self->callbacks.answer (self->offer, text, ufrag, self->data);
}

/* All candidates are known. */
void
gst_rcast_answering_gathered (GstRcastAnswering * self)
{
  GstWebRTCSessionDescription *local = NULL;

  if (self->state != STATE_GATHERING)
    return;
  g_object_get (self->webrtc, "local-description", &local, NULL);
  tell_answer (self, local ? local->sdp : self->answer);
  g_clear_pointer (&local, gst_webrtc_session_description_free);
}

static gboolean
is_gathered (GstRcastAnswering * self)
{
  GstWebRTCICEGatheringState state;

  g_object_get (self->webrtc, "ice-gathering-state", &state, NULL);
  return state == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE;
}

static void
local_set (GstRcastAnswering * self, GstSDPMessage * sdp)
{
  g_clear_pointer (&sdp, gst_sdp_message_free);
  if (!self->gather_first) {
    tell_answer (self, self->answer);
    return;
  }
  self->state = STATE_GATHERING;
  if (is_gathered (self))
    gst_rcast_answering_gathered (self);
}

static void
on_local_set (GstSDPMessage * sdp, GError * error, gpointer data)
{
  post (data, STATE_SETTING_LOCAL, local_set, sdp, error);
}

/* @sdp: (transfer full) (nullable) */
static void
answer_created (GstRcastAnswering * self, GstSDPMessage * sdp)
{
  g_autoptr (GError) error = NULL;

  if (!sdp) {
    self->state = STATE_IDLE;
    g_set_error (&error, GST_RCAST_ERROR, GST_RCAST_ERROR_FAILED,
        "webrtcbin has no answer to the server's offer");
    self->callbacks.failed (error, self->data);
    return;
  }
  gst_rcast_ice_prepare_answer (self->ice, sdp);
  gst_rcast_offer_settle_setup (self->offer, self->answer, sdp);
  g_clear_pointer (&self->answer, gst_sdp_message_free);
  self->answer = sdp;
  self->state = STATE_SETTING_LOCAL;
  gst_rcast_webrtc_set_own_answer (self->webrtc, sdp, on_local_set,
      gst_object_ref (self), gst_object_unref);
}

static void
on_answer_created (GstSDPMessage * sdp, GError * error, gpointer data)
{
  post (data, STATE_CREATING, answer_created, sdp, error);
}

static void
remote_set (GstRcastAnswering * self, GstSDPMessage * sdp)
{
  g_clear_pointer (&sdp, gst_sdp_message_free);
  self->state = STATE_CREATING;
  gst_rcast_webrtc_create_answer (self->webrtc, on_answer_created,
      gst_object_ref (self), gst_object_unref);
}

static void
on_remote_set (GstSDPMessage * sdp, GError * error, gpointer data)
{
  post (data, STATE_SETTING_REMOTE, remote_set, sdp, error);
}

/**
 * gst_rcast_answering_take:
 * @sdp: an offer of the server
 * @error: why it cannot be used
 *
 * Returns: whether the `answer` or the `failed` callback will come
 */
gboolean
gst_rcast_answering_take (GstRcastAnswering * self, const gchar * sdp,
    GError ** error)
{
  GstSDPMessage *offer = NULL;

  gst_rcast_webrtc_log (self, "server's offer", sdp);
  if (self->state != STATE_IDLE) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "the server makes an offer before it has the answer to the last one");
    return FALSE;
  }
  offer = gst_rcast_sdp_parse (sdp, -1, error);
  if (!offer)
    return FALSE;
  g_clear_pointer (&self->offer, gst_sdp_message_free);
  self->offer = offer;
  self->state = STATE_SETTING_REMOTE;
  gst_rcast_webrtc_set_servers_offer (self->webrtc, offer, on_remote_set,
      gst_object_ref (self), gst_object_unref);
  return TRUE;
}

/* Whether @sdp, an offer, has new ICE credentials. */
gboolean
gst_rcast_answering_is_restart (GstRcastAnswering * self, const gchar * sdp)
{
  g_autoptr (GstSDPMessage) offer = gst_rcast_sdp_parse (sdp, -1, NULL);
  const gchar *before = NULL, *after = NULL;

  if (!offer || !self->offer)
    return FALSE;
  gst_rcast_sdp_get_credentials (self->offer, &before, NULL);
  gst_rcast_sdp_get_credentials (offer, &after, NULL);
  return g_strcmp0 (before, after) != 0;
}

/* No callback comes after this. */
void
gst_rcast_answering_stop (GstRcastAnswering * self)
{
  self->state = STATE_STOPPED;
}

/**
 * gst_rcast_answering_new:
 * @loop: its thread runs the callbacks, and all functions here
 * @webrtc: a webrtcbin
 * @ice: its ICE agent
 * @gather_first: whether the first answer needs all candidates
 * @callbacks: take the results
 * @data: for @callbacks; valid until gst_rcast_answering_stop()
 */
GstRcastAnswering *
gst_rcast_answering_new (GstRcastLoop * loop, GstElement * webrtc,
    GstWebRTCICE * ice, gboolean gather_first,
    const GstRcastAnsweringCallbacks * callbacks, gpointer data)
{
  GstRcastAnswering *self = g_object_new (GST_TYPE_RCAST_ANSWERING, NULL);

  gst_object_ref_sink (self);
  self->loop = gst_rcast_loop_ref (loop);
  self->webrtc = gst_object_ref (webrtc);
  self->ice = gst_object_ref (ice);
  self->gather_first = gather_first;
  self->callbacks = *callbacks;
  self->data = data;
  return self;
}

static void
gst_rcast_answering_finalize (GObject * object)
{
  GstRcastAnswering *self = GST_RCAST_ANSWERING (object);

  g_clear_pointer (&self->offer, gst_sdp_message_free);
  g_clear_pointer (&self->answer, gst_sdp_message_free);
  /* The agent calls webrtcbin as long as it exists: webrtcbin goes last. */
  gst_object_unref (self->ice);
  gst_object_unref (self->webrtc);
  gst_rcast_loop_unref (self->loop);
  G_OBJECT_CLASS (gst_rcast_answering_parent_class)->finalize (object);
}

static void
gst_rcast_answering_class_init (GstRcastAnsweringClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_answering_finalize;
}

static void
gst_rcast_answering_init (GstRcastAnswering * self)
{
}
