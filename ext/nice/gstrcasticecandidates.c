/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Assigns remote candidates to generations: keeps early ones, resolves host names. */
#include "config.h"

#include "gstrcasticecandidates.h"

#include <string.h>

#include "gstrcasticelog.h"
#include "gstrcasticeresolve.h"
#include "gstrcasticesdp.h"
#include "rcast-text.h"

GST_RCAST_ICE_LOG_CATEGORY ("rcasticecandidates",
    "Remote candidates of an ICE stream")

/* In bytes. The longest candidate of RFC 8839 5.1 (foundation 32, name 255, ufrag 256, addresses
 * and ports), with room for extensions. */
#define MAX_LENGTH 1024
/* RFC 8839 5.1: "candidate:…", component, transport, priority, address, port, typ, type */
#define MIN_WORDS 8
/* Limit of candidates kept for a generation that is not known yet. */
#define MAX_EARLY 64
/* Limit of host names resolved per generation: a browser has one per interface and address
 * family. */
#define MAX_LOOKUPS 16

/* Only on the agent's thread. */
struct _GstRcastIceCandidates
{
  gchar *name;                  /* in logs */
  GstRcastIceGenerations *generations;  /* the owner's */
  GPtrArray *early;             /* of gchar * */
  GPtrArray *looked_up;         /* of gchar *: candidates with a name */
  GCancellable *cancellable;    /* of the look-ups */
};

GstRcastIceCandidates *
gst_rcast_ice_candidates_new (const gchar * name,
    GstRcastIceGenerations * generations)
{
  GstRcastIceCandidates *candidates = g_new0 (GstRcastIceCandidates, 1);

  candidates->name = g_strdup (name);
  candidates->generations = generations;
  candidates->early = g_ptr_array_new_with_free_func (g_free);
  candidates->looked_up = g_ptr_array_new_with_free_func (g_free);
  candidates->cancellable = g_cancellable_new ();
  return candidates;
}

/* Cancels look-ups, so that none holds anything of the stream any longer. */
void
gst_rcast_ice_candidates_close (GstRcastIceCandidates * candidates)
{
  g_cancellable_cancel (candidates->cancellable);
}

/* Call this after gst_rcast_ice_candidates_close(), or if nothing was added. */
void
gst_rcast_ice_candidates_free (GstRcastIceCandidates * candidates)
{
  g_ptr_array_unref (candidates->early);
  g_ptr_array_unref (candidates->looked_up);
  g_object_unref (candidates->cancellable);
  g_free (candidates->name);
  g_free (candidates);
}

gboolean
gst_rcast_ice_candidates_is_too_long (const gchar * candidate)
{
  return strnlen (candidate, MAX_LENGTH + 1) > MAX_LENGTH;
}

static gboolean
contains (GPtrArray * strings, const gchar * string)
{
  return g_ptr_array_find_with_equal_func (strings, string, g_str_equal, NULL);
}

static void
keep_early (GstRcastIceCandidates * candidates, const gchar * candidate)
{
  if (contains (candidates->early, candidate))
    return;
  if (candidates->early->len >= MAX_EARLY) {
    GST_WARNING_ID (candidates->name, "too many candidates of a generation "
        "that is not known yet, dropping the oldest");
    g_ptr_array_remove_index (candidates->early, 0);
  }
  g_ptr_array_add (candidates->early, g_strdup (candidate));
}

/* The generation with the peer's @ufrag; NULL if there is none. */
static GstRcastIceGeneration *
find_by_ufrag (GstRcastIceGeneration * pending, GstRcastIceGeneration * active,
    const gchar * ufrag)
{
  if (gst_rcast_ice_generation_has_remote_ufrag (pending, ufrag))
    return pending;
  if (gst_rcast_ice_generation_has_remote_ufrag (active, ufrag))
    return active;
  return NULL;
}

/* A candidate without a ufrag belongs to the latest generation with both sides' credentials. During
 * a restart, webrtcbin adds the candidates of the current (old) remote description again. */
static GstRcastIceGeneration *
guess (GstRcastIceGeneration * pending, GstRcastIceGeneration * active,
    const gchar * candidate)
{
  if (pending && gst_rcast_ice_generation_is_complete (pending))
    return pending;
  if (active && (!pending
          || gst_rcast_ice_generation_has_candidate (active, candidate)))
    return active;
  return NULL;
}

static void
route (GstRcastIceCandidates * candidates, const gchar * candidate)
{
  GstRcastIceGeneration *pending =
      gst_rcast_ice_generations_get_pending (candidates->generations);
  GstRcastIceGeneration *active =
      gst_rcast_ice_generations_get_active (candidates->generations);
  g_autofree gchar *ufrag = gst_rcast_ice_find_ufrag (candidate);
  GstRcastIceGeneration *generation = ufrag ?
      find_by_ufrag (pending, active, ufrag) :
      guess (pending, active, candidate);

  if (generation)
    gst_rcast_ice_generation_add_candidate (generation, candidate);
  else if (!ufrag
      || !gst_rcast_ice_generations_is_retired (candidates->generations, ufrag))
    keep_early (candidates, candidate);
}

static void
on_resolved (const gchar * candidate, gpointer data)
{
  route (data, candidate);
}

/* Looks up each name once, as webrtcbin adds all candidates again with each description. */
static void
look_up (GstRcastIceCandidates * candidates, const gchar * candidate)
{
  if (contains (candidates->looked_up, candidate))
    return;
  if (candidates->looked_up->len >= MAX_LOOKUPS) {
    GST_WARNING_ID (candidates->name, "more than %u candidates with names, "
        "dropping", MAX_LOOKUPS);
    return;
  }
  g_ptr_array_add (candidates->looked_up, g_strdup (candidate));
  gst_rcast_ice_resolve (candidates->name, candidate, candidates->cancellable,
      on_resolved, candidates);
}

static guint
count_words (const gchar * candidate)
{
  guint n = 1;

  for (const gchar * at = candidate; *at; at++)
    n += *at == ' ';
  return n;
}

/* Drops a @candidate that cannot be valid. */
void
gst_rcast_ice_candidates_add (GstRcastIceCandidates * candidates,
    const gchar * candidate)
{
  if (gst_rcast_ice_candidates_is_too_long (candidate)
      || count_words (candidate) < MIN_WORDS) {
    g_autofree gchar *clean = gst_rcast_text_clean (candidate, -1);

    GST_WARNING_ID (candidates->name, "not a candidate: %s", clean);
  } else if (gst_rcast_ice_resolve_is_needed (candidate)) {
    look_up (candidates, candidate);
  } else {
    route (candidates, candidate);
  }
}

/* The peer has new credentials: resolve its host names again. */
void
gst_rcast_ice_candidates_new_remote (GstRcastIceCandidates * candidates)
{
  g_ptr_array_set_size (candidates->looked_up, 0);
}

/* New credentials are known, so some early candidates may find their generation now. */
void
gst_rcast_ice_candidates_retry (GstRcastIceCandidates * candidates)
{
  GPtrArray *early = candidates->early;

  candidates->early = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < early->len; i++)
    route (candidates, early->pdata[i]);
  g_ptr_array_unref (early);
}
