/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The properties for the use of several uplinks. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

void gst_rcast_path_make_specs (GParamSpec ** specs);

G_END_DECLS
