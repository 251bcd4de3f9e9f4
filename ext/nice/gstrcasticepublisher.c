/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reports the state of one ICE stream to webrtcbin, except when webrtcbin must not be called. */
#include "config.h"

#include "gstrcasticepublisher.h"

#include "gstrcasticelog.h"
#include "gstrcasticestats.h"

GST_RCAST_ICE_LOG_CATEGORY ("rcasticepublisher",
    "What webrtcbin hears of an ICE stream")

/* How long disconnected lasts before it becomes failed. */
#define FAILED_AFTER_US (15 * G_USEC_PER_SEC)

struct _GstRcastIcePublisher
{
  gchar *name;                  /* in logs */
  GWeakRef transport;
  GstWebRTCICEConnectionState state;    /* only on the agent's thread */
  gint64 disconnected_since;    /* the same; 0: not disconnected */

  /* Held during each call into webrtcbin, which takes webrtcbin's own short locks. So webrtcbin can
   * stop or go away without a late callback. None of our other locks is held then. */
  GMutex lock;
  gboolean closed;              /* lock: for good */
  gboolean stopped;             /* lock: webrtcbin goes to NULL */
};

GstRcastIcePublisher *
gst_rcast_ice_publisher_new (const gchar * name)
{
  GstRcastIcePublisher *publisher = g_new0 (GstRcastIcePublisher, 1);

  publisher->name = g_strdup (name);
  publisher->state = GST_WEBRTC_ICE_CONNECTION_STATE_NEW;
  g_weak_ref_init (&publisher->transport, NULL);
  g_mutex_init (&publisher->lock);
  return publisher;
}

void
gst_rcast_ice_publisher_free (GstRcastIcePublisher * publisher)
{
  g_weak_ref_clear (&publisher->transport);
  g_mutex_clear (&publisher->lock);
  g_free (publisher->name);
  g_free (publisher);
}

/* Returns FALSE if the publisher was closed before. Waits until a current call into webrtcbin is
 * over. */
gboolean
gst_rcast_ice_publisher_close (GstRcastIcePublisher * publisher)
{
  gboolean first;

  g_mutex_lock (&publisher->lock);
  first = !publisher->closed;
  publisher->closed = TRUE;
  g_mutex_unlock (&publisher->lock);
  return first;
}

/* Waits until a current call into webrtcbin is over. */
void
gst_rcast_ice_publisher_set_stopped (GstRcastIcePublisher * publisher,
    gboolean stopped)
{
  g_mutex_lock (&publisher->lock);
  publisher->stopped = stopped;
  g_mutex_unlock (&publisher->lock);
}

void
gst_rcast_ice_publisher_set_transport (GstRcastIcePublisher * publisher,
    GstWebRTCICETransport * transport)
{
  g_weak_ref_set (&publisher->transport, transport);
}

/* Returns: (nullable) (transfer full) */
GstWebRTCICETransport *
gst_rcast_ice_publisher_dup_transport (GstRcastIcePublisher * publisher)
{
  return g_weak_ref_get (&publisher->transport);
}

/* Calls @func unless webrtcbin must not be called. webrtcbin 1.22 keeps its handlers connected when
 * it has stopped, and even when its bins are gone. A state change would then restart a part of it,
 * deadlock, or touch freed memory. */
void
gst_rcast_ice_publisher_call (GstRcastIcePublisher * publisher,
    GstRcastIcePublisherFunc func, gpointer data)
{
  g_mutex_lock (&publisher->lock);
  if (!publisher->closed && !publisher->stopped)
    func (data);
  g_mutex_unlock (&publisher->lock);
}

gboolean
gst_rcast_ice_publisher_is_disconnected (GstRcastIcePublisher * publisher)
{
  return publisher->state == GST_WEBRTC_ICE_CONNECTION_STATE_DISCONNECTED;
}

gboolean
gst_rcast_ice_publisher_is_connected (GstRcastIcePublisher * publisher)
{
  return publisher->state == GST_WEBRTC_ICE_CONNECTION_STATE_CONNECTED
      || publisher->state == GST_WEBRTC_ICE_CONNECTION_STATE_COMPLETED;
}

