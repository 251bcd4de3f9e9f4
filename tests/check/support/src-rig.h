/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pipeline with an rcastsrc, and a record of the output of each of its pads. */
#pragma once

#include "rig.h"

G_BEGIN_DECLS

/* The output of one pad so far */
typedef struct
{
  GMutex lock;
  GCond changed;
  GstPad *pad;
  guint buffers, disconts, caps, gaps, eos, backwards, stays, starts, segments,
      pads;
  gchar *media;                 /* of the last caps */
  gint width;                   /* of the last caps; 0: they have none */
  guint keys;                   /* buffers that are not delta units */
  GstClockTime last;            /* time of the last buffer */
  GstClockTime last_key;
  GstClockTime shortest;        /* gap */
  GstClockTime largest;         /* step between two buffers or gaps */
} Sight;

typedef struct
{
  Rig rig;
  Sight video, audio, screen;   /* video_0, audio_0, video_1 */
} Fixture;

/* @description has an rcastsrc named "r". */
void fixture_init      (Fixture * f, const gchar * description);
void fixture_clear     (Fixture * f);
void fixture_go_on_air (Fixture * f);

/* Waits until @count is at least @at_least. */
void sight_wait        (Sight * sight, const guint * count, guint at_least);
/* Waits for @more buffers. */
void sight_wait_more   (Sight * sight, guint more);

G_END_DECLS
