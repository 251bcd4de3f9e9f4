/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Application messages that wait for a connection: in order, bounded, nothing lost in silence. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* More messages, or more bytes of type and payload, do not wait. */
#define GST_RCAST_OUTBOX_MAX_MESSAGES 1000
#define GST_RCAST_OUTBOX_MAX_BYTES (1024 * 1024)
/* RFC 8841 6.1: what any SCTP peer takes that says nothing else is 64 KiB; one
 * byte is between type and payload. */
#define GST_RCAST_OUTBOX_MAX_MESSAGE_BYTES (64 * 1024 - 1)

/**
 * GstRcastLetter:
 * @type: what kind of message it is, for the receiver
 * @payload: its text
 * @keep: whether it is still to be sent after a time without a connection
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
 * @max_messages: more do not wait
 * @max_bytes: of types and payloads
 * @bytes: of the types and payloads that wait
 * @letters: (element-type GstRcastLetter): what waits, oldest first
 *
 * A plain struct. What falls out is handed back in the order in which it came,
 * to be reported.
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
