/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a path is alive, suspect or dead, from the packets on it. Pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GST_RCAST_ICE_LIFE_ALIVE,
  GST_RCAST_ICE_LIFE_SUSPECT,
  GST_RCAST_ICE_LIFE_DEAD,
} GstRcastIceLifeState;

/* What a path is used for: the more depends on it, the closer it is watched. */
typedef enum
{
  GST_RCAST_ICE_DUTY_NONE,      /* it is kept ready */
  GST_RCAST_ICE_DUTY_CARRIES,   /* media, one way or the other */
  GST_RCAST_ICE_DUTY_BACKED,    /* it carries, and another path could at once */
} GstRcastIceDuty;

/* Checks without an answer that one can still come to. */
#define GST_RCAST_ICE_MAX_OPEN_CHECKS 32

/* Times are monotonic microseconds. */
typedef struct
{
  GstRcastIceLifeState state;
  gint64 timeout;               /* of silence, until it is dead */
  gboolean checkable;           /* checks can be sent, and answers seen */
  gboolean expired;             /* no consent: nothing may be sent any more */

  gint64 last_heard;
  gint64 silent_since;          /* the same, later by what we stood still */
  gint64 last_step;             /* 0: none yet */
  gint64 stood_still;           /* until then; 0: never */
  gint64 last_answer;           /* to a check: consent */
  gint64 last_check;
  gint64 next_consent;
  gint64 first_unanswered;      /* 0: none */
  guint unanswered;             /* in a row */
  gint64 open[GST_RCAST_ICE_MAX_OPEN_CHECKS];   /* when they were sent, the oldest first */
  guint n_open;
  gdouble loss;                 /* of checks or their answers, smoothed */
  gdouble long_loss;            /* the same, of a longer time */
  guint heard;                  /* packets, to know when the rhythm is */
  gint64 last_packet;           /* the last of them; 0: none since a standstill */
  gint64 rhythm;                /* the longest usual silence; 0: not known */
  gint64 rtt;                   /* smoothed; 0: not known */
  gint64 rtt_variation;
  gint64 rtt_least[2];          /* of @rtt, in this and the last window; 0: not known */
  gint64 rtt_window;            /* when this one began */
  guint64 checks;
  guint64 answers;
  gint64 since;                 /* of the state */
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
