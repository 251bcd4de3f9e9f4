/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A channel relays a publisher's RTP to its viewers, and goes on when the publisher returns. */
#pragma once

#include <gst/app/gstappsrc.h>
#include <json-glib/json-glib.h>

#include "loopback-offer.h"
#include "loopback-rtp.h"

G_BEGIN_DECLS

typedef struct _LoopbackChannel LoopbackChannel;
typedef struct _LoopbackOutput LoopbackOutput;

/* Requests a key frame; called in the main context. */
typedef void (*LoopbackKeyFunc) (gboolean video, guint index, gpointer user_data);
/* Called in the main context when another source feeds the channel. */
typedef void (*LoopbackSwitchFunc) (LoopbackChannel * channel, guint source, gpointer user_data);

LoopbackChannel * loopback_channel_new            (const gchar * name, LoopbackSwitchFunc switched, gpointer user_data);
LoopbackChannel * loopback_channel_ref            (LoopbackChannel * channel);
void              loopback_channel_unref          (LoopbackChannel * channel);
const gchar *     loopback_channel_get_name       (LoopbackChannel * channel);

/* A source is one session of the publisher. It takes over with its first packet. */
guint             loopback_channel_add_source     (LoopbackChannel * channel, GPtrArray * lines, LoopbackKeyFunc key, gpointer user_data);
void              loopback_channel_remove_source  (LoopbackChannel * channel, guint source);
gboolean          loopback_channel_is_live        (LoopbackChannel * channel);
GstCaps *         loopback_channel_get_caps       (LoopbackChannel * channel, gboolean video, guint index);
/* Any thread. */
void              loopback_channel_push           (LoopbackChannel * channel, guint source, const LoopbackLine * line, GstBuffer * buffer, GstClockTime time);
void              loopback_channel_request_key    (LoopbackChannel * channel, gboolean video, guint index);
void              loopback_channel_set_drop       (LoopbackChannel * channel, guint percent);

LoopbackOutput *  loopback_channel_add_output     (LoopbackChannel * channel, const LoopbackLine * line, guint32 ssrc, GstAppSrc * appsrc);
void              loopback_output_start           (LoopbackOutput * output);
void              loopback_output_free            (LoopbackOutput * output);
/* Returns: FALSE if the publisher returned with another codec */
gboolean          loopback_output_fits            (LoopbackOutput * output);

void              loopback_channel_describe       (LoopbackChannel * channel, JsonBuilder * json);
void              loopback_output_describe        (LoopbackOutput * output, JsonBuilder * json);
void              loopback_channel_reset_stats    (LoopbackChannel * channel);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoopbackChannel, loopback_channel_unref)

G_END_DECLS
