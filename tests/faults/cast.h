/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The caster of the fault lab: a source with a recording, and a contestant that broadcasts it. */
#pragma once

#include <gst/gst.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

/* cast-source.c: noisy video that turns white, and a tone, in the first tenth of each second. It
 * counts the recorded buffers and the missing ones. */
typedef struct _CastRecord CastRecord;

/* The media to broadcast */
typedef struct {
  gint kbps;                    /* of the video, which needs all of it; ignored if raw */
  gboolean raw;                 /* raw video and audio */
  gboolean steady;              /* no white frames, each of which is a scene change */
} CastMedia;

CastRecord *  cast_record_new       (void);
void          cast_record_free      (CastRecord * record);
/* Prints the counts as one line on standard output. */
void          cast_record_tell      (CastRecord * record);
/* @outlets: in launch syntax, the branches of the tees named video and audio. For a second pipeline
 * with the same record, the time between the two counts as lost. */
GstElement *  cast_source_new       (CastRecord * record, const CastMedia * media, const gchar * outlets, GError ** error);

/* cast-stock.c: a stock webrtcbin */
typedef enum {
  CAST_STOCK_ALONE,             /* no recovery */
  CAST_STOCK_REBUILD,           /* makes a new pipeline when the connection fails */
  CAST_STOCK_WATCHDOG,          /* and also after 5 s without a receiver report */
} CastStockCure;

typedef struct _CastStock CastStock;

CastStock *   cast_stock_new        (CastRecord * record, CastStockCure cure, const CastMedia * media, const gchar * url);
void          cast_stock_free       (CastStock * stock);

G_END_DECLS
