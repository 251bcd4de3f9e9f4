/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A simulated broadcast: an encoder that uses all of its target, the pacer, a link, a receiver. */
#pragma once

#include <gst/gst.h>

#include "rcast-pacer.h"
#include "rcast-probing.h"
#include "rcast-rate.h"
#include "rcast-repairs.h"
#include "rcast-seconds.h"

G_BEGIN_DECLS

#define TURN GST_MSECOND
#define N_FLIGHT 16384          /* a power of two */
#define PACKET 1208             /* with IP and UDP */
#define FRAME (GST_SECOND / 30)
#define SOUND 100               /* bytes of a packet of sound, with IP and UDP */
#define SOUND_EACH (20 * GST_MSECOND)
#define N_SOUNDS 20             /* after so many nothing more comes of a packet */
#define SOUND_PATIENCE (200 * GST_MSECOND)      /* the receiver waits for it so long */
#define N_CHANGES 11            /* of a random link */

/* The rate of a link from @from_s on */
typedef struct {
  guint from_s;
  guint kbps;
} Phase;

/* The parts that pause at intervals. The machines catch up afterwards, the line does not. */
typedef enum {
  STANDS_SENDER = 1 << 0,
  STANDS_RECEIVER = 1 << 1,
  STANDS_LINE = 1 << 2,
} Stands;

typedef struct {
  const gchar *name;
  Phase phases[12];             /* the end: 0 kbps */
  guint feedback_ms;
  guint buffer_ms;
  guint loss;                   /* in 1,000 */
  guint way_ms;                 /* one way */
  guint jitter_ms;
  guint start_kbps, max_kbps;
  guint stands_at_s;            /* start of a pause of the line of 300 ms; 0: never */
  gboolean unpaced;             /* frames leave as bursts */
  Stands who;                   /* these pause, from 20 s on */
  guint stands_ms, each_ms;     /* length and interval of the pauses */
  gboolean real;                /* the encoder gets its target with a delay, and the receiver
                                 * requests retransmissions */
  gboolean slow;                /* the encoder takes three times as long as most */
  guint run;                    /* packets, and reports, that are lost in a row, on
                                 * average; 0: packets only, each by itself */
  gboolean sound;               /* beside the picture; its packets wait for nothing */
} Link;

typedef struct {
  GstClockTime sent, arrives;   /* NONE: lost */
  guint16 media;                /* number of the packet, or of that which it repairs */
  gboolean sound;
} Flight;

typedef struct {
  GstClockTime made;
  gboolean comes;               /* in time, it or a copy of it */
} Sound;

typedef struct {
  GstClockTime made;
  gdouble left;                 /* bits that have not left */
  gboolean broken;              /* a packet of it is lost */
} Frame;

/* The end of the queue of a line. Several simulations may share a line. */
typedef struct {
  GstClockTime free;
} Line;

typedef struct {
  const Link *link;
  Line *line;                   /* @own_line, or that of another simulation */
  Line own_line;
  GstRcastRate *rate;
  GstRcastProbing *probing;     /* NULL: no probing */
  gdouble padding;              /* bits */
  guint probes;
  GRand *random;
  GstClockTime now;

  GstClockTime told_at;
  guint64 told;                 /* bit/s: the target that the encoder last got */
  gdouble encoder;              /* bit/s */
  gdouble need;                 /* bit/s: most that the picture needs; 0: all of the target */
  gboolean quiet;               /* the source pauses */
  gboolean silent;              /* the receiver reports nothing */
  guint frame;
  GstRcastPacer pacer;
  GstRcastRepairs *repairs;
  GstRcastSeconds *seconds;     /* copies of sound */
  guint16 next_media;           /* number */
  GQueue frames;                /* of Frame, that wait in it */
  GstClockTime next_frame, next_feedback, next_sound;
  Sound sounds[N_SOUNDS];
  guint n_sounds;
  Flight flights[N_FLIGHT];
  guint16 next, reported;       /* numbers */
  gboolean losing, losing_back; /* the last packet, or report, was lost in a run */
  struct
  {
    GstClockTime at;
    guint16 from, to;
    GstClockTime until;         /* later arrivals are not in the report */
  } reports[64];
  guint n_reports, n_read;
} Simulation;

/* Statistics of a part of the simulation */
typedef struct {
  gdouble arrived;              /* bits */
  gdouble offered;              /* capacity of the link, bits */
  guint n, lost;
  guint frames, broken;
  guint sounds, mute;           /* packets of sound, and those that never came in time */
  guint mute_row, most_mute;    /* packets in a row that never came: the last, and most */
  GArray *waits;                /* of gdouble: ms */
} Part;

/* A link that changes each 20 s and loses less than @loss in 1,000 packets. Sets no start_kbps. */
void    make_random_link  (Link * link, guint loss, GRand * random);
/* bit/s */
gdouble get_link_rate     (const Link * link, GstClockTime now);
void    simulation_init   (Simulation * sim, const Link * link, guint seed);
void    simulation_clear  (Simulation * sim);
/* Probes the link with padding from now on. */
void    simulation_probe  (Simulation * sim);
/* Simulates a millisecond. */
void    turn              (Simulation * sim, Part * part);
void    run_until         (Simulation * sim, guint seconds, Part * part);
/* Simulates until @seconds. Returns: seconds until the target first stays for a second between
 * @low and @high times the rate of the link */
gdouble run_until_settled (Simulation * sim, guint seconds, gdouble low, gdouble high, Part * part);

void    part_init         (Part * part);
gdouble percentile        (Part * part, gdouble share);

G_END_DECLS
