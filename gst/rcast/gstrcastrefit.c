/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fits incoming RTP to a WebRTC receiver: parameter sets in band, and no packet larger than
 * the path takes. */

/*
 * Most packets pass unchanged. A packet that is too large is replaced by several with the same
 * timestamp. A key frame without parameter sets gets those of the caps in front of it. Sequence
 * numbers are not kept unique: each feed counts its own, and learns from here which packets are
 * missing. Duplicates and packets of other streams are dropped. A sender that starts anew shows
 * with its second packet. The first one, which may be all that has the new parameter sets, waits
 * for it.
 * that has the new parameter sets, waits for it.
 */
#include "config.h"

#include "gstrcastrefit.h"

#include "gstrcastunits.h"
#include "rcast-order.h"
#include "rcast-refit.h"
#include "rcast-units.h"
#include "rcast-sets.h"

GST_DEBUG_CATEGORY_STATIC (refit_debug);
#define GST_CAT_DEFAULT refit_debug

struct _GstRcastRefit
{
  GstElement parent;

  /* constant */
  GstElement *stream;           /* borrowed: the parent; errors are posted for it */
  guint mtu;
  GstRcastVideoStart start;
  GstPad *src;                  /* owned by the element */
  GstRcastFanout *fanout;       /* borrowed: takes all packets */

  /* streaming thread */
  GstRcastCodec codec;
  guint clock_rate;
  GstRcastSets *sets;           /* nullable: only for codecs with parameter sets */
  GArray *pieces;               /* of GstRcastPiece; of the current packet */
  gint payload_type;            /* from the caps, or -1 */
  GstRcastOrder order;
  GstBuffer *stray;             /* nullable: the last stray packet of @order */
  GstRcastUnits units;
  GPtrArray *fragments;         /* of GstBuffer: those that @units holds */
  gboolean single_units;        /* no fragments, no aggregates */
  gboolean warned;
  gboolean warned_of_codec;
  gboolean warned_of_units;
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GstRcastRefit, gst_rcast_refit,
    GST_TYPE_ELEMENT, GST_DEBUG_CATEGORY_INIT (refit_debug, "rcastrefit", 0,
        "rcast: RTP packets made to fit"));

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS ("application/x-rtp"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("application/x-rtp"));

/* Warns of codecs such as an IP camera's AAC: a server that refuses the offer seldom says why. */
static void
warn_of_codec (GstRcastRefit * self, const gchar * name)
{
  static const gchar *const known[] =
      { "G722", "ILBC", "ISAC", "L16", "MULTIOPUS", NULL };
  g_autofree gchar *upper = g_ascii_strup (name ? name : "", -1);

  if (self->warned_of_codec || g_strv_contains (known, upper))
    return;
  self->warned_of_codec = TRUE;
  GST_ELEMENT_WARNING (self->stream, STREAM, FORMAT,
      ("%s is %s, which WebRTC servers do not take as a rule. Decode it in front "
          "of rcastsink, which encodes it as they want it.",
          GST_OBJECT_NAME (self->stream), upper), (NULL));
}

static void
forget_fragments (GstRcastRefit * self)
{
  g_ptr_array_set_size (self->fragments, 0);
  self->units = (GstRcastUnits) { 0, };
}

/* The stray packet does not belong to the stream. */
static void
drop_stray (GstRcastRefit * self)
{
  if (self->stray)
    gst_rcast_fanout_count_invalid (self->fanout, 1);
  gst_clear_buffer (&self->stray);
}

static void
reset_order (GstRcastRefit * self)
{
  gst_rcast_order_init (&self->order, self->payload_type);
  drop_stray (self);
  forget_fragments (self);
}

static void
take_caps (GstRcastRefit * self, const GstCaps * caps)
{
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  GstRcastCodec codec = gst_rcast_codec_from_caps (caps);
  gint clock_rate = 0;

  gst_structure_get_int (s, "clock-rate", &clock_rate);
  self->clock_rate = MAX (clock_rate, 0);
  self->payload_type = -1;
  gst_structure_get_int (s, "payload", &self->payload_type);
  reset_order (self);
  if (codec != self->codec)
    g_clear_pointer (&self->sets, gst_rcast_sets_free);
  self->codec = codec;
  if (codec == GST_RCAST_CODEC_UNKNOWN)
    warn_of_codec (self, gst_structure_get_string (s, "encoding-name"));
  if (codec != GST_RCAST_CODEC_H264 && codec != GST_RCAST_CODEC_H265)
    return;
  if (!self->sets)
    self->sets = gst_rcast_sets_new (codec);
  gst_rcast_sets_set_recovery (self->sets,
      self->start == GST_RCAST_VIDEO_START_RECOVERY_POINT);
  gst_rcast_sets_take_caps (self->sets, caps);
}

