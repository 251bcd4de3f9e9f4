/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Assigns payload types to all formats of an offer. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

gboolean gst_rcast_payload_types_assign (GPtrArray * offers, GError ** error);

G_END_DECLS
