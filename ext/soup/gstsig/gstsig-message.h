/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The JSON of gst-webrtc-signalling-server: pure functions from and to text. */
#pragma once

#include <gst/gst.h>

#include "rcast-error.h"

G_BEGIN_DECLS

/* Bytes of an identifier; the server's are UUIDs of 36. */
#define GSTSIG_MAX_ID 256
/* Bytes of a candidate: a longer one is none. */
#define GSTSIG_MAX_CANDIDATE 1024
/* Peers of a list; the rest of it is not looked at. */
#define GSTSIG_MAX_PEERS 1024

/**
 * GstsigRoles:
 * @GSTSIG_PRODUCER: starts sessions with consumers, and is called by anybody
 * @GSTSIG_CONSUMER: waits to be called
 * @GSTSIG_LISTENER: is told about others
 *
 * What a peer is.
 */
typedef enum
{
  GSTSIG_PRODUCER = 1 << 0,
  GSTSIG_CONSUMER = 1 << 1,
  GSTSIG_LISTENER = 1 << 2,
} GstsigRoles;

/**
 * GstsigPeer:
 * @id: by which the server knows it
 * @name: (nullable): `name` of what it says about itself
 * @roles: what it is; 0: it has left
 */
typedef struct
{
  gchar *id;
  gchar *name;
  GstsigRoles roles;
} GstsigPeer;

/**
 * GstsigKind:
 * @GSTSIG_WELCOME: the connection has an identifier
 * @GSTSIG_START_SESSION: a consumer wants an offer, or makes one
 * @GSTSIG_SESSION_STARTED: a producer will make an offer
 * @GSTSIG_OFFER: of the other end of a session
 * @GSTSIG_ANSWER: the same, to the last offer
 * @GSTSIG_CANDIDATE: of the other end of a session
 * @GSTSIG_END_SESSION: the other end has left it
 * @GSTSIG_ERROR: the server could not do what it was asked
 * @GSTSIG_PEER_STATUS: a peer is another one now, or has left
 * @GSTSIG_LIST: the producers that there are
 * @GSTSIG_LIST_CONSUMERS: the consumers that there are
 * @GSTSIG_OTHER: nothing that is for us
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
 * @kind: what it is
 * @type: its name, for a person
 * @peer: of a welcome: ourselves; of the start of a session: its other end
 * @session: of what belongs to one
 * @sdp: an offer or an answer; of the start of a session: (nullable): the consumer's offer
 * @candidate: (nullable): %NULL: there are no more
 * @mline: index of its m-section
 * @reason: (nullable): of an error or an end, for a person
 * @peers: (element-type GstsigPeer): of a list, or the one that a status is about
 * @cut: whether the list has more than %GSTSIG_MAX_PEERS, of which the rest is left out
 *
 * What a kind has, it has.
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

/* All: (transfer full), one message. */
/* @meta: (nullable): what others are told about us */
gchar *         gstsig_print_status    (GstsigRoles           roles,
                                        const GstStructure  * meta);
/* @role: whom to list: producers or consumers */
gchar *         gstsig_print_list      (GstsigRoles           role);
gchar *         gstsig_print_start     (const gchar         * peer);
gchar *         gstsig_print_offer     (const gchar         * session,
                                        const gchar         * sdp);
gchar *         gstsig_print_answer    (const gchar         * session,
                                        const gchar         * sdp);
gchar *         gstsig_print_candidate (const gchar         * session,
                                        guint                 mline,
                                        const gchar         * candidate);
/* @reason: (nullable): for who speaks version 1.1 of the protocol; the server of an older
 * one knows only an end without a reason */
gchar *         gstsig_print_end       (const gchar         * session,
                                        const gchar         * reason);

GstsigMessage * gstsig_message_parse   (const gchar         * text,
                                        gssize                size,
                                        GError             ** error);
void            gstsig_message_free    (GstsigMessage       * message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstsigMessage, gstsig_message_free)

G_END_DECLS
