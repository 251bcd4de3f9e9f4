/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* On which of several paths a packet arrives first, and which of them carry nothing any more. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Of a way between two clocks that is not known */
#define GST_RCAST_BOND_NO_WAY G_MAXINT64
/* Packets whose arrival shows how long a path is busy, a power of two */
#define GST_RCAST_BOND_SENT 256

/**
 * GstRcastBondPath:
 * @rate: bit/s that may be sent on it
 * @line: bit/s at which a packet arrives on it
 * @way: the shortest, between two clocks that are the same for all paths, or
 *   %GST_RCAST_BOND_NO_WAY
 * @round_trip: until the server says that a packet on it has arrived; 0: not known
 * @reserve: whether it is for what the others cannot take only
 *
 * A path. What is known of it has to be set before each gst_rcast_bond_choose(); the other
 * fields belong to the functions.
 */
typedef struct {
  guint64 rate, line;
  GstClockTimeDiff way;
  GstClockTime round_trip;
  gboolean reserve;
  /*< private >*/
  GstClockTime free;            /* when all that was sent has left, at @rate */
  GstClockTimeDiff idle;        /* the same, at @line, and by what has arrived */
  GstClockTimeDiff shift;       /* all corrections of that */
  struct {
    guint16 number;
    GstClockTime since;         /* when it was sent; 0: there is none */
    GstClockTimeDiff idle;      /* when it was to have left, without them */
  } sent[GST_RCAST_BOND_SENT];
  guint lost;                   /* in a row */
  guint counted;                /* of those that were counted only, as many have come in a row */
  GstClockTime next_try, pause; /* of a path that has been left */
  GstClockTime ended;           /* the first last packet of a frame on it since one arrived; 0: none */
} GstRcastBondPath;

/**
 * GstRcastBond:
 *
 * What was sent on all paths. A plain struct that is zero at first; the fields belong to the
 * functions.
 */
typedef struct {
  /*< private >*/
  GstClockTime latest;          /* arrival of a packet, by the quickest path's clock */
} GstRcastBond;

void     gst_rcast_bond_path_init    (GstRcastBondPath * path);
void     gst_rcast_bond_path_sent    (GstRcastBondPath * path,
                                      guint16            number,
                                      GstClockTime       now);
GstClockTime gst_rcast_bond_path_guess (const GstRcastBondPath * path,
                                      guint16                  number,
                                      GstClockTime             earliest,
                                      GstClockTime             latest);
void     gst_rcast_bond_path_seen    (GstRcastBondPath * path,
                                      guint16            number,
                                      GstClockTime       arrival);
void     gst_rcast_bond_path_lost    (GstRcastBondPath * path,
                                      GstClockTime       now);
gboolean gst_rcast_bond_path_arrived (GstRcastBondPath * path);
gboolean gst_rcast_bond_path_counted (GstRcastBondPath * path);
gboolean gst_rcast_bond_path_is_left (const GstRcastBondPath * path);
GstClockTime gst_rcast_bond_path_get_wait (const GstRcastBondPath * path,
                                      GstClockTime             now);
guint    gst_rcast_bond_choose       (GstRcastBond      * bond,
                                      GstRcastBondPath ** paths,
                                      guint               n,
                                      gsize               size,
                                      gboolean            last,
                                      GstClockTime        now);

G_END_DECLS
