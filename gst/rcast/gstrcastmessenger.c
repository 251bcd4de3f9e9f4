/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Application messages: sent on a data channel or by the signaller, and kept while there is
 * neither. */
#include "config.h"

#include "gstrcastmessenger.h"

#include "gstrcastlisten.h"

#include "rcast-enumtypes.h"

GST_DEBUG_CATEGORY_STATIC (rcast_messenger_debug);
#define GST_CAT_DEFAULT rcast_messenger_debug

/* Most bytes in SCTP at a time, as it loses them with the session. */
#define CHANNEL_MAX_BYTES (64 * 1024)

typedef enum
{
  CARRIER_NONE,                 /* none at the moment */
  CARRIER_SOON,                 /* the media is connected, and its channel is about to open */
  CARRIER_CHANNEL,
  CARRIER_SIGNALLER,
  CARRIER_UNSUPPORTED,          /* there is none, and will be none */
} Carrier;

/* All fields belong to the loop's thread but those that say otherwise. */
struct _GstRcastMessenger
{
  GstObject parent;

  GstRcastLoop *loop;           /* constant */
  GstRcastMessengerClient client;       /* constant */
  gpointer data;                /* constant */

  GstRcastOutbox outbox;
  GstRcastSignaller *signaller; /* NULL: no session is open */
  GstWebRTCDataChannel *channel;        /* channel of the present peer, or NULL */
  gboolean media;               /* media is connected */
  gboolean stopped;
};

G_DEFINE_TYPE (GstRcastMessenger, gst_rcast_messenger, GST_TYPE_OBJECT);

/* A message to the loop's thread. */
typedef struct
{
  GstRcastMessenger *self;
  GstRcastLetter *letter;       /* to be sent */
  GstWebRTCDataChannel *channel;        /* or: changed, or received @text */
  gchar *text;
} Note;

static void
note_free (gpointer data)
{
  Note *note = data;

  gst_object_unref (note->self);
  gst_rcast_letter_free (note->letter);
  g_clear_object (&note->channel);
  g_free (note->text);
  g_free (note);
}

static gboolean on_note (gpointer data);

/* Any thread */
static void
post (GstRcastMessenger * self, GstRcastLetter * letter,
    GstWebRTCDataChannel * channel, const gchar * text)
{
  Note *note = g_new0 (Note, 1);

  note->self = gst_object_ref (self);
  note->letter = letter;
  note->channel = channel ? g_object_ref (channel) : NULL;
  note->text = g_strdup (text);
  gst_rcast_loop_invoke (self->loop, on_note, note, note_free);
}

/* The channel's signals: webrtcbin's threads */

static void
on_channel_text (GstWebRTCDataChannel * channel, const gchar * text,
    GstRcastMessenger * self)
{
  post (self, NULL, channel, text ? text : "");
}

static void
on_channel_state (GstWebRTCDataChannel * channel, GParamSpec * pspec,
    GstRcastMessenger * self)
{
  post (self, NULL, channel, NULL);
}

static void
on_channel_low (GstWebRTCDataChannel * channel, GstRcastMessenger * self)
{
  post (self, NULL, channel, NULL);
}

/* From here on: the loop's thread */

static void
report (GstRcastMessenger * self, GQueue * fallen, GstRcastDropCause cause)
{
  GstRcastLetter *letter;

  while ((letter = g_queue_pop_head (fallen))) {
    GST_DEBUG_OBJECT (self, "drops a message of type \"%s\"", letter->type);
    self->client.dropped (letter, cause, self->outbox.letters.length,
        self->data);
    gst_rcast_letter_free (letter);
  }
}

static void
drop_all (GstRcastMessenger * self, GstRcastDropCause cause)
{
  GQueue fallen = G_QUEUE_INIT;
  GstRcastLetter *letter;

  while ((letter = gst_rcast_outbox_pop (&self->outbox)))
    g_queue_push_tail (&fallen, letter);
  report (self, &fallen, cause);
}