static void
warn_once (GstRcastRefit * self, gsize size, gboolean cut)
{
  if (self->warned)
    return;
  self->warned = TRUE;
  if (cut)
    GST_ELEMENT_WARNING (self->stream, STREAM, FORMAT,
        ("%s: RTP packets of up to %" G_GSIZE_FORMAT " bytes come in, more than "
            "the mtu of %u; they are sent as smaller ones.",
            GST_OBJECT_NAME (self->stream), size, self->mtu),
        ("Payload for it, as pkt_size=%u of ffmpeg and mtu=%u of GStreamer's "
            "payloaders do.", self->mtu, self->mtu));
  else
    GST_ELEMENT_WARNING (self->stream, STREAM, FORMAT,
        ("%s: an RTP packet of %" G_GSIZE_FORMAT " bytes came in, more than the "
            "mtu of %u, and cannot be made smaller; it is sent as it is.",
            GST_OBJECT_NAME (self->stream), size, self->mtu), (NULL));
}

/* --- packets --- */

/* Returns: (transfer full): a packet with the header of @old, followed by @head */
static GstBuffer *
make_packet (GstBuffer * old, const guint8 * data,
    const GstRcastRtpHeader * header, const guint8 * head, gsize n_head)
{
  guint8 rtp[GST_RCAST_RTP_MAX_HEADER_SIZE];
  gsize n = gst_rcast_rtp_write_header (rtp, data, header, NULL);
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, n + n_head, NULL);

  rtp[0] &= ~0x20;              /* padding */
  rtp[1] = (header->marker ? 0x80 : 0) | header->payload_type;
  gst_buffer_fill (buffer, 0, rtp, n);
  gst_buffer_fill (buffer, n, head, n_head);
  gst_buffer_copy_into (buffer, old, GST_BUFFER_COPY_FLAGS
      | GST_BUFFER_COPY_TIMESTAMPS | GST_BUFFER_COPY_META, 0, -1);
  return buffer;
}

static GstClockTime
add_ticks (GstRcastRefit * self, GstClockTime time, guint32 ticks)
{
  if (!GST_CLOCK_TIME_IS_VALID (time) || self->clock_rate == 0)
    return time;
  return time + gst_util_uint64_scale (ticks, GST_SECOND, self->clock_rate);
}

static GstBuffer *
make_piece (GstRcastRefit * self, GstBuffer * old, const guint8 * data,
    const GstRcastRtpHeader * header, guint i)
{
  const GstRcastPiece *piece =
      &g_array_index (self->pieces, GstRcastPiece, i);
  GstRcastRtpHeader own = *header;
  GstBuffer *buffer;

  /* Video marks the last packet of a frame, audio the first one of a talkspurt. */
  if (gst_rcast_codec_is_video (self->codec))
    own.marker = header->marker && i + 1 == self->pieces->len;
  else
    own.marker = header->marker && i == 0;
  own.timestamp += piece->ticks;
  buffer = make_packet (old, data, &own, piece->head, piece->n_head);
  buffer = gst_buffer_append (buffer, gst_buffer_copy_region (old,
          GST_BUFFER_COPY_MEMORY, header->payload_offset + piece->offset,
          piece->size));
  GST_BUFFER_PTS (buffer) = add_ticks (self, GST_BUFFER_PTS (old), piece->ticks);
  GST_BUFFER_DTS (buffer) = add_ticks (self, GST_BUFFER_DTS (old), piece->ticks);
  if (i > 0)
    GST_BUFFER_FLAG_UNSET (buffer, GST_BUFFER_FLAG_DISCONT);
  return buffer;
}

static gboolean
misses_sets (GstRcastRefit * self, const guint8 * data,
    const GstRcastRtpHeader * header)
{
  return self->sets && gst_rcast_sets_look (self->sets,
      data + header->payload_offset, header->payload_size, header->timestamp);
}

