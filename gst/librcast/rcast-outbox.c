/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Queues application messages until there is a connection: ordered, bounded, losses reported. */
#include "config.h"

#include "rcast-outbox.h"

#include <string.h>

/* Separates type and payload in the text of a message */
#define SEPARATOR '\n'

/**
 * gst_rcast_letter_new:
 * @type: (nullable): %NULL is the same as ""
 * @payload: (nullable): %NULL is the same as ""
 * @keep: whether to still send it after a time without a connection
 *
 * Returns: (nullable): %NULL if it can never be sent: @type has a line feed, the text is not UTF-8,
 *   or it is longer than %GST_RCAST_OUTBOX_MAX_MESSAGE_BYTES
 */
GstRcastLetter *
gst_rcast_letter_new (const gchar * type, const gchar * payload, gboolean keep)
{
  GstRcastLetter *letter;

  type = type ? type : "";
  payload = payload ? payload : "";
  if (strlen (type) + strlen (payload) > GST_RCAST_OUTBOX_MAX_MESSAGE_BYTES
      || strchr (type, SEPARATOR) || !g_utf8_validate (type, -1, NULL)
      || !g_utf8_validate (payload, -1, NULL))
    return NULL;
  letter = g_new0 (GstRcastLetter, 1);
  letter->type = g_strdup (type);
  letter->payload = g_strdup (payload);
  letter->keep = keep;
  return letter;
}

void
gst_rcast_letter_free (GstRcastLetter * letter)
{
  if (!letter)
    return;
  g_free (letter->type);
  g_free (letter->payload);
  g_free (letter);
}

gsize
gst_rcast_letter_bytes (const GstRcastLetter * letter)
{
  return strlen (letter->type) + strlen (letter->payload);
}

void
gst_rcast_outbox_init (GstRcastOutbox * outbox, guint max_messages,
    gsize max_bytes)
{
  *outbox = (GstRcastOutbox) {
  .max_messages = max_messages,.max_bytes = max_bytes,.letters = G_QUEUE_INIT,};
}

void
gst_rcast_outbox_clear (GstRcastOutbox * outbox)
{
  g_queue_clear_full (&outbox->letters, (GDestroyNotify) gst_rcast_letter_free);
  outbox->bytes = 0;
}

/**
 * gst_rcast_outbox_push:
 * @outbox: the outbox
 * @letter: (transfer full): the message
 * @fallen: (element-type GstRcastLetter): receives the messages that are dropped to make room: the
 *   oldest, since news about a live broadcast ages; or @letter itself if it is larger than the
 *   whole outbox
 */
void
gst_rcast_outbox_push (GstRcastOutbox * outbox, GstRcastLetter * letter,
    GQueue * fallen)
{
  gsize bytes = gst_rcast_letter_bytes (letter);

  if (bytes > outbox->max_bytes || outbox->max_messages == 0) {
    g_queue_push_tail (fallen, letter);
    return;
  }
  while (outbox->letters.length >= outbox->max_messages
      || outbox->bytes + bytes > outbox->max_bytes)
    g_queue_push_tail (fallen, gst_rcast_outbox_pop (outbox));
  g_queue_push_tail (&outbox->letters, letter);
  outbox->bytes += bytes;
}

/* Returns: (nullable): the oldest message */
const GstRcastLetter *
gst_rcast_outbox_peek (GstRcastOutbox * outbox)
{
  return g_queue_peek_head (&outbox->letters);
}

/* Returns: (nullable) (transfer full): the oldest message */
GstRcastLetter *
gst_rcast_outbox_pop (GstRcastOutbox * outbox)
{
  GstRcastLetter *letter = g_queue_pop_head (&outbox->letters);

  if (letter)
    outbox->bytes -= gst_rcast_letter_bytes (letter);
  return letter;
}

/* The connection is lost: messages without @keep are dropped. */
void
gst_rcast_outbox_disconnected (GstRcastOutbox * outbox, GQueue * fallen)
{
  GList *next;

  for (GList * i = outbox->letters.head; i; i = next) {
    GstRcastLetter *letter = i->data;

    next = i->next;
    if (letter->keep)
      continue;
    outbox->bytes -= gst_rcast_letter_bytes (letter);
    g_queue_delete_link (&outbox->letters, i);
    g_queue_push_tail (fallen, letter);
  }
}

/* Returns: (transfer full): the message as one text for a data channel: type, line feed, payload */
gchar *
gst_rcast_letter_to_text (const GstRcastLetter * letter)
{
  return g_strdup_printf ("%s%c%s", letter->type, SEPARATOR, letter->payload);
}

/**
 * gst_rcast_letter_from_text:
 * @text: text from a data channel
 * @type: (out): the text before the first line feed; "" if there is none
 * @payload: (out): the rest
 *
 * Returns: %FALSE if @text is not UTF-8
 */
gboolean
gst_rcast_letter_from_text (const gchar * text, gchar ** type, gchar ** payload)
{
  const gchar *end = strchr (text, SEPARATOR);

  if (!g_utf8_validate (text, -1, NULL))
    return FALSE;
  *type = g_strndup (text, end ? end - text : 0);
  *payload = g_strdup (end ? end + 1 : text);
  return TRUE;
}
