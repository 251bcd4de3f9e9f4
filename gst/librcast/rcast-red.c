/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Redundant audio (RFC 2198): each packet also carries the audio of the previous one. */
#include "config.h"

#include "rcast-red.h"

#include <string.h>

#include "rcast-formats.h"

/* Percent: a loss that hardly anyone hears is not worth twice the rate; receivers conceal a lower
 * one well. */
#define LOSS_ON 3
#define LOSS_OFF 1

/* RFC 2198 3: the offset of a timestamp has 14 bits. */
#define MAX_OFFSET 0x3fff
/* Largest payload that passes everywhere with IP, UDP and SRTP: no packet grows beyond it. */
#define MAX_PAYLOAD 1200

/* As browsers do: the highest free type below those that collide with RTCP (RFC 5761 4) */
#define HIGHEST_PAYLOAD 63
#define LOWEST_PAYLOAD 35
#define OPUS "opus/48000/2"
#define RED "red/48000/2"

/* Packets */

/**
 * gst_rcast_red_init:
 * @red: the redundancy of a stream
 * @payload: payload type of packets with redundancy, or -1: the server does not accept them
 * @primary: payload type of the other packets
 */
void
gst_rcast_red_init (GstRcastRed * red, gint payload, gint primary)
{
  red->payload = payload;
  red->primary = primary;
  red->active = red->known = FALSE;
}

/* @loss: percent of the packets that are lost */
void
gst_rcast_red_heed (GstRcastRed * red, guint loss)
{
  red->active = loss >= LOSS_ON || (red->active && loss >= LOSS_OFF);
}

/* Returns: the payload type of packets with redundancy, or -1 */
gint
gst_rcast_red_get_payload (const GstRcastRed * red)
{
  return red->payload;
}

static gboolean
can_repeat (const GstRcastRed * red, guint32 timestamp, gsize size)
{
  guint32 offset = timestamp - red->timestamp;

  return red->active && red->known && red->payload >= 0 && red->size > 0
      && offset > 0 && offset <= MAX_OFFSET
      && GST_RCAST_RED_HEADER_SIZE + red->size + size <= MAX_PAYLOAD;
}

/**
 * gst_rcast_red_next:
 * @red: the redundancy of a stream
 * @out: room for %GST_RCAST_RED_MAX_FRONT bytes
 * @timestamp: of the next packet that leaves
 * @payload: its payload
 * @size: bytes of @payload
 *
 * Returns: bytes to put in front of @payload, with the payload type of redundancy; 0: the packet
 *   leaves unchanged
 */
gsize
gst_rcast_red_next (GstRcastRed * red, guint8 * out, guint32 timestamp,
    const guint8 * payload, gsize size)
{
  gsize front = 0;

  if (red->payload < 0)
    return 0;
  if (can_repeat (red, timestamp, size)) {
    guint32 offset = timestamp - red->timestamp;

    out[0] = 0x80 | red->primary;
    out[1] = offset >> 6;
    out[2] = offset << 2 | red->size >> 8;
    out[3] = red->size & 0xff;
    out[4] = red->primary;
    memcpy (out + GST_RCAST_RED_HEADER_SIZE, red->block, red->size);
    front = GST_RCAST_RED_HEADER_SIZE + red->size;
  }
  red->known = size <= sizeof red->block;
  red->timestamp = timestamp;
  red->size = red->known ? size : 0;
  memcpy (red->block, payload, red->size);
  return front;
}

/* Descriptions */

/* Returns: what follows the payload type in an attribute of @payload, or NULL */
static const gchar *
skip_payload (const gchar * value, gint payload)
{
  gchar *end;
  guint64 number = g_ascii_strtoull (value, &end, 10);

  return end != value && *end == ' ' && number == (guint64) payload ?
      end + 1 : NULL;
}

/* Returns: whether attribute @key of @payload is @wanted; case does not matter */
static gboolean
says (const GstSDPMedia * media, const gchar * key, gint payload,
    const gchar * wanted)
{
  const gchar *value;

  for (guint n = 0; (value = gst_sdp_media_get_attribute_val_n (media, key,
              n)); n++) {
    const gchar *rest = skip_payload (value, payload);

    if (rest && g_ascii_strcasecmp (rest, wanted) == 0)
      return TRUE;
  }
  return FALSE;
}

static gint
get_format (const GstSDPMedia * media, guint i)
{
  return gst_rcast_formats_parse (gst_sdp_media_get_format (media, i));
}

/* The attribute lists the type of each of the two blocks (RFC 2198 5). */
static gchar *
print_blocks (gint primary)
{
  return g_strdup_printf ("%d/%d", primary, primary);
}

/* Returns: the payload type of Opus in @media, or -1 */
static gint
find_opus (const GstSDPMedia * media)
{
  for (guint i = 0; i < gst_sdp_media_formats_len (media); i++) {
    gint payload = get_format (media, i);
    const gchar *rtpmap = gst_rcast_formats_find_rtpmap (media, payload);

    if (rtpmap && g_ascii_strcasecmp (rtpmap, OPUS) == 0)
      return payload;
  }
  return -1;
}

/* Offers redundancy behind each Opus format, as browsers do. Equal formats have equal payload
 * types (RFC 9143 9.1). */
void
gst_rcast_red_offer (GstSDPMessage * offer)
{
  gint payload = gst_rcast_formats_find_free (offer, HIGHEST_PAYLOAD,
      LOWEST_PAYLOAD);
  gint first = -1;

  for (guint i = 0; payload >= 0 && i < gst_sdp_message_medias_len (offer);
      i++) {
    GstSDPMedia *media = (GstSDPMedia *) gst_sdp_message_get_media (offer, i);
    gint opus = find_opus (media);
    g_autofree gchar *blocks = NULL;

    /* Another payload type is another Opus format, whose blocks have another type. */
    if (opus < 0 || (first >= 0 && first != opus))
      continue;
    first = opus;
    blocks = print_blocks (opus);
    gst_rcast_formats_add (media, payload, RED, blocks);
  }
}

/**
 * gst_rcast_red_find:
 * @answer: a section of an answer, as the server wrote it
 * @payload: the payload type of the codec in it
 *
 * Returns: the payload type for redundancy of that codec, or -1: the server does not accept it
 */
gint
gst_rcast_red_find (const GstSDPMedia * answer, gint payload)
{
  g_autofree gchar *blocks = print_blocks (payload);

  for (guint i = 0; i < gst_sdp_media_formats_len (answer); i++) {
    gint red = get_format (answer, i);

    if (red >= 0 && red <= 127 && red != payload
        && says (answer, "rtpmap", red, RED)
        && says (answer, "fmtp", red, blocks))
      return red;
  }
  return -1;
}