static void
add_sets (GstRcastRefit * self, GstBuffer * old, const guint8 * data,
    const GstRcastRtpHeader * header, GstBufferList * out)
{
  const GPtrArray *sets = gst_rcast_sets_get (self->sets);
  GstRcastRtpHeader own = *header;

  own.marker = FALSE;
  for (guint i = 0; i < sets->len; i++) {
    gsize size;
    const guint8 *set = g_bytes_get_data (g_ptr_array_index (sets, i), &size);

    gst_buffer_list_add (out, make_packet (old, data, &own, set, size));
  }
}

/* Header size of packets that leave: without extensions and padding, see
 * gst_rcast_rtp_write_header() */
static gsize
get_header_size (const guint8 * data)
{
  return GST_RCAST_RTP_HEADER_SIZE + 4 * (data[0] & 0x0f);
}

static gboolean
fits (GstRcastRefit * self, const guint8 * data,
    const GstRcastRtpHeader * header)
{
  return get_header_size (data) + header->payload_size <= self->mtu;
}

/* Returns: whether the oversized packet was cut into @out */
static gboolean
cut (GstRcastRefit * self, GstBuffer * old, const guint8 * data,
    const GstRcastRtpHeader * header, GstBufferList * out)
{
  gsize n_header = get_header_size (data);
  gboolean ok;

  g_array_set_size (self->pieces, 0);
  ok = gst_rcast_refit_split (self->codec, data + header->payload_offset,
      header->payload_size, self->mtu - n_header, self->pieces);
  warn_once (self, n_header + header->payload_size, ok);
  for (guint i = 0; ok && i < self->pieces->len; i++)
    gst_buffer_list_add (out, make_piece (self, old, data, header, i));
  return ok;
}

/* --- single NAL units --- */

/* Releases fragments that do not become a unit. */
static void
release_fragments (GstRcastRefit * self, GstBufferList * out)
{
  for (guint i = 0; i < self->fragments->len; i++)
    gst_buffer_list_add (out, gst_buffer_ref (g_ptr_array_index
            (self->fragments, i)));
  g_ptr_array_set_size (self->fragments, 0);
}

/* Returns: (transfer full) (nullable): fragments that do not become a unit, as the next one is
 * missing */
static GstBufferList *
take_fragments (GstRcastRefit * self)
{
  GstBufferList *fragments;

  if (self->fragments->len == 0)
    return NULL;
  fragments = gst_buffer_list_new ();
  release_fragments (self, fragments);
  forget_fragments (self);
  return fragments;
}

/* Appends the part of the unit that @fragment carries. */
static GstBuffer *
append_fragment (GstBuffer * unit, GstBuffer * fragment)
{
  GstRcastRtpHeader header = { 0, };
  GstMapInfo map;

  if (!gst_buffer_map (fragment, &map, GST_MAP_READ))
    return unit;
  gst_rcast_rtp_parse_header (map.data, map.size, &header);
  gst_buffer_unmap (fragment, &map);
  return gst_buffer_append (unit, gst_buffer_copy_region (fragment,
          GST_BUFFER_COPY_MEMORY, header.payload_offset +
          GST_RCAST_UNITS_FU_HEADER_SIZE, header.payload_size -
          GST_RCAST_UNITS_FU_HEADER_SIZE));
}

/* Joins the held fragments and @last, whose data is @data, into a unit. */
static void
join (GstRcastRefit * self, GstBuffer * last, const guint8 * data,
    const GstRcastRtpHeader * header, GstBufferList * out)
{
  guint8 head = gst_rcast_units_get_head (data + header->payload_offset);
  GstBuffer *unit = make_packet (last, data, header, &head, 1);

  for (guint i = 0; i < self->fragments->len; i++)
    unit = append_fragment (unit, g_ptr_array_index (self->fragments, i));
  gst_buffer_list_add (out, append_fragment (unit, last));
  forget_fragments (self);
}

/* Sends each unit of the aggregate as its own packet. Returns: FALSE if it is broken */
static gboolean
unpack (GstRcastRefit * self, GstBuffer * old, const guint8 * data,
    const GstRcastRtpHeader * header, GstBufferList * out)
{
  g_array_set_size (self->pieces, 0);
  if (!gst_rcast_refit_unpack (data + header->payload_offset,
          header->payload_size, self->mtu - get_header_size (data),
          self->pieces))
    return FALSE;
  for (guint i = 0; i < self->pieces->len; i++)
    gst_buffer_list_add (out, make_piece (self, old, data, header, i));
  return TRUE;
}

