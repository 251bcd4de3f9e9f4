/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What decisions about paths are made from: one path at one moment. */
#pragma once

#include "gstrcasticetypes.h"

G_BEGIN_DECLS

/* Times are monotonic microseconds. Decisions take an array of these, one per path of a
 * generation, and name a path by its index; GST_RCAST_ICE_NO_PATH is none. */
#define GST_RCAST_ICE_NO_PATH -1

typedef struct
{
  guint id;
  GstRcastIcePathState state;
  gboolean may_send;            /* validated, and the peer consents */
  gboolean barred;              /* the application does not want it: no more checks, either */
  gboolean announced;           /* the peer has its candidates */
  gboolean failing;             /* most probably dead: a restart should begin */
  gboolean missed;              /* the same, where another path is well */
  gboolean checkable;           /* answers to our checks can be seen */
  guint uplink;                 /* same number: same uplink */
  guint rank;                   /* of the uplink by preference, 0 first */
  gint64 rtt;                   /* 0: not known */
  gint64 rtt_least;             /* the least of the last seconds; 0: not known */
  gdouble check_loss;           /* of checks or their answers, 0 to 1, at worst */
  gint64 timeout;               /* silence after which it is dead */
  gint64 since;                 /* when the state began */
  gint64 created;
  gint64 last_heard;            /* media, RTCP or DTLS; 0: never */
  guint64 checks, answers;      /* so far */
  const gchar *interface;       /* of the uplink, borrowed from the path; NULL: any */
  /* What is remembered of the uplink. */
  gint64 well_since;
  gint64 hold;                  /* media comes back when it has been well for so long */
  gboolean wants_trial;         /* it was congested: it must show that it is not */
  gdouble loss;                 /* of media that it carried, 0 to 1 */
  gboolean thin;                /* for long it carried less than the media takes at least */
  guint64 room;                 /* bit/s that it carried then */
  gint64 last_sign;             /* the same, or an answer to a check; 0: never */
} GstRcastIcePathView;

/* Whether media can be sent by @view and arrives, as far as is known. */
static inline gboolean
gst_rcast_ice_path_view_is_working (const GstRcastIcePathView * view)
{
  return view->may_send && view->state != GST_RCAST_ICE_PATH_STATE_DEAD;
}

/* Whether both are of the same uplink; they may be of two generations. */
static inline gboolean
gst_rcast_ice_path_view_shares_uplink (const GstRcastIcePathView * a,
    const GstRcastIcePathView * b)
{
  return g_strcmp0 (a->interface, b->interface) == 0;
}

G_END_DECLS
