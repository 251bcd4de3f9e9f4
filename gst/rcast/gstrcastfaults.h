/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What errors and events of a signaller mean to the policy. */
#pragma once

#include "rcast-policy-types.h"

G_BEGIN_DECLS

gboolean       gst_rcast_fault_is_cancelled   (const GError  * error);
gboolean       gst_rcast_fault_is_gone        (const GError  * error);
gboolean       gst_rcast_fault_translate      (GstRcastServerEvent event,
                                               GstRcastEventType * type,
                                               GstRcastReason    * reason);
gboolean       gst_rcast_fault_is_unreachable (const GError  * error);
GstRcastReason gst_rcast_fault_get_reason     (const GError  * error);
void           gst_rcast_fault_classify       (const GError  * error,
                                               GstRcastEvent * event);

G_END_DECLS
