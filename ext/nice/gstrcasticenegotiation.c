/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The credentials in the descriptions of one ICE stream, and the generations they start. */
#include "config.h"

#include "gstrcasticenegotiation.h"

#include "gstrcasticelog.h"

GST_RCAST_ICE_LOG_CATEGORY ("rcasticenegotiation",
    "Credentials of an ICE stream")

/* Which side's new credentials wait for those of the other side. */
typedef enum
{
  STATE_IDLE,
  STATE_OFFERED,                /* ours */
  STATE_ASKED,                  /* the peer's */
} State;

struct _GstRcastIceNegotiation
{
  gchar *name;                  /* in logs */
  GstRcastIceGenerations *generations;  /* the owner's */
  GstRcastIceCandidates *candidates;    /* the owner's */

  GMutex lock;                  /* a leaf: no other lock is taken under it; protects the rest */
  State state;
  gchar *local_ufrag;           /* of the last valid local description; NULL: none */
  gchar *local_password;
  gchar *settled_ufrag;         /* of the generation that goes on if a restart fails */
  gchar *settled_password;
  gchar *remote_ufrag;          /* of the last remote description; NULL: none */
  guint serial;                 /* counts new local credentials */
  guint applied;                /* serial that the agent's thread has reached */
  gboolean gathering_due;       /* for the latest credentials */
};

GstRcastIceNegotiation *
gst_rcast_ice_negotiation_new (const gchar * name,
    GstRcastIceGenerations * generations, GstRcastIceCandidates * candidates)
{
  GstRcastIceNegotiation *negotiation = g_new0 (GstRcastIceNegotiation, 1);

  negotiation->name = g_strdup (name);
  negotiation->generations = generations;
  negotiation->candidates = candidates;
  g_mutex_init (&negotiation->lock);
  return negotiation;
}

void
gst_rcast_ice_negotiation_free (GstRcastIceNegotiation * negotiation)
{
  g_mutex_clear (&negotiation->lock);
  g_free (negotiation->name);
  g_free (negotiation->local_ufrag);
  g_free (negotiation->local_password);
  g_free (negotiation->settled_ufrag);
  g_free (negotiation->settled_password);
  g_free (negotiation->remote_ufrag);
  g_free (negotiation);
}

static void
replace (gchar ** place, const gchar * string)
{
  gchar *old = *place;

  *place = g_strdup (string);
  g_free (old);
}

/* With the lock held. The last local description belongs to the generation that goes on. */
static void
settle (GstRcastIceNegotiation * negotiation)
{
  replace (&negotiation->settled_ufrag, negotiation->local_ufrag);
  replace (&negotiation->settled_password, negotiation->local_password);
}

/* A local description was set. Returns: the serial of its credentials, for
 * gst_rcast_ice_negotiation_apply_local() */
guint
gst_rcast_ice_negotiation_set_local (GstRcastIceNegotiation * negotiation,
    const gchar * ufrag, const gchar * password)
{
  gboolean changed;
  guint serial;

  g_mutex_lock (&negotiation->lock);
  changed = g_strcmp0 (negotiation->local_ufrag, ufrag) != 0;
  if (changed) {
    replace (&negotiation->local_ufrag, ufrag);
    replace (&negotiation->local_password, password);
    /* The first generation needs no swap. */
    if (negotiation->serial++ == 0)
      settle (negotiation);
    negotiation->gathering_due = TRUE;
  }
  if (negotiation->state == STATE_ASKED)
    negotiation->state = STATE_IDLE;
  else if (changed)
    negotiation->state = STATE_OFFERED;
  serial = negotiation->serial;
  g_mutex_unlock (&negotiation->lock);
  return serial;
}

