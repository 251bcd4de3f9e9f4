/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two stock webrtcbins with our agent in one process: one sends packets, one counts them. */
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>

#include "gstrcastice.h"
#include "gstrcastice-enumtypes.h"

G_BEGIN_DECLS

typedef struct _IcePair IcePair;

typedef struct
{
  IcePair *pair;
  const gchar *name;
  GstElement *pipeline;
  GstElement *webrtcbin;
  GstWebRTCICE *ice;            /* NULL: webrtcbin's own agent */

  /* The rest is under the pair's lock. */
  gboolean connected;
  guint swaps;
  guint lossy_swaps;
  guint failures;
  gint failure_code;
  guint dtls_records;           /* received */
  guint candidates;             /* announced */
  guint relayed;                /* announced relayed candidates */
  gboolean mute;                /* candidates are not delivered */
  const gchar *alias;           /* replaces the address of candidates; NULL: none does */
  GstWebRTCICEConnectionState ice_state;
  guint seen_states;            /* bit per GstWebRTCICEConnectionState */
  guint path_changes;
  guint lossy_path_changes;
  GstStructure *path_change;    /* the last change; NULL: none */
  guint suspicions;
  guint deaths;                 /* of paths */
  guint alive_paths;            /* transitions of paths to alive */
  guint restarts_wanted;
  gboolean agent_gone;
} IcePeer;

struct _IcePair
{
  IcePeer sender;               /* makes the first offer */
  IcePeer receiver;

  GMutex lock;
  GCond cond;
  gboolean gate_closed;         /* lock */
  gboolean negotiating;         /* lock: for the test */
  gint64 last_arrival;          /* lock: monotonic us */
  gint64 first_after_silence;   /* lock: arrival after a silence of more than a second */
  gint64 max_gap;               /* lock: between packets received, us */
  gint64 last_back;             /* lock: last RTCP at the sender */
  gint64 max_back_gap;          /* lock */
  guint n_back;                 /* lock */
  guint n_sent;                 /* lock */
  guint n_received;             /* lock */
  guint n_repeated;             /* lock */
  gboolean started;             /* lock: `first` is known */
  guint32 base;                 /* lock: RTP timestamp of packet 0 */
  guint16 first;                /* lock: number of the first packet received */
  guint16 last_sent;            /* lock */
  guint8 sent[65536];           /* lock */
  guint8 received[65536];       /* lock */
};

/* Samples of a packet, at 8000 per second. Set it before you make a pair. */
extern guint ice_pair_samples;

typedef gboolean (*IcePairFunc) (IcePair * pair, gpointer data);

IcePair *ice_pair_new (void);
IcePair *ice_pair_new_full (gboolean our_sender, gboolean our_receiver,
    const gchar * const *addresses);
IcePair *ice_pair_alloc (void);
void ice_peer_init (IcePeer * peer, const gchar * name, gboolean our_agent,
    const gchar * const *addresses);
void ice_pair_link (IcePair * pair);
void ice_peer_add_source (IcePeer * peer);
void ice_peer_free (IcePeer * peer);
void ice_pair_free (IcePair * pair);
void ice_peer_report_often (IcePeer * peer);
gint64 ice_pair_get_back_gap (IcePair * pair);
void ice_pair_reset_gaps (IcePair * pair);

void ice_pair_play (IcePair * pair);
void ice_pair_negotiate (IcePeer * offerer, IcePeer * answerer,
    gboolean restart);
GstWebRTCSessionDescription *ice_peer_create (IcePeer * peer,
    const gchar * what);
void ice_peer_set (IcePeer * peer, const gchar * what,
    GstWebRTCSessionDescription * description);
void ice_pair_connect (IcePair * pair);

void ice_pair_wait (IcePair * pair, IcePairFunc func, gpointer data);
void ice_pair_wait_swaps (IcePair * pair, guint sender, guint receiver);
void ice_pair_wait_packets (IcePair * pair, guint more);
void ice_pair_wait_sent (IcePair * pair, guint more);
guint ice_pair_finish (IcePair * pair);
void ice_pair_finish_nearly_whole (IcePair * pair, guint most_lost);
void ice_pair_finish_without_loss (IcePair * pair);

G_END_DECLS
