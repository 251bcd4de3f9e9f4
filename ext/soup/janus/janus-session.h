/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A Janus session with one VideoRoom handle, from open to the end of close. */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

#include "janus-messages.h"
#include "net-reach.h"
#include "rcast-signaller.h"

G_BEGIN_DECLS

/* As they were when the session was opened. */
typedef struct
{
  gchar *location;              /* without secrets */
  GUri *url;                    /* ws:// or wss://, without our own keys */
  JanusId room, id;
  gchar *display, *pin, *api_secret;    /* nullable, as the next ones */
  gchar *room_token, *room_secret, *admin_key;
  gboolean create_room;
  guint bitrate;                /* bit/s, 0: as the room says */
  gchar *audio_codec, *video_codec;     /* nullable */
  gchar *user_agent;
  gboolean tls_verify;
  GTlsDatabase *tls_database;   /* nullable */
  guint timeout, connect_timeout, close_timeout, pong_timeout;  /* ms */
  guint ping_interval;          /* s */
} JanusSettings;

/* What outlives a session. The element's; the signalling thread's. */
typedef struct
{
  gchar *location;              /* to which the rest belongs */
  guint64 ghost;                /* a session that the server may still have */
  gboolean string_ids;          /* the server takes no numbers */
  GInetAddress *dead_end;       /* nullable: of our addresses the last one to be tried */
  guint uplink;                 /* counts what was tried in vain since */
  gchar *kicked;                /* why the room is closed to us */
  NetReach *reach;            /* not forgotten with the rest; the element's */
} JanusMemory;

typedef struct
{
  gchar * (*dup_token)   (GstRcastSignaller * element);
  void    (*store_token) (GstRcastSignaller * element, const gchar * token);
  /* Any of them is known from now on. */
  void    (*learned)     (GstRcastSignaller * element, guint64 session, const JanusId * feed);
} JanusElement;

typedef struct _JanusSession JanusSession;

void           janus_settings_free         (JanusSettings       * settings);
void           janus_memory_check          (JanusMemory         * memory,
                                            const gchar         * location);
void           janus_memory_clear          (JanusMemory         * memory);

void           janus_memory_look           (JanusMemory         * memory,
                                            GUri                * url,
                                            NetReached          reached,
                                            GTask               * task);

JanusSession * janus_session_new           (GstRcastSignaller   * element,
                                            JanusSettings       * settings,
                                            JanusMemory         * memory,
                                            const JanusElement  * calls);
void           janus_session_unref         (JanusSession        * session);

/* Each takes @task. */
void           janus_session_open          (JanusSession        * session,
                                            GTask               * task);
void           janus_session_offer         (JanusSession        * session,
                                            GstRcastOfferKind     kind,
                                            const gchar         * sdp,
                                            GTask               * task);
void           janus_session_resume        (JanusSession        * session,
                                            GTask               * task);
void           janus_session_close         (JanusSession        * session,
                                            GTask               * task);
gboolean       janus_session_is_heard      (JanusSession        * session);
void           janus_session_reached       (JanusSession        * session,
                                            gint64                since);
void           janus_session_add_candidate (JanusSession        * session,
                                            guint                 mline,
                                            const gchar         * ufrag,
                                            const gchar         * candidate);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JanusSettings, janus_settings_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (JanusSession, janus_session_unref)

G_END_DECLS
