/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Queues application messages until there is a connection: ordered, bounded, losses reported. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Limits of the queue: number of messages; bytes of type and payload */
#define GST_RCAST_OUTBOX_MAX_MESSAGES 1000
#define GST_RCAST_OUTBOX_MAX_BYTES (1024 * 1024)
/* RFC 8841 6.1: an SCTP peer that does not say otherwise accepts 64 KiB; one byte separates type
 * and payload. */
#define GST_RCAST_OUTBOX_MAX_MESSAGE_BYTES (64 * 1024 - 1)

/**
 * GstRcastLetter:
 * @type: kind of message, for the receiver
 * @payload: text of the message
 * @keep: whether to still send it after a time without a connection
 *
 * One application message.
 */
typedef struct {
  gchar *type;
  gchar *payload;
  gboolean keep;
} GstRcastLetter;

/**
 * GstRcastOutbox:
 * @max_messages: most messages that wait
 * @max_bytes: most bytes of types and payloads
 * @bytes: bytes of the types and payloads that wait
 * @letters: (element-type GstRcastLetter): waiting messages, oldest first
 *
 * A plain struct. Dropped messages are handed back in their order, for the caller to report.
 */
typedef struct {
  guint max_messages;
  gsize max_bytes;
  gsize bytes;
  GQueue letters;
} GstRcastOutbox;

GstRcastLetter * gst_rcast_letter_new   (const gchar    * type,
                                         const gchar    * payload,
                                         gboolean         keep);
void             gst_rcast_letter_free  (GstRcastLetter * letter);
gsize            gst_rcast_letter_bytes (const GstRcastLetter * letter);

void             gst_rcast_outbox_init  (GstRcastOutbox * outbox,
                                         guint            max_messages,
                                         gsize            max_bytes);
void             gst_rcast_outbox_clear (GstRcastOutbox * outbox);
void             gst_rcast_outbox_push  (GstRcastOutbox * outbox,
                                         GstRcastLetter * letter,
                                         GQueue         * fallen);
const GstRcastLetter *
                 gst_rcast_outbox_peek  (GstRcastOutbox * outbox);
GstRcastLetter * gst_rcast_outbox_pop   (GstRcastOutbox * outbox);
void             gst_rcast_outbox_disconnected (GstRcastOutbox * outbox,
                                         GQueue         * fallen);

gchar *          gst_rcast_letter_to_text   (const GstRcastLetter * letter);
gboolean         gst_rcast_letter_from_text (const gchar    * text,
                                         gchar         ** type,
                                         gchar         ** payload);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastLetter, gst_rcast_letter_free)

G_END_DECLS