void
gst_rcast_ice_negotiation_set_remote (GstRcastIceNegotiation * negotiation,
    const gchar * ufrag)
{
  gboolean changed;

  g_mutex_lock (&negotiation->lock);
  changed = g_strcmp0 (negotiation->remote_ufrag, ufrag) != 0;
  g_free (negotiation->remote_ufrag);
  negotiation->remote_ufrag = g_strdup (ufrag);
  if (negotiation->state == STATE_OFFERED)
    negotiation->state = STATE_IDLE;
  else if (changed)
    negotiation->state = STATE_ASKED;
  g_mutex_unlock (&negotiation->lock);
}

/* With the lock held. The peer does not know the credentials @serial: the next description gets
 * those of the generation that goes on. Does nothing if there are newer credentials. */
static void
go_back (GstRcastIceNegotiation * negotiation, guint serial)
{
  if (negotiation->serial != serial)
    return;
  replace (&negotiation->local_ufrag, negotiation->settled_ufrag);
  replace (&negotiation->local_password, negotiation->settled_password);
}

/* The current restart will not be signalled. Returns: a serial for
 * gst_rcast_ice_negotiation_apply_cancel() */
guint
gst_rcast_ice_negotiation_cancel (GstRcastIceNegotiation * negotiation)
{
  guint serial;

  g_mutex_lock (&negotiation->lock);
  serial = negotiation->serial;
  go_back (negotiation, serial);
  g_mutex_unlock (&negotiation->lock);
  return serial;
}

/* Returns FALSE if there are no credentials yet. */
gboolean
gst_rcast_ice_negotiation_dup_local (GstRcastIceNegotiation * negotiation,
    gchar ** ufrag, gchar ** password)
{
  gboolean known;

  g_mutex_lock (&negotiation->lock);
  known = negotiation->local_ufrag != NULL;
  if (known) {
    *ufrag = g_strdup (negotiation->local_ufrag);
    *password = g_strdup (negotiation->local_password);
  }
  g_mutex_unlock (&negotiation->lock);
  return known;
}

/* Whether the peer has offered new credentials, so that the answer needs new ones as well. */
gboolean
gst_rcast_ice_negotiation_is_asked (GstRcastIceNegotiation * negotiation)
{
  gboolean asked;

  g_mutex_lock (&negotiation->lock);
  asked = negotiation->state == STATE_ASKED;
  g_mutex_unlock (&negotiation->lock);
  return asked;
}

/* Whether the latest local credentials have reached the agent's thread. */
gboolean
gst_rcast_ice_negotiation_is_applied (GstRcastIceNegotiation * negotiation)
{
  gboolean applied;

  g_mutex_lock (&negotiation->lock);
  applied = negotiation->applied == negotiation->serial;
  g_mutex_unlock (&negotiation->lock);
  return applied;
}

/* Whether candidates must be gathered for the latest credentials. Returns TRUE only once for
 * each. */
gboolean
gst_rcast_ice_negotiation_take_gathering (GstRcastIceNegotiation * negotiation)
{
  gboolean due;

  g_mutex_lock (&negotiation->lock);
  due = negotiation->gathering_due;
  negotiation->gathering_due = FALSE;
  g_mutex_unlock (&negotiation->lock);
  return due;
}

/* --- the agent's thread --- */

static void
set_applied (GstRcastIceNegotiation * negotiation, guint serial)
{
  g_mutex_lock (&negotiation->lock);
  negotiation->applied = serial;
  g_mutex_unlock (&negotiation->lock);
}

static void
credentials_changed (GstRcastIceNegotiation * negotiation)
{
  gst_rcast_ice_candidates_retry (negotiation->candidates);
  gst_rcast_ice_generations_limit (negotiation->generations);
}

static gboolean
is_back_to_active (GstRcastIceNegotiation * negotiation, const gchar * ufrag)
{
  return gst_rcast_ice_generations_get_pending (negotiation->generations)
      && g_strcmp0 (ufrag, gst_rcast_ice_generation_get_local_ufrag
      (gst_rcast_ice_generations_get_active (negotiation->generations))) == 0;
}

