/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The properties of rcastsrc for its output. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

GParamSpec * gst_rcast_outlet_make_latency_spec (void);
void         gst_rcast_outlet_make_specs        (GParamSpec ** specs);

G_END_DECLS
