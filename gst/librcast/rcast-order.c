/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RTP packets of a sender, as they come over a network: which are missing, late, sent twice, or of something else. */
#include "config.h"

#include "rcast-order.h"

/* RFC 3550 A.1, MAX_DROPOUT: a larger step is a sender that starts anew. */
#define MAX_GAP 3000
/* RFC 3389 4: comfort noise is never a stream of its own. */
#define COMFORT_NOISE 13
/* A sender may change its mind about the type without a word. */
#define MAX_STRANGERS 250
/* What is looked at to tell one packet from another of the same number */
#define HASHED 64
/* A sender starts anew at any number, and may not count by ones. */
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

/* RFC 5761 4: on the same port these are packet types of RTCP, 192 to 223. */
static gboolean
is_rtcp (const GstRcastRtpHeader * header)
{
  return header->marker && header->payload_type >= 64
      && header->payload_type < 96;
}

/* Counts packets of a type that no other type interrupts. */
static gboolean
is_persistent (GstRcastOrder * order, gint type)
{
  order->n_strangers = type == order->stranger ? order->n_strangers + 1 : 1;
  order->stranger = type;
  return order->n_strangers > MAX_STRANGERS && type != COMFORT_NOISE;
}

/* Comfort noise, tones, retransmissions and repair data share a port with what they belong
 * to; caps that somebody wrote by hand may have a type that never comes. */
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

/* The last of those that are missing have a place, should they come late. */
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

/* A number that cannot come next: the packet is far too late, or the sender starts anew. If
 * @sudden the second one in sequence tells, as in RFC 3550 A.1; a network that is late may
 * deliver several in sequence. What was before the first is missing. */
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
  /* What was dropped is missing. */
  order->last = header->sequence - 2;
  return advance (order, header->sequence, hash);
}

/* A number that was there before, or should have been */
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
  /* Senders that do not count */
  order->n_strays = 0;
  mark_come (order, header->sequence, hash);
  return GST_RCAST_ORDER_NEXT;
}

/**
 * gst_rcast_order_step:
 * @order: the stream
 * @header: of a packet
 * @payload: its payload
 * @place: (out): of a late packet: its number among those that were lost
 *
 * Afterwards @order says how many packets are missing up to this one.
 *
 * Returns: what it is
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
    /* It has a number of the stream, so that none is missing there. */
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
