/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What webrtcbin hears of an ICE stream: its states. */
#include "config.h"

#include "gstrcasticestream-private.h"

#define GST_CAT_DEFAULT rcast_ice_stream_debug

/* From disconnected to failed. */
#define FAILED_AFTER_MS 15000

gboolean
gst_rcast_ice_stream_is_working (GstRcastIceStream * self)
{
  return self->n_route > 0 && gst_rcast_ice_path_is_working (self->route[0]);
}

static gboolean
is_connected (GstRcastIceStream * self)
{
  return gst_rcast_ice_stream_is_working (self)
      || (gst_rcast_ice_generation_was_working (self->active)
      && gst_rcast_ice_generation_is_heard (self->active,
          g_get_monotonic_time ()));
}

static GstWebRTCICEConnectionState
compute_state (GstRcastIceStream * self)
{
  NiceComponentState state;

  if (!self->active)
    return GST_WEBRTC_ICE_CONNECTION_STATE_NEW;
  state = gst_rcast_ice_generation_get_state (self->active);
  /* webrtcbin stops receiving in any other state than these two, so they
   * stay as long as one path works, or is heard. */
  if (is_connected (self))
    return state == NICE_COMPONENT_STATE_READY ?
        GST_WEBRTC_ICE_CONNECTION_STATE_COMPLETED :
        GST_WEBRTC_ICE_CONNECTION_STATE_CONNECTED;
  if (gst_rcast_ice_generation_was_working (self->active))
    return self->failed ? GST_WEBRTC_ICE_CONNECTION_STATE_FAILED :
        GST_WEBRTC_ICE_CONNECTION_STATE_DISCONNECTED;
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

static gboolean
declare_failed (gpointer data)
{
  GstRcastIceStream *self = data;

  gst_rcast_source_clear (&self->failed_source);
  self->failed = TRUE;
  gst_rcast_ice_stream_evaluate (self);
  return G_SOURCE_REMOVE;
}

/* webrtcbin 1.22 keeps its handlers connected when it has stopped and even when
 * its bins are gone. A state that it hears of then starts a part of it again,
 * deadlocks, or hits freed memory. */
gboolean
gst_rcast_ice_stream_is_listening_locked (GstRcastIceStream * self)
{
  return !self->muted && !self->stopped;
}

gboolean
gst_rcast_ice_stream_was_connected (GstRcastIceStream * self)
{
  return self->published == GST_WEBRTC_ICE_CONNECTION_STATE_CONNECTED
      || self->published == GST_WEBRTC_ICE_CONNECTION_STATE_COMPLETED;
}

void
gst_rcast_ice_stream_publish (GstRcastIceStream * self)
{
  GstWebRTCICEConnectionState state = compute_state (self);
  GstWebRTCICETransport *transport;

  if (state == GST_WEBRTC_ICE_CONNECTION_STATE_DISCONNECTED) {
    if (!self->failed_source)
      self->failed_source = gst_rcast_loop_add_timeout (self->loop,
          FAILED_AFTER_MS, declare_failed, self);
  } else if (self->active && is_connected (self)) {
    gst_rcast_source_clear (&self->failed_source);
    self->failed = FALSE;
  }
  /* To webrtcbin 1.22 a change that is none is not harmless: if it comes just when
   * the receiving side is opened, that is shut again, for good. */
  if (self->published == state)
    return;
  /* Back from disconnected: that tells of what was lost. */
  if (gst_rcast_ice_stream_is_working (self)
      && !gst_rcast_ice_stream_was_connected (self))
    self->media_lost = FALSE;
  self->published = state;
  GST_DEBUG_OBJECT (self, "ICE connection state %d", state);
  transport = g_weak_ref_get (&self->transport);
  if (!transport)
    return;
  g_mutex_lock (&self->emit_lock);
  if (gst_rcast_ice_stream_is_listening_locked (self))
    gst_webrtc_ice_transport_connection_state_change (transport, state);
  g_mutex_unlock (&self->emit_lock);
  gst_object_unref (transport);
}

void
gst_rcast_ice_stream_publish_gathering (GstRcastIceStream * self,
    GstWebRTCICEGatheringState state)
{
  GstWebRTCICETransport *transport = g_weak_ref_get (&self->transport);

  if (!transport)
    return;
  g_mutex_lock (&self->emit_lock);
  if (gst_rcast_ice_stream_is_listening_locked (self))
    gst_webrtc_ice_transport_gathering_state_change (transport, state);
  g_mutex_unlock (&self->emit_lock);
  gst_object_unref (transport);
}

void
gst_rcast_ice_stream_publish_pair (GstRcastIceStream * self)
{
  GstWebRTCICETransport *transport = g_weak_ref_get (&self->transport);

  if (!transport)
    return;
  g_mutex_lock (&self->emit_lock);
  if (gst_rcast_ice_stream_is_listening_locked (self))
    gst_webrtc_ice_transport_selected_pair_change (transport);
  g_mutex_unlock (&self->emit_lock);
  gst_object_unref (transport);
}
