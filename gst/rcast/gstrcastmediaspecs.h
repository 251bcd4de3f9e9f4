/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The properties of rcastsink that say how streams are made and watched. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

void gst_rcast_media_make_specs (GParamSpec ** specs);

G_END_DECLS
