/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Picks the path on which a packet arrives first, and notices paths that carry nothing any more. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A one-way delay that is not known */
#define GST_RCAST_BOND_NO_WAY G_MAXINT64
/* Sent packets that a path remembers, to learn from their arrival; a power of two */
#define GST_RCAST_BOND_SENT 256

/**
 * GstRcastBondPath:
 * @rate: bit/s that may be sent on the path
 * @line: bit/s at which the path delivers a packet
 * @way: the shortest one-way delay, between two clocks that are the same for all paths, or
 *   %GST_RCAST_BOND_NO_WAY
 * @round_trip: time until the server reports that a packet on this path has arrived; 0: not known
 * @reserve: whether the path only takes what the others cannot
 *
 * A path. The caller sets the public fields before each gst_rcast_bond_choose(). The private
 * fields belong to the functions.
 */
typedef struct {
  guint64 rate, line;
  GstClockTimeDiff way;
  GstClockTime round_trip;
  gboolean reserve;
  /*< private >*/
  GstClockTime free;            /* when all packets sent so far have left, at @rate */
  GstClockTimeDiff idle;        /* the same at @line, corrected by arrivals */
  GstClockTimeDiff shift;       /* sum of these corrections */
  struct {
    guint16 number;
    GstClockTime since;         /* when it was sent; 0: unused entry */
    GstClockTimeDiff idle;      /* when it should have left, without corrections */
  } sent[GST_RCAST_BOND_SENT];
  guint lost;                   /* packets lost in a row */
  guint counted;                /* packets in a row of which only the server's counters tell */
  GstClockTime next_try, pause; /* of the probes, after the path was left */
  GstClockTime ended;           /* first frame end sent since the last arrival; 0: none */
} GstRcastBondPath;

/**
 * GstRcastBond:
 *
 * What was sent on all paths. Initialize it with zeros; the fields belong to the functions.
 */
typedef struct {
  /*< private >*/
  GstClockTime latest;          /* latest expected arrival, by the clock of the quickest path */
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
void     gst_rcast_bond_path_bound   (GstRcastBondPath * path,
                                      guint16            number,
                                      GstClockTime       earliest,
                                      GstClockTime       latest);
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
