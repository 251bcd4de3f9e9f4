/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The generations of one ICE stream: pending, active, draining, and their times. */
#pragma once

#include "gstrcasticegeneration.h"

G_BEGIN_DECLS

typedef struct _GstRcastIceGenerations GstRcastIceGenerations;

/* On the agent's thread. */
typedef struct
{
  /* The pending generation @id has failed. */
  void (*failed) (guint id, const GError * error, gpointer data);
  /* No check of the pending generation @id has been answered in the expected time. The generation
   * goes on. */
  void (*hopeless) (guint id, gpointer data);
} GstRcastIceGenerationsCallbacks;

typedef struct
{
  const gchar *name;            /* in logs */
  GstRcastLoop *loop;
  const GstRcastIceGenerationsCallbacks *callbacks;     /* static */
  const GstRcastIcePathCallbacks *path_callbacks;       /* static */
  gpointer data;                /* for all callbacks */
} GstRcastIceGenerationsConfig;

GstRcastIceGenerations *gst_rcast_ice_generations_new (const
    GstRcastIceGenerationsConfig * config);
void gst_rcast_ice_generations_free (GstRcastIceGenerations * generations);

/* On the agent's thread. Returned generations are borrowed and may be NULL. */
void gst_rcast_ice_generations_close (GstRcastIceGenerations * generations);
GstRcastIceGeneration *gst_rcast_ice_generations_get_active
    (GstRcastIceGenerations * generations);
GstRcastIceGeneration *gst_rcast_ice_generations_get_pending
    (GstRcastIceGenerations * generations);
GstRcastIceGeneration *gst_rcast_ice_generations_get_latest
    (GstRcastIceGenerations * generations);
gboolean gst_rcast_ice_generations_is_retired (GstRcastIceGenerations *
    generations, const gchar * remote_ufrag);
GstRcastIceGeneration *gst_rcast_ice_generations_start (GstRcastIceGenerations
    * generations);
void gst_rcast_ice_generations_limit (GstRcastIceGenerations * generations);
void gst_rcast_ice_generations_give_up (GstRcastIceGenerations * generations,
    GstRcastIceError code, const gchar * why);
gboolean gst_rcast_ice_generations_swap_if_ready (GstRcastIceGenerations *
    generations, const GstRcastIcePathView * current, gint64 now);

void gst_rcast_ice_generations_set_controlling (GstRcastIceGenerations *
    generations, gboolean controlling);
void gst_rcast_ice_generations_set_tos (GstRcastIceGenerations * generations,
    gint tos);
void gst_rcast_ice_generations_network_changed (GstRcastIceGenerations *
    generations, GstRcastIceSettings * settings, gint64 now);

/* Any thread. */
GstRcastIceGeneration *gst_rcast_ice_generations_ref_active
    (GstRcastIceGenerations * generations);
gboolean gst_rcast_ice_generations_is_restarting (GstRcastIceGenerations *
    generations);

G_END_DECLS
