/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starts gathering and reports it complete, even if a STUN or TURN server does not answer. */
#include "config.h"

#include "gstrcasticegathering.h"

/* How long to wait for STUN and TURN servers. Later candidates are still trickled. */
#define TIMEOUT_MS 1500

/* Only on the agent's thread. */
struct _GstRcastIceGathering
{
  GstRcastLoop *loop;
  GstRcastIceNegotiation *negotiation;
  GstRcastIcePublisher *publisher;
  GSource *timeout;
};

GstRcastIceGathering *
gst_rcast_ice_gathering_new (GstRcastLoop * loop,
    GstRcastIceNegotiation * negotiation, GstRcastIcePublisher * publisher)
{
  GstRcastIceGathering *gathering = g_new0 (GstRcastIceGathering, 1);

  gathering->loop = gst_rcast_loop_ref (loop);
  gathering->negotiation = negotiation;
  gathering->publisher = publisher;
  return gathering;
}

void
gst_rcast_ice_gathering_stop (GstRcastIceGathering * gathering)
{
  gst_rcast_source_clear (&gathering->timeout);
}

/* Call this after gst_rcast_ice_gathering_stop(), or if nothing was started. */
void
gst_rcast_ice_gathering_free (GstRcastIceGathering * gathering)
{
  g_assert (!gathering->timeout);
  gst_rcast_loop_unref (gathering->loop);
  g_free (gathering);
}

static void
complete (GstRcastIceGathering * gathering)
{
  gst_rcast_ice_gathering_stop (gathering);
  /* Newer credentials on their way to this thread will start another gathering. */
  if (gst_rcast_ice_negotiation_is_applied (gathering->negotiation))
    gst_rcast_ice_publisher_set_gathering (gathering->publisher,
        GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE);
}

static gboolean
timed_out (gpointer data)
{
  complete (data);
  return G_SOURCE_REMOVE;
}

/* Reports completion if @generation, the latest one, is gathered. */
void
gst_rcast_ice_gathering_check (GstRcastIceGathering * gathering,
    GstRcastIceGeneration * generation)
{
  if (gst_rcast_ice_generation_is_gathered (generation))
    complete (gathering);
}

/* Gathers for @generation, the latest one. Returns FALSE if there is no local address. */
gboolean
gst_rcast_ice_gathering_start (GstRcastIceGathering * gathering,
    GstRcastIceGeneration * generation, GstRcastIceSettings * settings,
    gint tos)
{
  if (gst_rcast_ice_generation_has_begun (generation)) {
    gst_rcast_ice_gathering_check (gathering, generation);
    return TRUE;
  }
  gst_rcast_ice_gathering_stop (gathering);
  gathering->timeout = gst_rcast_loop_add_timeout (gathering->loop, TIMEOUT_MS,
      timed_out, gathering);
  if (gst_rcast_ice_generation_gather (generation, settings, tos))
    return TRUE;
  gst_rcast_ice_gathering_stop (gathering);
  gst_rcast_ice_publisher_set_gathering (gathering->publisher,
      GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE);
  return FALSE;
}
