/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides from its packets whether a path is alive, suspect or dead. Pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GST_RCAST_ICE_LIFE_ALIVE,
  GST_RCAST_ICE_LIFE_SUSPECT,
  GST_RCAST_ICE_LIFE_DEAD,
} GstRcastIceLifeState;

/* What a path is used for. The more depends on a path, the more closely it is watched. */
typedef enum
{
  GST_RCAST_ICE_DUTY_NONE,      /* standby */
  GST_RCAST_ICE_DUTY_CARRIES,   /* carries media, sent or received */
  GST_RCAST_ICE_DUTY_BACKED,    /* carries media; another path can take over */
} GstRcastIceDuty;

/* How many unanswered checks are remembered, as their answers may still arrive. */
#define GST_RCAST_ICE_MAX_OPEN_CHECKS 32

/* Times are monotonic microseconds. */
typedef struct
{
  GstRcastIceLifeState state;
  gint64 timeout;               /* the path is dead after this much silence */
  gboolean checkable;           /* checks can be sent, and answers seen */
  gboolean expired;             /* consent is gone: stop sending */

  gint64 last_heard;
  gint64 silent_since;          /* last_heard, moved forward by standstills */
  gint64 last_step;             /* 0: none yet */
  gint64 stood_still;           /* end of the last standstill; 0: never */
  gint64 last_answer;           /* to a check, which is consent */
  gint64 last_check;
  gint64 next_consent;
  gint64 first_unanswered;      /* 0: none */
  guint unanswered;             /* checks in a row */
  gint64 open[GST_RCAST_ICE_MAX_OPEN_CHECKS];   /* when each open check was sent, oldest first */
  guint n_open;
  gdouble loss;                 /* of checks or their answers, smoothed */
  gdouble long_loss;            /* the same, smoothed over a longer time */
  guint heard;                  /* packets, to know when @rhythm is reliable */
  gint64 last_packet;           /* 0: none since a standstill */
  gint64 rhythm;                /* longest usual gap between packets; 0: unknown */
  gint64 rtt;                   /* smoothed; 0: unknown */
  gint64 rtt_variation;
  gint64 rtt_least[2];          /* lowest @rtt of this and the last window; 0: unknown */
  gint64 rtt_window;            /* start of this window */
  guint64 checks;
  guint64 answers;
  gint64 since;                 /* when @state was entered */
} GstRcastIcePathLife;

void gst_rcast_ice_path_life_init (GstRcastIcePathLife * life, gint64 timeout,
    gboolean checkable, gint64 now);
void gst_rcast_ice_path_life_heard (GstRcastIcePathLife * life, gint64 now);
void gst_rcast_ice_path_life_answered (GstRcastIcePathLife * life, gint64 sent,
    gint64 rtt, gboolean exact, gint64 now);
gdouble gst_rcast_ice_path_life_get_worst_loss (const GstRcastIcePathLife *
    life);
gint64 gst_rcast_ice_path_life_get_least_rtt (const GstRcastIcePathLife * life);
void gst_rcast_ice_path_life_refused (GstRcastIcePathLife * life, gint64 now);
void gst_rcast_ice_path_life_checked (GstRcastIcePathLife * life, gdouble random,
    gint64 now);
void gst_rcast_ice_path_life_lose (GstRcastIcePathLife * life, gint64 now);
void gst_rcast_ice_path_life_doubt (GstRcastIcePathLife * life, gint64 now);
void gst_rcast_ice_path_life_check_now (GstRcastIcePathLife * life);
gboolean gst_rcast_ice_path_life_is_failing (const GstRcastIcePathLife * life,
    gint64 now);
gboolean gst_rcast_ice_path_life_is_missed (const GstRcastIcePathLife * life,
    gint64 now);
gboolean gst_rcast_ice_path_life_step (GstRcastIcePathLife * life,
    GstRcastIceDuty duty, gint64 now);

G_END_DECLS
