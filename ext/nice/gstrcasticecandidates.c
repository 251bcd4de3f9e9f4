/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* To which generation of an ICE stream a remote candidate belongs. */
#include "config.h"

#include "gstrcasticestream-private.h"

#include "gstrcasticesdp.h"

#define GST_CAT_DEFAULT rcast_ice_stream_debug

/* Of a generation that is not known yet. */
#define MAX_EARLY_CANDIDATES 64

static gboolean
is_known_to_draining (GstRcastIceStream * self, const gchar * ufrag)
{
  for (guint i = 0; i < self->draining->len; i++) {
    if (gst_rcast_ice_generation_has_remote_ufrag (self->draining->pdata[i],
            ufrag))
      return TRUE;
  }
  return FALSE;
}

static void
keep_early (GstRcastIceStream * self, const gchar * candidate)
{
  if (g_ptr_array_find_with_equal_func (self->early, candidate, g_str_equal,
          NULL))
    return;
  if (self->early->len >= MAX_EARLY_CANDIDATES) {
    GST_WARNING_OBJECT (self, "too many candidates of a generation that is "
        "not known yet, dropping the oldest");
    g_ptr_array_remove_index (self->early, 0);
  }
  g_ptr_array_add (self->early, g_strdup (candidate));
}

/* By its ufrag, if it has one. Without one it is the latest generation's that
 * knows both sides' credentials: webrtcbin adds the candidates of the current
 * (old) remote description again while a new one is under way. */
void
gst_rcast_ice_stream_route_candidate (GstRcastIceStream * self,
    const gchar * candidate)
{
  g_autofree gchar *ufrag = gst_rcast_ice_find_ufrag (candidate);
  GstRcastIceGeneration *generation = NULL;

  if (ufrag) {
    if (gst_rcast_ice_generation_has_remote_ufrag (self->pending, ufrag))
      generation = self->pending;
    else if (gst_rcast_ice_generation_has_remote_ufrag (self->active, ufrag))
      generation = self->active;
    else if (is_known_to_draining (self, ufrag))
      return;
  } else if (self->pending
      && gst_rcast_ice_generation_is_complete (self->pending)) {
    generation = self->pending;
  } else if (self->active && (!self->pending
          || gst_rcast_ice_generation_has_candidate (self->active,
              candidate))) {
    generation = self->active;
  }
  if (generation)
    gst_rcast_ice_generation_add_candidate (generation, candidate);
  else
    keep_early (self, candidate);
}

/* Tried again whenever credentials have come in. */
void
gst_rcast_ice_stream_route_early (GstRcastIceStream * self)
{
  GPtrArray *early = self->early;

  self->early = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < early->len; i++)
    gst_rcast_ice_stream_route_candidate (self, early->pdata[i]);
  g_ptr_array_unref (early);
}
