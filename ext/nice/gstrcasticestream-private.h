/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The inside of an ICE stream, for the files that it is made of. */
#pragma once

#include "gstrcasticestream.h"

#include "gstrcasticegeneration.h"
#include "gstrcasticequeue.h"

G_BEGIN_DECLS

GST_DEBUG_CATEGORY_EXTERN (rcast_ice_stream_debug);

#define MAX_ROUTE 2

/* Whose new credentials wait for the other side's. */
typedef enum
{
  NEGOTIATION_IDLE,
  NEGOTIATION_OFFERED,          /* ours */
  NEGOTIATION_ASKED,            /* the peer's */
} Negotiation;

/* Locks: `emit_lock` is held over whatever the agent's thread tells webrtcbin
 * (which takes webrtcbin's own short locks), so that the stream can be closed, or
 * webrtcbin stopped, without one more callback; `lock` is a leaf. They are never
 * held together. */
struct _GstRcastIceStream
{
  GstWebRTCICEStream parent;

  /* Set once, by the constructor. */
  GWeakRef owner;
  GstRcastIceStreamEvents events;
  GstRcastLoop *loop;
  GstRcastIceQueue *queue;
  guint session_id;
  GWeakRef transport;

  GMutex emit_lock;
  gboolean muted;               /* emit_lock: for good */
  gboolean stopped;             /* emit_lock: webrtcbin is on its way to NULL */

  GMutex lock;
  gchar *requested_ufrag;       /* lock: the last set_local */
  gchar *requested_remote_ufrag;        /* lock: the last set_remote */
  Negotiation negotiation;      /* lock */
  guint gather_serial;          /* lock: of the last new set_local */
  gboolean gather_due;          /* lock */
  GstRcastIceGeneration *active;        /* lock; written by the loop only */
  GstRcastIceGeneration *pending;       /* lock; written by the loop only */
  GstRcastIcePath *route[MAX_ROUTE];    /* lock; written by the loop only */
  guint n_route;                /* lock; written by the loop only: known */
  guint n_carrying;             /* lock; written by the loop only: in use */
  GstRcastIcePath *refusing;    /* lock: could not send; one at a time */
  guint64 unsent;               /* lock: packets without a path */
  guint64 overrun;              /* lock: received, but nobody read them */

  /* Only the agent's thread. */
  gboolean closed;
  guint next_generation;
  guint serial;                 /* of the latest generation's credentials */
  GPtrArray *draining;          /* of GstRcastIceGeneration */
  GPtrArray *early;             /* of gchar *: candidates for what comes */
  GSource *drain_source;
  GSource *restart_source;      /* pending has so long */
  GSource *gather_source;       /* a server may not answer */
  GSource *failed_source;       /* from disconnected to failed */
  GSource *tick_source;
  GHashTable *states;           /* path to its published GstRcastIcePathState */
  gint64 ready_since;           /* pending has worked since; 0: does not */
  gint64 last_tick;             /* 0: none yet */
  gint64 last_retry;
  gint64 last_restart;
  gint wish;                    /* GstRcastIceRestartReason to ask with later,
                                 * -1 none */
  gint64 last_heard;            /* on any generation; 0: never */
  guint unheard_restarts;       /* asked for since then, to be heard again */
  gboolean duplicating;         /* not just while a path is suspect */
  gboolean media_lost;          /* since the last swap or change of path */
  gboolean failed;
  GstStructure *carrier;        /* the path that carried last; NULL: none yet */
  GstRcastIcePathChange change; /* why it does not any more */
  gint tos;
  GstWebRTCICEConnectionState published;        /* a transport starts as new */
};

/* All on the agent's thread. */

/* What webrtcbin hears. */
void gst_rcast_ice_stream_publish (GstRcastIceStream * stream);
void gst_rcast_ice_stream_publish_gathering (GstRcastIceStream * stream,
    GstWebRTCICEGatheringState state);
void gst_rcast_ice_stream_publish_pair (GstRcastIceStream * stream);
gboolean gst_rcast_ice_stream_is_working (GstRcastIceStream * stream);
gboolean gst_rcast_ice_stream_was_connected (GstRcastIceStream * stream);
gboolean gst_rcast_ice_stream_is_listening_locked (GstRcastIceStream * stream);

/* One generation after the other. */
GstRcastIceGeneration *gst_rcast_ice_stream_get_latest (GstRcastIceStream *
    stream);
void gst_rcast_ice_stream_take_generation (GstRcastIceStream * stream,
    GstRcastIceGeneration * generation);
void gst_rcast_ice_stream_limit_restart (GstRcastIceStream * stream);
void gst_rcast_ice_stream_give_up_pending (GstRcastIceStream * stream,
    GstRcastIceErrorCode code, const gchar * why);
void gst_rcast_ice_stream_swap_if_ready (GstRcastIceStream * stream);

/* What carries media, and whether it lives. */
void gst_rcast_ice_stream_evaluate (GstRcastIceStream * stream);
void gst_rcast_ice_stream_update_route (GstRcastIceStream * stream);
gboolean gst_rcast_ice_stream_is_in_doubt (GstRcastIceStream * stream);
void gst_rcast_ice_stream_cover_uplinks (GstRcastIceStream * stream,
    gint64 now);

/* Remote candidates. */
void gst_rcast_ice_stream_route_candidate (GstRcastIceStream * stream,
    const gchar * candidate);
void gst_rcast_ice_stream_route_early (GstRcastIceStream * stream);

G_END_DECLS