/* All messages take the channel if there is one: two transports would not keep their order. */
static Carrier
pick_carrier (GstRcastMessenger * self)
{
  GstWebRTCDataChannelState state;

  if (self->channel) {
    g_object_get (self->channel, "ready-state", &state, NULL);
    if (!self->media || state == GST_WEBRTC_DATA_CHANNEL_STATE_CLOSING
        || state == GST_WEBRTC_DATA_CHANNEL_STATE_CLOSED)
      return CARRIER_NONE;
    return state == GST_WEBRTC_DATA_CHANNEL_STATE_OPEN ? CARRIER_CHANNEL :
        CARRIER_SOON;
  }
  if (!self->signaller)
    return CARRIER_NONE;
  if (gst_rcast_signaller_get_capabilities (self->signaller)
      & GST_RCAST_SIGNALLER_MESSAGES)
    return CARRIER_SIGNALLER;
  /* The answer, which accepts or rejects the channel, comes before the media. */
  return self->media ? CARRIER_UNSUPPORTED : CARRIER_NONE;
}

typedef enum
{
  SENT,
  CONGESTED,                    /* can be sent soon */
  DISCONNECTED,
  REFUSED,                      /* this message, for good */
} Outcome;

static Outcome
send_by_channel (GstRcastMessenger * self, const GstRcastLetter * letter)
{
  g_autofree gchar *text = gst_rcast_letter_to_text (letter);
  g_autoptr (GError) error = NULL;
  guint64 buffered;

  g_object_get (self->channel, "buffered-amount", &buffered, NULL);
  if (buffered >= CHANNEL_MAX_BYTES)
    return CONGESTED;
  if (gst_webrtc_data_channel_send_string_full (self->channel, text, &error))
    return SENT;
  GST_DEBUG_OBJECT (self, "the data channel does not send: %s", error->message);
  return DISCONNECTED;
}

static Outcome
send_by_signaller (GstRcastMessenger * self, const GstRcastLetter * letter)
{
  g_autoptr (GError) error = NULL;

  if (gst_rcast_signaller_send_message (self->signaller, letter->type,
          letter->payload, &error))
    return SENT;
  GST_DEBUG_OBJECT (self, "the signaller does not send: %s", error->message);
  return gst_rcast_error_get_class (error) == GST_RCAST_ERROR_CLASS_FATAL ?
      REFUSED : DISCONNECTED;
}

/* There is no connection now. */
static void
wait_for_connection (GstRcastMessenger * self)
{
  GQueue fallen = G_QUEUE_INIT;

  gst_rcast_outbox_disconnected (&self->outbox, &fallen);
  report (self, &fallen, GST_RCAST_DROP_DISCONNECTED);
}

static Outcome
send_first (GstRcastMessenger * self, Carrier carrier)
{
  const GstRcastLetter *letter = gst_rcast_outbox_peek (&self->outbox);

  return carrier == CARRIER_CHANNEL ? send_by_channel (self, letter) :
      send_by_signaller (self, letter);
}

/* Sends what the carrier takes now. The rest waits until the carrier changes. */
static void
empty_into (GstRcastMessenger * self, Carrier carrier)
{
  GQueue fallen = G_QUEUE_INIT;

  while (gst_rcast_outbox_peek (&self->outbox)) {
    switch (send_first (self, carrier)) {
      case SENT:
        gst_rcast_letter_free (gst_rcast_outbox_pop (&self->outbox));
        break;
      case REFUSED:
        g_queue_push_tail (&fallen, gst_rcast_outbox_pop (&self->outbox));
        report (self, &fallen, GST_RCAST_DROP_REFUSED);
        break;
      case DISCONNECTED:
        wait_for_connection (self);
        return;
      case CONGESTED:
        return;
    }
  }
}

static void
flush (GstRcastMessenger * self)
{
  Carrier carrier = pick_carrier (self);

  switch (carrier) {
    case CARRIER_NONE:
      wait_for_connection (self);
      break;
    case CARRIER_SOON:
      break;
    case CARRIER_UNSUPPORTED:
      drop_all (self, GST_RCAST_DROP_NOT_SUPPORTED);
      break;
    case CARRIER_CHANNEL:
    case CARRIER_SIGNALLER:
      empty_into (self, carrier);
      break;
  }
}

static void
push (GstRcastMessenger * self, GstRcastLetter * letter)
{
  GQueue fallen = G_QUEUE_INIT;

  gst_rcast_outbox_push (&self->outbox, letter, &fallen);
  report (self, &fallen, GST_RCAST_DROP_OVERFLOW);
}

