/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes a webrtcbin with the ICE agent that the server uses. */
#pragma once

#include <gst/gst.h>
#include <gst/sdp/gstsdpmessage.h>

G_BEGIN_DECLS

/* @address: the one local address to use, NULL = all */
GstElement *  loopback_ice_make_webrtcbin   (const gchar * address);
void          loopback_ice_warm_up          (void);
/* Sets @pipeline to NULL, with sinks that threads of @webrtc add in the meantime. */
void          loopback_ice_stop_pipeline    (GstElement * pipeline, GstElement * webrtc);
/* Writes the credentials of our ICE session into @answer. */
void          loopback_ice_prepare_answer   (GstElement * webrtc, GstSDPMessage * answer);

G_END_DECLS
