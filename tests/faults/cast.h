/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The caster of the fault lab: one source with a recording beside it, and a contestant that broadcasts it. */
#pragma once

#include <gst/gst.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

/* cast-source.c: a noisy picture that turns white and a tone that is heard in the
 * first tenth of each second; what is recorded is counted, and so is what is missing. */
typedef struct _CastRecord CastRecord;

/* What is to be broadcast */
typedef struct {
  gint kbps;                    /* of the picture, which fills it; ignored if raw */
  gboolean raw;                 /* not encoded yet, the sound neither */
  gboolean steady;              /* no mark in the picture: each is a change of the scene */
} CastMedia;

CastRecord *  cast_record_new       (void);
void          cast_record_free      (CastRecord * record);
/* One line on standard output */
void          cast_record_tell      (CastRecord * record);
/* @outlets: what the elements named video and audio (tees) go to, in launch syntax.
 * A second pipeline of the same record has lost what nobody recorded meanwhile. */
GstElement *  cast_source_new       (CastRecord * record, const CastMedia * media, const gchar * outlets, GError ** error);

/* cast-stock.c: webrtcbin without any of ours */
typedef enum {
  CAST_STOCK_ALONE,             /* nothing is done about trouble */
  CAST_STOCK_REBUILD,           /* anew, when webrtcbin says that it failed */
  CAST_STOCK_WATCHDOG,          /* and when no report of the server comes for 5 s */
} CastStockCure;

typedef struct _CastStock CastStock;

CastStock *   cast_stock_new        (CastRecord * record, CastStockCure cure, const CastMedia * media, const gchar * url);
void          cast_stock_free       (CastStock * stock);

G_END_DECLS
