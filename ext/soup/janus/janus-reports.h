/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Forwards unsolicited events of Janus to the signaller's owner and to the bus. */
#pragma once

#include <gst/gst.h>

#include "gstrcastnetsignaller.h"
#include "janus-message.h"

G_BEGIN_DECLS

/* Which media the server no longer receives, and how much was reported lately. */
typedef struct _JanusReports JanusReports;

JanusReports *  janus_reports_new         (GstRcastNetSignaller  * element);
void            janus_reports_free        (JanusReports          * self);

void            janus_reports_event       (JanusReports          * self,
                                           const gchar           * event);
void            janus_reports_pass_on     (JanusReports          * self,
                                           GstRcastServerEvent     event,
                                           const gchar           * format,
                                           ...) G_GNUC_PRINTF (3, 4);
void            janus_reports_take        (JanusReports          * self,
                                           const JanusMessage    * message);
void            janus_reports_destroyed   (JanusReports          * self,
                                           const gchar           * room);
void            janus_reports_media       (JanusReports          * self,
                                           const JanusMessage    * message,
                                           guint                   n_media);
void            janus_reports_new_media   (JanusReports          * self);

G_END_DECLS
