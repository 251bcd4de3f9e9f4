/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The server: WHIP and WHEP endpoints over sessions and channels. */
#pragma once

#include <libsoup/soup.h>

#include "loopback-events.h"
#include "loopback-faults.h"
#include "loopback-session.h"

G_BEGIN_DECLS

/* The HTTP side of a session */
typedef struct {
  LoopbackSession *session;
  gchar *etag;
  gchar *query;                 /* (nullable): query of its URL, which requests must keep */
  gboolean forgotten;           /* its URL is 404, but its media goes on */
} LoopbackEntry;

typedef struct {
  SoupServer *soup;
  LoopbackFaults *faults;
  gchar *ice_address;
  GHashTable *channels;         /* name -> LoopbackChannel */
  GHashTable *entries;          /* id -> LoopbackEntry */
  GQueue ended;                 /* JsonNode: the last ended sessions */
  GQueue requests;              /* JsonNode: the last requests */
  LoopbackEvents *events;
  guint64 n_requests;
  guint64 n_sessions;
  guint64 n_reaped;
  guint tick;
  gint64 start_us;
  gboolean quiet;
  gboolean frames;              /* print each frame of a publisher */
} LoopbackServer;

LoopbackServer *  loopback_server_new             (const gchar * host, guint port, const gchar * ice_address, GError ** error);
void              loopback_server_free            (LoopbackServer * server);
gchar *           loopback_server_get_url         (LoopbackServer * server);
/* Passes the switches for packet loss on to channels and sessions. */
void              loopback_server_apply_faults    (LoopbackServer * server);
/* @which: session id, name, or * */
guint             loopback_server_forget          (LoopbackServer * server, const gchar * which);
guint             loopback_server_kick            (LoopbackServer * server, const gchar * which);

/* loopback-control.c */
gchar *           loopback_control_describe       (LoopbackServer * server);
gboolean          loopback_control_set            (LoopbackServer * server, const gchar * text, gsize size, GError ** error);
void              loopback_control_log_request    (LoopbackServer * server, SoupServerMessage * message);

G_END_DECLS