static gboolean
check_unit (GstBuffer ** buffer, guint i, gpointer data)
{
  GstRcastRefit *self = data;

  self->warned_of_units = gst_rcast_units_check (self->stream, *buffer,
      self->mtu);
  return !self->warned_of_units;
}

/* Adds the packets that a packet of H.264 becomes. */
static void
add_units (GstRcastRefit * self, GstBuffer * buffer, const guint8 * data,
    const GstRcastRtpHeader * header, GstBufferList * out)
{
  GstRcastUnitsVerdict verdict = gst_rcast_units_step (&self->units,
      data + header->payload_offset, header->payload_size, header->timestamp,
      self->order.lost, self->mtu - get_header_size (data));

  if (self->units.n <= 1)
    release_fragments (self, out);
  if (verdict == GST_RCAST_UNITS_HOLD) {
    g_ptr_array_add (self->fragments, gst_buffer_ref (buffer));
    return;
  }
  if (verdict == GST_RCAST_UNITS_JOIN) {
    join (self, buffer, data, header, out);
    return;
  }
  if (!(verdict == GST_RCAST_UNITS_SPLIT
          && unpack (self, buffer, data, header, out))
      && (fits (self, data, header) || !cut (self, buffer, data, header, out)))
    gst_buffer_list_add (out, gst_buffer_ref (buffer));
  if (!self->warned_of_units)
    gst_buffer_list_foreach (out, check_unit, self);
}

/* Sets the packing by the last answer. Streaming thread */
void
gst_rcast_refit_set_packing (GstRcastRefit * self,
    const GstRcastPacking * packing)
{
  if (packing->single_units == self->single_units)
    return;
  self->single_units = packing->single_units;
  forget_fragments (self);
}

/* As refit(), for the packet @data */
static GstBufferList *
refit_packet (GstRcastRefit * self, GstBuffer * buffer, const guint8 * data,
    const GstRcastRtpHeader * header)
{
  gboolean single = self->single_units && self->codec == GST_RCAST_CODEC_H264;
  gboolean misses = misses_sets (self, data, header);
  gboolean large = !fits (self, data, header);
  g_autoptr (GstBufferList) out = NULL;

  if (!misses && !large && !single)
    return NULL;
  out = gst_buffer_list_new ();
  if (misses)
    add_sets (self, buffer, data, header, out);
  if (single) {
    add_units (self, buffer, data, header, out);
    return g_steal_pointer (&out);
  }
  if (!(large && cut (self, buffer, data, header, out))
      && gst_buffer_list_length (out) > 0)
    gst_buffer_list_add (out, gst_buffer_ref (buffer));
  return gst_buffer_list_length (out) > 0 ? g_steal_pointer (&out) : NULL;
}

static gboolean
append_to (GstBuffer ** buffer, guint i, gpointer data)
{
  GstBufferList *out = data;

  gst_buffer_list_add (out, gst_buffer_ref (*buffer));
  return TRUE;
}

/* Adds the packets that the stray becomes to @out. */
static void
add_stray (GstRcastRefit * self, GstBufferList * out)
{
  g_autoptr (GstBuffer) stray = g_steal_pointer (&self->stray);
  g_autoptr (GstBufferList) changed = NULL;
  GstRcastRtpHeader header;
  GstMapInfo map;

  if (!gst_buffer_map (stray, &map, GST_MAP_READ))
    return;
  if (gst_rcast_rtp_parse_header (map.data, map.size, &header))
    changed = refit_packet (self, stray, map.data, &header);
  gst_buffer_unmap (stray, &map);
  if (changed)
    gst_buffer_list_foreach (changed, append_to, out);
  else
    gst_buffer_list_add (out, g_steal_pointer (&stray));
}

/* As refit_packet(), for a packet that comes behind the stray */
static GstBufferList *
refit_both (GstRcastRefit * self, GstBuffer * buffer, const guint8 * data,
    const GstRcastRtpHeader * header)
{
  GstBufferList *out = gst_buffer_list_new ();
  g_autoptr (GstBufferList) changed = NULL;

  add_stray (self, out);
  changed = refit_packet (self, buffer, data, header);
  if (changed)
    gst_buffer_list_foreach (changed, append_to, out);
  else
    gst_buffer_list_add (out, gst_buffer_ref (buffer));
  return out;
}