/* New credentials start a generation: the first one, or a restart. The caller evaluates. */
void
gst_rcast_ice_negotiation_apply_local (GstRcastIceNegotiation * negotiation,
    const gchar * ufrag, const gchar * password, guint serial)
{
  GstRcastIceGeneration *generation =
      gst_rcast_ice_generations_get_latest (negotiation->generations);
  const gchar *known = generation ?
      gst_rcast_ice_generation_get_local_ufrag (generation) : NULL;

  set_applied (negotiation, serial);
  if (g_strcmp0 (known, ufrag) == 0)
    return;
  if (known && is_back_to_active (negotiation, ufrag)) {
    gst_rcast_ice_generations_give_up (negotiation->generations,
        GST_RCAST_ICE_ERROR_CANCELLED,
        "a description with the old credentials was set");
    return;
  }
  if (!generation || known)
    generation = gst_rcast_ice_generations_start (negotiation->generations);
  gst_rcast_ice_generation_set_local (generation, ufrag, password);
  GST_DEBUG_ID (negotiation->name, "generation %u has local ufrag %s",
      gst_rcast_ice_generation_get_id (generation), ufrag);
  credentials_changed (negotiation);
}

/* Likewise for remote credentials. An answer with the peer's old credentials ends the restart. */
void
gst_rcast_ice_negotiation_apply_remote (GstRcastIceNegotiation * negotiation,
    const gchar * ufrag, const gchar * password)
{
  GstRcastIceGenerations *generations = negotiation->generations;
  GstRcastIceGeneration *generation =
      gst_rcast_ice_generations_get_latest (generations);
  const gchar *known = generation ?
      gst_rcast_ice_generation_get_remote_ufrag (generation) : NULL;

  if (g_strcmp0 (known, ufrag) == 0)
    return;
  if (gst_rcast_ice_generations_get_pending (generations)
      && gst_rcast_ice_generation_has_remote_ufrag
      (gst_rcast_ice_generations_get_active (generations), ufrag)) {
    g_mutex_lock (&negotiation->lock);
    go_back (negotiation, negotiation->applied);
    g_mutex_unlock (&negotiation->lock);
    gst_rcast_ice_generations_give_up (generations,
        GST_RCAST_ICE_ERROR_REFUSED,
        "the peer went on with its old credentials");
    return;
  }
  if (!generation || known)
    generation = gst_rcast_ice_generations_start (generations);
  gst_rcast_ice_generation_set_remote (generation, ufrag, password);
  GST_DEBUG_ID (negotiation->name, "generation %u has remote ufrag %s",
      gst_rcast_ice_generation_get_id (generation), ufrag);
  gst_rcast_ice_candidates_new_remote (negotiation->candidates);
  credentials_changed (negotiation);
}

void
gst_rcast_ice_negotiation_apply_cancel (GstRcastIceNegotiation * negotiation,
    guint serial)
{
  /* Once more, as another generation may have become active since. */
  g_mutex_lock (&negotiation->lock);
  go_back (negotiation, serial);
  g_mutex_unlock (&negotiation->lock);
  gst_rcast_ice_generations_give_up (negotiation->generations,
      GST_RCAST_ICE_ERROR_CANCELLED, "cancelled by the application");
}

/* A restart has succeeded. */
void
gst_rcast_ice_negotiation_swapped (GstRcastIceNegotiation * negotiation)
{
  GstRcastIceGeneration *active =
      gst_rcast_ice_generations_get_active (negotiation->generations);
  g_autofree gchar *ufrag = NULL;
  g_autofree gchar *password = NULL;

  gst_rcast_ice_generation_dup_local (active, &ufrag, &password);
  g_mutex_lock (&negotiation->lock);
  replace (&negotiation->settled_ufrag, ufrag);
  replace (&negotiation->settled_password, password);
  g_mutex_unlock (&negotiation->lock);
}
