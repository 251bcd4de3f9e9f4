/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Snapshot of one path, as the input of decisions about paths. */
#pragma once

#include "gstrcasticetypes.h"

G_BEGIN_DECLS

/* Times are monotonic microseconds. Decisions take an array of views, one per path of a generation.
 * They name a path by its index, or none with GST_RCAST_ICE_NO_PATH. */
#define GST_RCAST_ICE_NO_PATH -1

typedef struct
{
  guint id;
  GstRcastIcePathState state;
  gboolean may_send;            /* validated, and the peer consents */
  gboolean barred;              /* the application has barred the uplink: send no checks either */
  gboolean announced;           /* its candidates were signalled to the peer */
  gboolean failing;             /* most probably dead: a restart should begin */
  gboolean missed;              /* the same, with less evidence; enough if another path is well */
  gboolean checkable;           /* we can see the answers to our checks */
  guint uplink;                 /* paths with the same number share an uplink */
  guint rank;                   /* of the uplink in path-preference, 0 first */
  gint64 rtt;                   /* 0: unknown */
  gint64 rtt_least;             /* lowest of the last seconds; 0: unknown */
  gdouble check_loss;           /* worst plausible loss of checks or answers, 0 to 1 */
  gint64 timeout;               /* the path is dead after this much silence */
  gint64 since;                 /* when @state began */
  gint64 created;
  gint64 last_heard;            /* when media, RTCP or DTLS arrived; 0: never */
  guint64 checks, answers;      /* total counts */
  const gchar *interface;       /* of the uplink, borrowed from the path; NULL: any */
  /* What the record of the uplink says. */
  gint64 well_since;
  gint64 hold;                  /* media returns once the uplink has been well this long */
  gboolean wants_trial;         /* it was congested, and needs a trial first */
  gdouble loss;                 /* of the media it carried, 0 to 1 */
  gboolean thin;                /* for some time its room was less than the media needs */
  guint64 room;                 /* last reported capacity, bit/s */
  gint64 last_sign;             /* when a packet or an answer to a check arrived; 0: never */
} GstRcastIcePathView;

/* Whether media can be sent on the path of @view and, as far as we know, arrives. */
static inline gboolean
gst_rcast_ice_path_view_is_working (const GstRcastIcePathView * view)
{
  return view->may_send && view->state != GST_RCAST_ICE_PATH_STATE_DEAD;
}

/* Whether both paths share an uplink. They may belong to two generations. */
static inline gboolean
gst_rcast_ice_path_view_shares_uplink (const GstRcastIcePathView * a,
    const GstRcastIcePathView * b)
{
  return g_strcmp0 (a->interface, b->interface) == 0;
}

G_END_DECLS