static gboolean
on_note (gpointer data)
{
  Note *note = data;
  GstRcastMessenger *self = note->self;
  g_autofree gchar *type = NULL, *payload = NULL;

  if (self->stopped)
    return G_SOURCE_REMOVE;
  if (note->letter)
    push (self, g_steal_pointer (&note->letter));
  else if (note->channel != self->channel)
    return G_SOURCE_REMOVE;
  else if (note->text
      && gst_rcast_letter_from_text (note->text, &type, &payload))
    self->client.received (type, payload, self->data);
  flush (self);
  return G_SOURCE_REMOVE;
}

static void
set_channel (GstRcastMessenger * self, GstWebRTCDataChannel * channel)
{
  if (self->channel == channel)
    return;
  if (self->channel)
    g_signal_handlers_disconnect_by_data (self->channel, self);
  g_set_object (&self->channel, channel);
  if (!channel)
    return;
  gst_rcast_listen (channel, "on-message-string",
      G_CALLBACK (on_channel_text), self);
  gst_rcast_listen (channel, "notify::ready-state",
      G_CALLBACK (on_channel_state), self);
  gst_rcast_listen (channel, "on-buffered-amount-low",
      G_CALLBACK (on_channel_low), self);
}

/* Any thread */
GstRcastMessenger *
gst_rcast_messenger_new (GstRcastLoop * loop,
    const GstRcastMessengerClient * client, gpointer data)
{
  GstRcastMessenger *self = g_object_new (GST_TYPE_RCAST_MESSENGER, NULL);

  gst_object_ref_sink (self);
  self->loop = gst_rcast_loop_ref (loop);
  self->client = *client;
  self->data = data;
  return self;
}

/**
 * gst_rcast_messenger_send:
 * @self: the messenger
 * @letter: (transfer full): the message
 *
 * Messages are sent in the order of the calls, now or when there is a connection. Any thread.
 */
void
gst_rcast_messenger_send (GstRcastMessenger * self, GstRcastLetter * letter)
{
  post (self, letter, NULL, NULL);
}

/* The signaller has received a message. The loop's thread */
void
gst_rcast_messenger_receive (GstRcastMessenger * self, const gchar * type,
    const gchar * payload)
{
  if (!self->stopped)
    self->client.received (type, payload, self->data);
}

/**
 * gst_rcast_messenger_update:
 * @self: the messenger
 * @signaller: (nullable): the signaller, if its session is open
 * @channel: (nullable): channel of the present peer, open or not, if the server takes it
 * @media: whether media is connected
 *
 * Updates the carriers. The loop's thread.
 */
void
gst_rcast_messenger_update (GstRcastMessenger * self,
    GstRcastSignaller * signaller, GstWebRTCDataChannel * channel,
    gboolean media)
{
  if (self->stopped)
    return;
  g_set_object (&self->signaller, signaller);
  set_channel (self, channel);
  self->media = media;
  flush (self);
}

/* Reports the messages that still wait. Nothing is sent or received after this. The loop's
 * thread, or after its end. Twice is fine. */
void
gst_rcast_messenger_stop (GstRcastMessenger * self)
{
  if (self->stopped)
    return;
  drop_all (self, GST_RCAST_DROP_STOPPED);
  set_channel (self, NULL);
  g_clear_object (&self->signaller);
  self->stopped = TRUE;
}

static void
gst_rcast_messenger_finalize (GObject * object)
{
  GstRcastMessenger *self = GST_RCAST_MESSENGER (object);

  gst_rcast_outbox_clear (&self->outbox);
  gst_rcast_loop_unref (self->loop);
  G_OBJECT_CLASS (gst_rcast_messenger_parent_class)->finalize (object);
}

static void
gst_rcast_messenger_class_init (GstRcastMessengerClass * klass)
{
  GST_DEBUG_CATEGORY_INIT (rcast_messenger_debug, "rcastmessenger", 0,
      "gst-rcast: application messages");
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_messenger_finalize;
}

static void
gst_rcast_messenger_init (GstRcastMessenger * self)
{
  gst_rcast_outbox_init (&self->outbox, GST_RCAST_OUTBOX_MAX_MESSAGES,
      GST_RCAST_OUTBOX_MAX_BYTES);
}
