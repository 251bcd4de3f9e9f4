/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends key frame requests behind the report about their stream: see rcast-lead.c. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

void gst_rcast_lead_attach (GObject * session);

G_END_DECLS