/* Place of a packet among those before it */
typedef struct
{
  gboolean drop;
  gboolean anew;                /* comes behind the stray packet */
  guint missing;
  gint late;
  GstBufferList *held;          /* nullable: fragments in front of missing packets */
} Place;

/* A late packet has one place, so it cannot be split into several. */
static void
find_place (GstRcastRefit * self, GstBuffer * buffer, const guint8 * data,
    const GstRcastRtpHeader * header, Place * place)
{
  guint32 before = self->order.lost, number = 0;
  GstRcastOrderVerdict verdict = gst_rcast_order_step (&self->order, header,
      data + header->payload_offset, &number);

  place->missing = self->order.lost - before;
  place->anew = verdict == GST_RCAST_ORDER_ANEW;
  place->drop = verdict == GST_RCAST_ORDER_DROP
      || verdict == GST_RCAST_ORDER_STRAY
      || (verdict == GST_RCAST_ORDER_LATE && !fits (self, data, header));
  if (verdict == GST_RCAST_ORDER_NEXT || verdict == GST_RCAST_ORDER_STRAY)
    drop_stray (self);
  if (verdict == GST_RCAST_ORDER_STRAY)
    self->stray = gst_buffer_ref (buffer);
  else if (place->drop)
    gst_rcast_fanout_count_invalid (self->fanout, 1);
  if (verdict == GST_RCAST_ORDER_LATE && !place->drop)
    place->late = self->order.lost - number;
}

/* Returns: (transfer full) (nullable): the packets that @buffer becomes; %NULL: @buffer itself */
static GstBufferList *
refit (GstRcastRefit * self, GstBuffer * buffer, Place * place)
{
  GstBufferList *out = NULL;
  GstRcastRtpHeader header;
  GstMapInfo map;

  *place = (Place) {
    .late = -1,
  };
  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return NULL;
  if (gst_rcast_rtp_parse_header (map.data, map.size, &header)) {
    find_place (self, buffer, map.data, &header, place);
    if (place->missing > 0)
      place->held = take_fragments (self);
    if (place->anew)
      out = refit_both (self, buffer, map.data, &header);
    else if (!place->drop && place->late < 0)
      out = refit_packet (self, buffer, map.data, &header);
  }
  gst_buffer_unmap (buffer, &map);
  return out;
}

/* Call this after a packet that was pushed alone, whatever the result: the next packets may be
 * from another chain, which does not set places. */
static void
leave_place (GstRcastRefit * self, const Place * place)
{
  if (place->late >= 0)
    gst_rcast_fanout_place (self->fanout, 0, -1);
}

/* @list: (transfer full) */
static GstFlowReturn
push_list (GstRcastRefit * self, GstBufferList * list)
{
  if (gst_buffer_list_length (list) > 0)
    return gst_pad_push_list (self->src, list);
  gst_buffer_list_unref (list);
  return GST_FLOW_OK;
}

static GstFlowReturn
sink_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstRcastRefit *self = GST_RCAST_REFIT (parent);
  Place place;
  g_autoptr (GstBufferList) list = refit (self, buffer, &place);
  GstFlowReturn ret = GST_FLOW_OK;

  if (place.held)
    ret = gst_pad_push_list (self->src, place.held);
  gst_rcast_fanout_place (self->fanout, place.missing, place.late);
  if (place.drop || ret != GST_FLOW_OK) {
    gst_buffer_unref (buffer);
    return ret;
  }
  if (list) {
    gst_buffer_unref (buffer);
    return push_list (self, g_steal_pointer (&list));
  }
  ret = gst_pad_push (self->src, buffer);
  leave_place (self, &place);
  return ret;
}

/* Pushes @out, and empties it. */
static GstFlowReturn
push_out (GstRcastRefit * self, GstBufferList ** out)
{
  GstBufferList *list = *out;

  if (gst_buffer_list_length (list) == 0)
    return GST_FLOW_OK;
  *out = gst_buffer_list_new ();
  return gst_pad_push_list (self->src, list);
}

