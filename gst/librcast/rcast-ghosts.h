/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sessions at servers that may not have ended: what to do about each of them, and when. */
#pragma once

#include <gst/gst.h>

#include "rcast-types.h"

G_BEGIN_DECLS

/* An abandoned session is forgotten after this time, even if it was never ended. */
#define GST_RCAST_GHOST_MAX_AGE (7 * 24 * 3600 * GST_SECOND)
/* Longest list; beyond that, the oldest session that is not in use is dropped. */
#define GST_RCAST_GHOST_MAX 64
/* Longest session name that is kept, in bytes */
#define GST_RCAST_GHOST_MAX_NAME 2048
/* Largest file of a list, in bytes */
#define GST_RCAST_GHOST_MAX_FILE (512 * 1024)
/* First line of the file, which also holds lines of gst_rcast_quota_print() */
#define GST_RCAST_GHOST_HEADER "gst-rcast sessions 1\n"
/* Consent expires after 30 s (RFC 7675 5.1); then servers drop a session that nobody ended. */
#define GST_RCAST_GHOST_FADE (35 * GST_SECOND)

/**
 * GstRcastGhostState:
 * @GST_RCAST_GHOST_IN_USE: not a ghost: a signaller uses the session
 * @GST_RCAST_GHOST_LEAVING: a signaller is ending the session
 * @GST_RCAST_GHOST_LEFT: the session is to be ended at `due`
 * @GST_RCAST_GHOST_ENDING: an attempt to end it is under way
 * @GST_RCAST_GHOST_FADING: nothing can be done, or it has just ended: it counts until `due`
 */
typedef enum {
  GST_RCAST_GHOST_IN_USE,
  GST_RCAST_GHOST_LEAVING,
  GST_RCAST_GHOST_LEFT,
  GST_RCAST_GHOST_ENDING,
  GST_RCAST_GHOST_FADING,
} GstRcastGhostState;

/**
 * GstRcastGhostOutcome:
 * @GST_RCAST_GHOST_ENDED: the server has ended the session, or does not know it
 * @GST_RCAST_GHOST_UNREACHABLE: the server did not answer
 * @GST_RCAST_GHOST_TROUBLE: the server failed (5xx)
 * @GST_RCAST_GHOST_REFUSED: the server refuses to end the session
 * @GST_RCAST_GHOST_UNSUPPORTED: the server cannot end sessions on request
 *
 * The outcome of an attempt to end a session.
 */
typedef enum {
  GST_RCAST_GHOST_ENDED,
  GST_RCAST_GHOST_UNREACHABLE,
  GST_RCAST_GHOST_TROUBLE,
  GST_RCAST_GHOST_REFUSED,
  GST_RCAST_GHOST_UNSUPPORTED,
} GstRcastGhostOutcome;

/**
 * GstRcastGhostOccasion:
 * @GST_RCAST_GHOST_DUE: a timer has fired
 * @GST_RCAST_GHOST_OFFER: an offer is about to go to the server
 * @GST_RCAST_GHOST_REACHED: the server can be reached; ends sessions unless the server refused
 *   to last time
 *
 * Why sessions are ended now.
 */
typedef enum {
  GST_RCAST_GHOST_DUE,
  GST_RCAST_GHOST_OFFER,
  GST_RCAST_GHOST_REACHED,
} GstRcastGhostOccasion;

/**
 * GstRcastGhost:
 * @id: id within the list, never 0
 * @session: (nullable): name of the session; %NULL: the answer to its offer never came
 * @location: (nullable): where it was opened, without secrets; %NULL: by an earlier process
 * @origin: scheme, host and port of @location: identifies the server, and the token to send
 * @state: state of the session
 * @since: when it was added to the list, ns; may be negative
 * @attempts: number of attempts to end it
 * @under_way: number of attempts that have no answer yet
 * @answers: number of attempts that the server answered without ending the session
 * @refused: whether the server refused the last attempt
 * @due: when to act next, ns
 */
typedef struct {
  guint id;
  gchar *session;
  gchar *location;
  gchar *origin;
  GstRcastGhostState state;
  gint64 since;
  guint attempts;
  guint under_way;
  guint answers;
  gboolean refused;
  gint64 due;
} GstRcastGhost;

/* All times are in ns, by the same clock. */
typedef struct _GstRcastGhostList GstRcastGhostList;

GstRcastGhostList * gst_rcast_ghost_list_new      (void);
void                gst_rcast_ghost_list_free     (GstRcastGhostList   * list);

gboolean            gst_rcast_ghost_list_change   (GstRcastGhostList   * list,
                                                   const gchar         * location,
                                                   const gchar         * session,
                                                   GstRcastSessionState  state,
                                                   gint64                now);
GPtrArray *         gst_rcast_ghost_list_begin    (GstRcastGhostList   * list,
                                                   GstRcastGhostOccasion occasion,
                                                   const gchar         * origin,
                                                   gint64                now);
gboolean            gst_rcast_ghost_list_answer   (GstRcastGhostList   * list,
                                                   guint                 id,
                                                   GstRcastGhostOutcome  outcome,
                                                   guint                 n_locations,
                                                   gint64                now);
void                gst_rcast_ghost_list_hurry    (GstRcastGhostList   * list,
                                                   gint64                now);
void                gst_rcast_ghost_list_abandon  (GstRcastGhostList   * list,
                                                   gint64                now);
gboolean            gst_rcast_ghost_list_has      (GstRcastGhostList   * list,
                                                   const gchar         * origin,
                                                   gint64                now);
gboolean            gst_rcast_ghost_list_is_busy  (GstRcastGhostList   * list,
                                                   const gchar         * origin);
GstClockTime        gst_rcast_ghost_list_get_due  (GstRcastGhostList   * list);
const GstRcastGhost *
                    gst_rcast_ghost_list_get      (GstRcastGhostList   * list,
                                                   guint                 index);

gchar *             gst_rcast_ghost_list_print    (GstRcastGhostList   * list,
                                                   gint64                now,
                                                   gint64                date);
gboolean            gst_rcast_ghost_list_parse    (GstRcastGhostList   * list,
                                                   const gchar         * text,
                                                   gsize                 size,
                                                   gint64                now,
                                                   gint64                date,
                                                   guint               * n_bad);
gchar *             gst_rcast_ghost_get_origin    (const gchar         * location);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastGhostList, gst_rcast_ghost_list_free)

G_END_DECLS
