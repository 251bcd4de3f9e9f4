/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sessions at servers that are not known to have ended: what is to be done about each, and when. */
#pragma once

#include <gst/gst.h>

#include "rcast-types.h"

G_BEGIN_DECLS

/* After so long a session is forgotten, whatever has become of it. */
#define GST_RCAST_GHOST_MAX_AGE (7 * 24 * 3600 * GST_SECOND)
/* More of them are not kept; the oldest that nobody uses goes. */
#define GST_RCAST_GHOST_MAX 64
/* Nor is a session whose name is longer, in bytes. */
#define GST_RCAST_GHOST_MAX_NAME 2048
/* The file of the longest list, in bytes. */
#define GST_RCAST_GHOST_MAX_FILE (512 * 1024)
/* The first line of the file, which has lines of gst_rcast_quota_print() as well */
#define GST_RCAST_GHOST_HEADER "gst-rcast sessions 1\n"
/* Consent expires after 30 s (RFC 7675 5.1); then servers let go of a session that nobody
 * ended. */
#define GST_RCAST_GHOST_FADE (35 * GST_SECOND)

/**
 * GstRcastGhostState:
 * @GST_RCAST_GHOST_IN_USE: not a ghost: a signaller has it
 * @GST_RCAST_GHOST_LEAVING: a signaller says goodbye
 * @GST_RCAST_GHOST_LEFT: it is to be ended, at `due`
 * @GST_RCAST_GHOST_ENDING: it is being ended
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
 * @GST_RCAST_GHOST_ENDED: the server has ended it, or does not know it
 * @GST_RCAST_GHOST_UNREACHABLE: there was no answer
 * @GST_RCAST_GHOST_TROUBLE: the server has trouble (5xx)
 * @GST_RCAST_GHOST_REFUSED: the server refuses to end it
 * @GST_RCAST_GHOST_UNSUPPORTED: the server ends no sessions on request
 *
 * What has come of an attempt to end a session.
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
 * @GST_RCAST_GHOST_DUE: time has passed
 * @GST_RCAST_GHOST_OFFER: an offer is to go to the server
 * @GST_RCAST_GHOST_REACHED: the server can be reached, and did not refuse to end the
 *   session the last time
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
 * @id: of the list, never 0
 * @session: (nullable): its name; %NULL: the answer to an offer never came
 * @location: (nullable): where it was opened, without secrets; %NULL: by an earlier process
 * @origin: of @location, scheme, host and port: the server, and whose token may be sent
 * @state: where it stands
 * @since: when it came to the list, ns; may be negative
 * @attempts: how often it was tried to end it
 * @under_way: how many of them are still to be answered
 * @answers: how many of them the server has answered with something else than the end
 * @refused: whether it has refused the last one
 * @due: ns
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

/* All times are those of one clock, in ns. */
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
