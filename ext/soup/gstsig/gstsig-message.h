/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON messages of gst-webrtc-signalling-server: pure functions from and to text. */
#pragma once

#include <gst/gst.h>

#include "rcast-error.h"

G_BEGIN_DECLS

/* Limit of an identifier in bytes. The server uses UUIDs of 36 bytes. */
#define GSTSIG_MAX_ID 256
/* Limit of a candidate in bytes. Longer candidates are ignored. */
#define GSTSIG_MAX_CANDIDATE 1024
/* Limit of peers in a list. The rest of the list is ignored. */
#define GSTSIG_MAX_PEERS 1024

/**
 * GstsigRoles:
 * @GSTSIG_PRODUCER: starts sessions with consumers, and accepts sessions from anybody
 * @GSTSIG_CONSUMER: waits for a producer to start a session
 * @GSTSIG_LISTENER: is notified about other peers
 *
 * The roles of a peer.
 */
typedef enum
{
  GSTSIG_PRODUCER = 1 << 0,
  GSTSIG_CONSUMER = 1 << 1,
  GSTSIG_LISTENER = 1 << 2,
} GstsigRoles;

/**
 * GstsigPeer:
 * @id: its identifier at the server
 * @name: (nullable): `name` in its metadata
 * @roles: its roles; 0: it has left
 */
typedef struct
{
  gchar *id;
  gchar *name;
  GstsigRoles roles;
} GstsigPeer;

/**
 * GstsigKind:
 * @GSTSIG_WELCOME: the server gives us an identifier
 * @GSTSIG_START_SESSION: a consumer requests an offer, or sends one
 * @GSTSIG_SESSION_STARTED: a producer will send an offer
 * @GSTSIG_OFFER: from the other peer of a session
 * @GSTSIG_ANSWER: from the other peer, to the last offer
 * @GSTSIG_CANDIDATE: from the other peer of a session
 * @GSTSIG_END_SESSION: the other peer has left the session
 * @GSTSIG_ERROR: the server could not carry out a request
 * @GSTSIG_PEER_STATUS: the status of a peer has changed, or it has left
 * @GSTSIG_LIST: the current producers
 * @GSTSIG_LIST_CONSUMERS: the current consumers
 * @GSTSIG_OTHER: not for us
 */
typedef enum
{
  GSTSIG_WELCOME,
  GSTSIG_START_SESSION,
  GSTSIG_SESSION_STARTED,
  GSTSIG_OFFER,
  GSTSIG_ANSWER,
  GSTSIG_CANDIDATE,
  GSTSIG_END_SESSION,
  GSTSIG_ERROR,
  GSTSIG_PEER_STATUS,
  GSTSIG_LIST,
  GSTSIG_LIST_CONSUMERS,
  GSTSIG_OTHER,
} GstsigKind;

/**
 * GstsigMessage:
 * @kind: kind of the message
 * @type: its name, for display
 * @peer: of a welcome: our identifier; of the start of a session: the other peer
 * @session: of messages in a session
 * @sdp: an offer or an answer; of the start of a session: (nullable): the consumer's offer
 * @candidate: (nullable): %NULL: end of candidates
 * @mline: index of its m-section
 * @reason: (nullable): of an error or an end, for display
 * @peers: (element-type GstsigPeer): of a list, or the one peer of a status
 * @cut: whether the list had more than %GSTSIG_MAX_PEERS and was truncated
 *
 * The fields of its kind are always set.
 */
typedef struct
{
  GstsigKind kind;
  gchar *type;
  gchar *peer;
  gchar *session;
  gchar *sdp;
  gchar *candidate;
  guint mline;
  gchar *reason;
  GArray *peers;
  gboolean cut;
} GstsigMessage;

/* All return one message, (transfer full). */
/* @meta: (nullable): our metadata, which other peers can see */
gchar *         gstsig_print_status    (GstsigRoles           roles,
                                        const GstStructure  * meta);
/* @role: producers or consumers */
gchar *         gstsig_print_list      (GstsigRoles           role);
gchar *         gstsig_print_start     (const gchar         * peer);
gchar *         gstsig_print_offer     (const gchar         * session,
                                        const gchar         * sdp);
gchar *         gstsig_print_answer    (const gchar         * session,
                                        const gchar         * sdp);
gchar *         gstsig_print_candidate (const gchar         * session,
                                        guint                 mline,
                                        const gchar         * candidate);
/* @reason: (nullable): only for servers with version 1.1 of the protocol. Older ones accept no
 * reason */
gchar *         gstsig_print_end       (const gchar         * session,
                                        const gchar         * reason);

GstsigMessage * gstsig_message_parse   (const gchar         * text,
                                        gssize                size,
                                        GError             ** error);
void            gstsig_message_free    (GstsigMessage       * message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstsigMessage, gstsig_message_free)

G_END_DECLS