/* One packet of a list. A packet with a place of its own is pushed alone. */
static GstFlowReturn
add_to (GstRcastRefit * self, GstBuffer * buffer, GstBufferList ** out)
{
  GstFlowReturn ret = GST_FLOW_OK;
  Place place;
  g_autoptr (GstBufferList) changed = refit (self, buffer, &place);
  g_autoptr (GstBufferList) held = place.held;

  if (held)
    gst_buffer_list_foreach (held, append_to, *out);
  if (place.missing > 0 || place.late >= 0) {
    ret = push_out (self, out);
    gst_rcast_fanout_place (self->fanout, place.missing, place.late);
  }
  if (place.drop)
    return ret;
  if (changed)
    gst_buffer_list_foreach (changed, append_to, *out);
  else
    gst_buffer_list_add (*out, gst_buffer_ref (buffer));
  if (ret == GST_FLOW_OK && place.late >= 0)
    ret = push_out (self, out);
  leave_place (self, &place);
  return ret;
}

static GstFlowReturn
sink_chain_list (GstPad * pad, GstObject * parent, GstBufferList * list)
{
  GstRcastRefit *self = GST_RCAST_REFIT (parent);
  guint length = gst_buffer_list_length (list);
  GstBufferList *out = gst_buffer_list_new_sized (length);
  GstFlowReturn ret = GST_FLOW_OK;

  for (guint i = 0; i < length && ret == GST_FLOW_OK; i++)
    ret = add_to (self, gst_buffer_list_get (list, i), &out);
  if (ret == GST_FLOW_OK)
    ret = push_out (self, &out);
  gst_buffer_list_unref (out);
  gst_buffer_list_unref (list);
  return ret;
}

static gboolean
sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    gst_event_parse_caps (event, &caps);
    take_caps (GST_RCAST_REFIT (parent), caps);
  } else if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP) {
    reset_order (GST_RCAST_REFIT (parent));
  }
  return gst_pad_event_default (pad, parent, event);
}

static void
gst_rcast_refit_finalize (GObject * object)
{
  GstRcastRefit *self = GST_RCAST_REFIT (object);

  gst_clear_buffer (&self->stray);
  g_clear_pointer (&self->sets, gst_rcast_sets_free);
  g_array_unref (self->pieces);
  g_ptr_array_unref (self->fragments);
  G_OBJECT_CLASS (gst_rcast_refit_parent_class)->finalize (object);
}

static void
gst_rcast_refit_class_init (GstRcastRefitClass * klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gst_rcast_refit_finalize;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "rcast refit",
      "Filter/Network/RTP", "Makes RTP packets fit the path and the receiver",
      "The gst-rcast authors");
}

static void
gst_rcast_refit_init (GstRcastRefit * self)
{
  GstPad *sink = gst_pad_new_from_static_template (&sink_template, "sink");

  self->pieces = g_array_new (FALSE, FALSE, sizeof (GstRcastPiece));
  self->fragments =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  self->payload_type = -1;
  gst_rcast_order_init (&self->order, self->payload_type);
  gst_pad_set_chain_function (sink, sink_chain);
  gst_pad_set_chain_list_function (sink, sink_chain_list);
  gst_pad_set_event_function (sink, sink_event);
  GST_PAD_SET_PROXY_CAPS (sink);
  GST_PAD_SET_PROXY_ALLOCATION (sink);
  gst_element_add_pad (GST_ELEMENT (self), sink);
  self->src = gst_pad_new_from_static_template (&src_template, "src");
  GST_PAD_SET_PROXY_CAPS (self->src);
  gst_element_add_pad (GST_ELEMENT (self), self->src);
}

/* @mtu: largest size of an RTP packet, in bytes
 * @start: where parameter sets have to be in band
 * @fanout: takes the packets; outlives the element
 * Returns: (transfer floating): an element for packets of @stream, in NULL, with a locked state,
 *   like a chain */
GstElement *
gst_rcast_refit_new (GstElement * stream, const gchar * name, guint mtu,
    GstRcastVideoStart start, GstRcastFanout * fanout)
{
  GstRcastRefit *self = g_object_new (GST_TYPE_RCAST_REFIT, "name", name, NULL);

  self->stream = stream;
  self->mtu = mtu;
  self->start = start;
  self->fanout = fanout;
  gst_element_set_locked_state (GST_ELEMENT (self), TRUE);
  return GST_ELEMENT (self);
}
