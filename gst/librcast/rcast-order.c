/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Classifies incoming RTP packets: next, late, duplicate, or not part of the stream. */
#include "config.h"

#include "rcast-order.h"

/* RFC 3550 A.1, MAX_DROPOUT: a larger step means that the sender has restarted. */
#define MAX_GAP 3000
/* RFC 3389 4: comfort noise is never a stream of its own. */
#define COMFORT_NOISE 13
/* Packets in a row of another type after which that type is accepted: a sender may change it
 * without notice. */
#define MAX_STRANGERS 250
/* Bytes of a payload that are hashed, to tell apart packets with the same number */
#define HASHED 64
/* Strays after which the sender has restarted: it starts at any number, and may not count by
 * ones. */
#define MAX_STRAYS 16

void
gst_rcast_order_init (GstRcastOrder * order, gint payload_type)
{
  guint32 lost = order->lost;

  *order = (GstRcastOrder) {
    .lost = lost,
    .own = payload_type,
    .guess = -1,
    .stranger = -1,
  };
}

/* RFC 5761 4: on a shared port these are RTCP packets, types 192 to 223. */
static gboolean
is_rtcp (const GstRcastRtpHeader * header)
{
  return header->marker && header->payload_type >= 64
      && header->payload_type < 96;
}

/* Counts packets of one type in a row. */
static gboolean
is_persistent (GstRcastOrder * order, gint type)
{
  order->n_strangers = type == order->stranger ? order->n_strangers + 1 : 1;
  order->stranger = type;
  return order->n_strangers > MAX_STRANGERS && type != COMFORT_NOISE;
}

/* Comfort noise, tones, retransmissions and repair data share a port with their stream. Caps that
 * were written by hand may have a payload type that never comes. */
static gboolean
takes_type (GstRcastOrder * order, gint type)
{
  if (type == order->own)
    order->has_own = TRUE;
  else if (!order->has_own && order->guess < 0 && type != COMFORT_NOISE)
    order->guess = type;
  if (type == (order->has_own ? order->own : order->guess)) {
    order->n_strangers = 0;
    return TRUE;
  }
  if (!is_persistent (order, type))
    return FALSE;
  order->has_own = FALSE;
  order->guess = type;
  return TRUE;
}

/* FNV-1a */
static guint32
hash_packet (const GstRcastRtpHeader * header, const guint8 * payload)
{
  guint32 hash = 2166136261u ^ header->timestamp ^ header->payload_size;

  for (gsize i = 0; i < MIN (header->payload_size, HASHED); i++)
    hash = (hash ^ payload[i]) * 16777619u;
  return hash;
}

static GstRcastOrderSlot *
get_slot (GstRcastOrder * order, guint16 sequence)
{
  return &order->slots[sequence % GST_RCAST_ORDER_WINDOW];
}

static void
mark_come (GstRcastOrder * order, guint16 sequence, guint32 hash)
{
  *get_slot (order, sequence) = (GstRcastOrderSlot) {
    .sequence = sequence,
    .known = TRUE,
    .came = TRUE,
    .hash = hash,
  };
}

static GstRcastOrderVerdict
begin (GstRcastOrder * order, guint32 ssrc, guint16 sequence, guint32 hash)
{
  for (guint i = 0; i < GST_RCAST_ORDER_WINDOW; i++)
    order->slots[i].known = FALSE;
  order->started = TRUE;
  order->n_strays = 0;
  order->ssrc = ssrc;
  order->last = sequence;
  mark_come (order, sequence, hash);
  return GST_RCAST_ORDER_NEXT;
}

/* The last missing packets get a place, in case they arrive late. */
static GstRcastOrderVerdict
advance (GstRcastOrder * order, guint16 sequence, guint32 hash)
{
  guint16 missing = sequence - order->last - 1;

  missing = MIN (missing, GST_RCAST_ORDER_WINDOW - 1);
  for (guint16 i = missing; i > 0; i--) {
    guint16 lost = sequence - i;

    *get_slot (order, lost) = (GstRcastOrderSlot) {
      .sequence = lost,
      .known = TRUE,
      .place = ++order->lost,
    };
  }
  order->last = sequence;
  order->n_strays = 0;
  mark_come (order, sequence, hash);
  return GST_RCAST_ORDER_NEXT;
}

/* Handles a number that cannot come next: the packet is far too late, or the sender has restarted.
 * If @sudden, a second packet in sequence proves a restart, as in RFC 3550 A.1; otherwise the
 * network may just deliver several late packets in sequence. The packets before the first stray
 * count as missing. */
static GstRcastOrderVerdict
stray (GstRcastOrder * order, const GstRcastRtpHeader * header, guint32 hash,
    gboolean sudden)
{
  gboolean follows = order->n_strays > 0
      && header->sequence == (guint16) (order->stray + 1);

  if (sudden && follows) {
    order->lost++;
    begin (order, header->ssrc, order->stray, order->stray_hash);
    advance (order, header->sequence, hash);
    return GST_RCAST_ORDER_ANEW;
  }
  order->stray = header->sequence;
  order->stray_hash = hash;
  if (++order->n_strays < MAX_STRAYS)
    return GST_RCAST_ORDER_STRAY;
  begin (order, header->ssrc, header->sequence, hash);
  /* The dropped packets count as missing. */
  order->last = header->sequence - 2;
  return advance (order, header->sequence, hash);
}

/* Handles a number that came before, or should have. */
static GstRcastOrderVerdict
look_back (GstRcastOrder * order, const GstRcastRtpHeader * header,
    guint32 hash, guint32 * place)
{
  GstRcastOrderSlot *slot = get_slot (order, header->sequence);

  if (!slot->known || slot->sequence != header->sequence)
    return GST_RCAST_ORDER_DROP;
  if (!slot->came) {
    *place = slot->place;
    mark_come (order, header->sequence, hash);
    return GST_RCAST_ORDER_LATE;
  }
  if (slot->hash == hash)
    return GST_RCAST_ORDER_DROP;
  if (header->sequence != order->last)
    return stray (order, header, hash, TRUE);
  /* A sender that does not increment its sequence number */
  order->n_strays = 0;
  mark_come (order, header->sequence, hash);
  return GST_RCAST_ORDER_NEXT;
}

/**
 * gst_rcast_order_step:
 * @order: the stream
 * @header: header of a packet
 * @payload: its payload
 * @place: (out): for a late packet, its index among the lost ones
 *
 * Updates the number of lost packets in @order.
 *
 * Returns: what the packet is
 */
GstRcastOrderVerdict
gst_rcast_order_step (GstRcastOrder * order, const GstRcastRtpHeader * header,
    const guint8 * payload, guint32 * place)
{
  gint16 step = header->sequence - order->last;
  guint32 hash;

  if (is_rtcp (header))
    return GST_RCAST_ORDER_DROP;
  hash = hash_packet (header, payload);
  if (!takes_type (order, header->payload_type)) {
    /* The packet uses a number of the stream, so the number is not missing. */
    if (order->started && header->ssrc == order->ssrc && step > 0
        && step <= MAX_GAP)
      advance (order, header->sequence, hash);
    return GST_RCAST_ORDER_DROP;
  }
  if (!order->started || header->ssrc != order->ssrc)
    return begin (order, header->ssrc, header->sequence, hash);
  if (ABS (step) > MAX_GAP)
    return stray (order, header, hash, TRUE);
  if (step <= -GST_RCAST_ORDER_WINDOW)
    return stray (order, header, hash, FALSE);
  return step > 0 ? advance (order, header->sequence, hash) :
      look_back (order, header, hash, place);
}
