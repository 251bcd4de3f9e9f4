/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Joins pictures that a depayloader has cut at parameter sets between their slices. */
#pragma once

#include <gst/gst.h>

#include "rcast-codec.h"

G_BEGIN_DECLS

void gst_rcast_parts_join (GstElement * depayloader, GstRcastCodec codec);

G_END_DECLS
