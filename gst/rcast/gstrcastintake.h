/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The caps that a stream's pad accepts, whatever caps it has now. */
#pragma once

#include <gst/gst.h>

#include "rcast-codec.h"

G_BEGIN_DECLS

typedef struct _GstRcastIntake GstRcastIntake;

GstRcastIntake * gst_rcast_intake_new      (GstRcastMedia media);
void             gst_rcast_intake_free     (GstRcastIntake * intake);
gboolean         gst_rcast_intake_query    (GstRcastIntake * intake, GstPad * pad, GstObject * parent,
                                            GstQuery * query);
GstEvent *       gst_rcast_intake_complete (GstEvent * event);

/* On the streaming thread; from PAUSED down on the thread of the state change */
gboolean         gst_rcast_intake_refuses  (GstRcastIntake * intake, const GstCaps * caps);
void             gst_rcast_intake_refuse   (GstRcastIntake * intake, GstCaps * caps);
gboolean         gst_rcast_intake_check    (GstRcastIntake * intake, GstElement * stream, const GstCaps * caps);
void             gst_rcast_intake_expect   (GstRcastIntake * intake, const GstCaps * caps);
GstFlowReturn    gst_rcast_intake_end      (GstRcastIntake * intake, GstElement * stream);
void             gst_rcast_intake_begin    (GstRcastIntake * intake);
gboolean         gst_rcast_intake_takes    (GstRcastIntake * intake, GstBuffer * buffer);
gboolean         gst_rcast_intake_forgives (GstRcastIntake * intake);
gsize            gst_rcast_intake_find_short (GstRcastIntake * intake, GstBufferList ** list,
                                              guint * n_out);
gboolean         gst_rcast_intake_explain  (GstRcastIntake * intake, GstElement * stream, GstCaps * caps,
                                            gsize size, GstFlowReturn ret);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastIntake, gst_rcast_intake_free)

G_END_DECLS