typedef struct
{
  GstWebRTCICETransport *transport;
  guint state;
} Change;

static void
change_state (gpointer data)
{
  Change *change = data;

  gst_webrtc_ice_transport_connection_state_change (change->transport,
      change->state);
}

static void
change_gathering (gpointer data)
{
  Change *change = data;

  gst_webrtc_ice_transport_gathering_state_change (change->transport,
      change->state);
}

static void
change_pair (gpointer data)
{
  Change *change = data;

  gst_webrtc_ice_transport_selected_pair_change (change->transport);
}

static void
tell_transport (GstRcastIcePublisher * publisher,
    GstRcastIcePublisherFunc func, guint state)
{
  Change change = { g_weak_ref_get (&publisher->transport), state };

  if (!change.transport)
    return;
  gst_rcast_ice_publisher_call (publisher, func, &change);
  gst_object_unref (change.transport);
}

/* For a generation that has never worked. */
static GstWebRTCICEConnectionState
get_first_state (NiceComponentState state)
{
  switch (state) {
    case NICE_COMPONENT_STATE_CONNECTING:
    case NICE_COMPONENT_STATE_CONNECTED:
    case NICE_COMPONENT_STATE_READY:
      return GST_WEBRTC_ICE_CONNECTION_STATE_CHECKING;
    case NICE_COMPONENT_STATE_FAILED:
      return GST_WEBRTC_ICE_CONNECTION_STATE_FAILED;
    case NICE_COMPONENT_STATE_DISCONNECTED:
    case NICE_COMPONENT_STATE_GATHERING:
    case NICE_COMPONENT_STATE_LAST:
      break;
  }
  return GST_WEBRTC_ICE_CONNECTION_STATE_NEW;
}

/* webrtcbin stops receiving in any state but connected and completed. So keep these as long as a
 * path works, or packets arrive. */
static GstWebRTCICEConnectionState
compute_state (GstRcastIcePublisher * publisher,
    const GstRcastIceConnection * connection, gint64 now)
{
  if (connection->connected)
    return connection->state == NICE_COMPONENT_STATE_READY ?
        GST_WEBRTC_ICE_CONNECTION_STATE_COMPLETED :
        GST_WEBRTC_ICE_CONNECTION_STATE_CONNECTED;
  if (!connection->was_working)
    return get_first_state (connection->state);
  return publisher->disconnected_since > 0
      && now - publisher->disconnected_since >= FAILED_AFTER_US ?
      GST_WEBRTC_ICE_CONNECTION_STATE_FAILED :
      GST_WEBRTC_ICE_CONNECTION_STATE_DISCONNECTED;
}

/* Another generation is active: restart the time until failed. */
void
gst_rcast_ice_publisher_start_anew (GstRcastIcePublisher * publisher)
{
  publisher->disconnected_since = 0;
}

/* Reports only real changes. webrtcbin 1.22 shuts its receiving side for good if it is notified of
 * an unchanged state just while it opens that side. */
void
gst_rcast_ice_publisher_update (GstRcastIcePublisher * publisher,
    const GstRcastIceConnection * connection, gint64 now)
{
  GstWebRTCICEConnectionState state =
      compute_state (publisher, connection, now);

  if (connection->connected)
    publisher->disconnected_since = 0;
  else if (state == GST_WEBRTC_ICE_CONNECTION_STATE_DISCONNECTED
      && publisher->disconnected_since == 0)
    publisher->disconnected_since = now;
  if (publisher->state == state)
    return;
  publisher->state = state;
  GST_DEBUG_ID (publisher->name, "ICE connection state %s",
      gst_rcast_ice_nick (GST_TYPE_WEBRTC_ICE_CONNECTION_STATE, state));
  tell_transport (publisher, change_state, state);
}

void
gst_rcast_ice_publisher_set_gathering (GstRcastIcePublisher * publisher,
    GstWebRTCICEGatheringState state)
{
  tell_transport (publisher, change_gathering, state);
}

void
gst_rcast_ice_publisher_pair_changed (GstRcastIcePublisher * publisher)
{
  tell_transport (publisher, change_pair, 0);
}
