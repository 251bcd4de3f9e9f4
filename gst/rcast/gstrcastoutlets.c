/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pads of rcastsrc: made when media comes, and kept until it stops. */
#include "config.h"

#include "gstrcastoutlets.h"

#include "gstrcastdecoder.h"
#include "rcast-report.h"

/* After so many seconds of one stream: sound waits no longer for the first video */
#define VIDEO_TIME 1
/* "no-more-pads" waits no longer for streams of which no packet has come */
#define PACKET_TIME 2
/* ... nor for those of which no frame has come. Some publishers ignore requests, and make a key
 * frame every four seconds. */
#define FRAME_TIME 5

#define N_MEDIA (GST_RCAST_MEDIA_AUDIO + 1)

/* A stream, and whether its pad has been added to the element. Reference-counted */
typedef struct
{
  /* constant */
  GstRcastOutlet *outlet;
  GstElement *decoder;          /* nullable: between the outlet and @pad */
  GstPad *pad;                  /* of the element; without a decoder the outlet itself */
  GstRcastMedia media;
  GstCaps *caps;                /* nullable: of the first media */

  gboolean added;               /* the OBJECT_LOCK of GstRcastOutlets */
} Entry;

struct _GstRcastOutlets
{
  GstObject parent;

  GstElement *element;          /* constant; not owned: it owns the outlets */
  GstRcastReceptionWatch *reception;    /* constant */

  /* OBJECT_LOCK */
  GstRcastOutletsSettings settings;
  GPtrArray *entries;           /* of Entry */
  GQueue unexposed;             /* of Entry: pads to be added */
  gboolean exposing;            /* a thread is adding them */
  gboolean expects_video;       /* pads of sound wait for the first pad of a video */
  guint expected[N_MEDIA];      /* streams of the connection; MAX: not known yet */
  guint coming[N_MEDIA];        /* streams of which packets have come */
  guint lasted;                 /* seconds of media that have come */
  gboolean told;                /* "no-more-pads" was emitted since the last opening */
  gboolean open;                /* pads may be made */
  gboolean ended;               /* since the last opening */
  gboolean playing;
  guint group_id;
  guint32 id;                   /* part of the stream ids */
};

G_DEFINE_FINAL_TYPE (GstRcastOutlets, gst_rcast_outlets, GST_TYPE_OBJECT);

static guint latency_changed;

static void
entry_clear (gpointer data)
{
  Entry *entry = data;

  gst_clear_caps (&entry->caps);
  gst_object_unref (entry->pad);
  gst_clear_object (&entry->decoder);
  gst_object_unref (entry->outlet);
}

static void
entry_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, entry_clear);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Entry, entry_unref);

/* Returns: (transfer full): of GstRcastOutlet: all outlets */
static GPtrArray *
list (GstRcastOutlets * self)
{
  GPtrArray *outlets = g_ptr_array_new_with_free_func (gst_object_unref);

  GST_OBJECT_LOCK (self);
  for (guint i = 0; i < self->entries->len; i++)
    g_ptr_array_add (outlets, gst_object_ref (((Entry *)
                g_ptr_array_index (self->entries, i))->outlet));
  GST_OBJECT_UNLOCK (self);
  return outlets;
}

/* OBJECT_LOCK. Returns: (nullable) */
static Entry *
find (GstRcastOutlets * self, const gchar * name)
{
  for (guint i = 0; i < self->entries->len; i++) {
    Entry *entry = g_ptr_array_index (self->entries, i);

    if (g_str_equal (GST_OBJECT_NAME (entry->outlet), name))
      return entry;
  }
  return NULL;
}

/* Makes the first event of the pad. Returns: (transfer full) */
static GstEvent *
make_start (GstRcastOutlets * self, const gchar * name)
{
  g_autofree gchar *id = NULL;
  GstEvent *start;

  GST_OBJECT_LOCK (self);
  id = g_strdup_printf ("rcast-%08x/%s", self->id, name);
  start = gst_event_new_stream_start (id);
  gst_event_set_group_id (start, self->group_id);
  GST_OBJECT_UNLOCK (self);
  return start;
}

/* Whether the pad of @outlet is linked */
static gboolean
is_linked (GstRcastOutlets * self, GstRcastOutlet * outlet)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (self->element,
      GST_OBJECT_NAME (outlet));

  return pad && gst_pad_is_linked (pad);
}

/* The media of a pad is dropped. Any thread */
static void
on_unlinked (GstRcastOutlet * outlet, guint64 duration, GstRcastOutlets * self)
{
  gst_element_post_message (self->element,
      gst_rcast_report_unlinked (GST_OBJECT (self->element),
          GST_OBJECT_NAME (outlet), is_linked (self, outlet), duration));
}

static void expose_in_turn (GstRcastOutlets * self);

/* Streams that have not come by now may never come. Any thread */
static void
on_lasts (GstRcastOutlet * outlet, guint seconds, GstRcastOutlets * self)
{
  const Entry *entry;

  GST_OBJECT_LOCK (self);
  entry = find (self, GST_OBJECT_NAME (outlet));
  if (!entry || entry->outlet != outlet) {
    GST_OBJECT_UNLOCK (self);
    return;
  }
  self->lasted = MAX (self->lasted, seconds);
  if (self->lasted >= VIDEO_TIME)
    self->expects_video = FALSE;
  GST_OBJECT_UNLOCK (self);
  expose_in_turn (self);
}

/* Decodes the media of the outlet. */
static void
add_decoder (Entry * entry, GstPadTemplate * template, GstRcastMedia media)
{
  entry->decoder = gst_object_ref_sink (gst_rcast_decoder_new (GST_PAD
          (entry->outlet), media));
  entry->pad = gst_object_ref_sink (gst_ghost_pad_new_no_target_from_template
      (GST_OBJECT_NAME (entry->outlet), template));
}

/* Returns: (transfer full) */
static Entry *
make (GstRcastOutlets * self, GstRcastMedia media, const gchar * name,
    GstCaps * caps)
{
  g_autofree gchar *pattern =
      g_strconcat (gst_rcast_media_get_name (media), "_%u", NULL);
  GstPadTemplate *template =
      gst_element_get_pad_template (self->element, pattern);
  Entry *entry = g_atomic_rc_box_new0 (Entry);
  GstRcastOutletsSettings settings;

  GST_OBJECT_LOCK (self);
  settings = self->settings;
  GST_OBJECT_UNLOCK (self);
  entry->outlet = gst_object_ref_sink (gst_rcast_outlet_new (template, name,
          make_start (self, name), &settings.outlet));
  g_signal_connect_object (entry->outlet, "media-unlinked",
      G_CALLBACK (on_unlinked), self, 0);
  g_signal_connect_object (entry->outlet, "media-lasts",
      G_CALLBACK (on_lasts), self, 0);
  gst_rcast_outlet_hold (entry->outlet, TRUE);
  entry->media = media;
  gst_caps_replace (&entry->caps, caps);
  if (settings.output == GST_RCAST_OUTPUT_RAW)
    add_decoder (entry, template, media);
  else
    entry->pad = gst_object_ref (GST_PAD (entry->outlet));
  return entry;
}

/* @fresh: (nullable). Returns: (transfer full) (nullable): the entry of that name, which may be
 * @fresh now */
static Entry *
settle (GstRcastOutlets * self, const gchar * name, Entry * fresh)
{
  Entry *entry;

  GST_OBJECT_LOCK (self);
  entry = find (self, name);
  if (!entry && fresh && self->open) {
    entry = fresh;
    /* The element's state may have changed since @fresh was made. From now on, changes find it
     * in the list. Nobody else has it yet, so these calls wait for no lock and send no request. */
    gst_rcast_outlet_set (entry->outlet, &self->settings.outlet);
    gst_rcast_outlet_set_playing (entry->outlet, self->playing);
    g_ptr_array_add (self->entries, g_atomic_rc_box_acquire (entry));
    g_queue_push_tail (&self->unexposed, g_atomic_rc_box_acquire (entry));
  }
  if (entry)
    g_atomic_rc_box_acquire (entry);
  GST_OBJECT_UNLOCK (self);
  return entry;
}

static void
add (GstRcastOutlets * self, Entry * entry)
{
  if (entry->decoder) {
    g_autoptr (GstPad) src =
        gst_element_get_static_pad (entry->decoder, "src");

    gst_bin_add (GST_BIN (self->element), entry->decoder);
    gst_ghost_pad_set_target (GST_GHOST_PAD (entry->pad), src);
    gst_pad_set_active (entry->pad, TRUE);
    gst_rcast_outlet_show (entry->outlet, entry->pad, NULL);
    gst_element_sync_state_with_parent (entry->decoder);
  } else {
    gst_rcast_outlet_announce (entry->outlet, entry->caps);
    gst_pad_set_active (entry->pad, TRUE);
  }
  gst_element_add_pad (self->element, entry->pad);
}

static void
take_away (GstRcastOutlets * self, Entry * entry)
{
  gst_pad_set_active (entry->pad, FALSE);
  gst_element_remove_pad (self->element, entry->pad);
  if (!entry->decoder)
    return;
  gst_element_set_locked_state (entry->decoder, TRUE);
  gst_element_set_state (entry->decoder, GST_STATE_NULL);
  gst_bin_remove (GST_BIN (self->element), entry->decoder);
}

/* The element may have been stopped meanwhile. */
static void
expose (GstRcastOutlets * self, Entry * entry)
{
  add (self, entry);
  gst_rcast_outlet_hold (entry->outlet, FALSE);
  GST_OBJECT_LOCK (self);
  entry->added =
      find (self, GST_OBJECT_NAME (entry->outlet)) == entry;
  GST_OBJECT_UNLOCK (self);
  if (!entry->added)
    take_away (self, entry);
}

/* OBJECT_LOCK. Returns: (transfer full) (nullable): the next entry whose pad may be added */
static Entry *
pop_unexposed (GstRcastOutlets * self)
{
  for (GList * l = self->unexposed.head; l; l = l->next) {
    Entry *entry = l->data;

    if (self->expects_video && entry->media != GST_RCAST_MEDIA_VIDEO)
      continue;
    self->expects_video = FALSE;
    g_queue_delete_link (&self->unexposed, l);
    return entry;
  }
  return NULL;
}

/* @own: whether this thread is already adding pads. Returns: (transfer full) (nullable): the
 * next entry whose pad this thread has to add */
static Entry *
next_unexposed (GstRcastOutlets * self, gboolean own)
{
  Entry *entry = NULL;

  GST_OBJECT_LOCK (self);
  if (own || !self->exposing) {
    entry = pop_unexposed (self);
    self->exposing = entry != NULL;
  }
  GST_OBJECT_UNLOCK (self);
  return entry;
}

/* OBJECT_LOCK. Returns: how many streams of @media are worth waiting for */
static guint
get_awaited (GstRcastOutlets * self, GstRcastMedia media)
{
  if (self->ended || self->lasted >= FRAME_TIME)
    return 0;
  if (self->lasted >= PACKET_TIME)
    return MIN (self->expected[media], self->coming[media]);
  return self->expected[media];
}

/* OBJECT_LOCK */
static gboolean
has_awaited (GstRcastOutlets * self, GstRcastMedia media)
{
  guint n = 0;

  for (guint i = 0; i < self->entries->len; i++)
    n += ((Entry *) g_ptr_array_index (self->entries, i))->media == media;
  return n >= get_awaited (self, media);
}

/* Returns: whether "no-more-pads" is due, once */
static gboolean
take_no_more (GstRcastOutlets * self)
{
  gboolean due;

  GST_OBJECT_LOCK (self);
  due = !self->told && !self->exposing && g_queue_is_empty (&self->unexposed)
      && self->entries->len > 0 && has_awaited (self, GST_RCAST_MEDIA_VIDEO)
      && has_awaited (self, GST_RCAST_MEDIA_AUDIO);
  self->told |= due;
  GST_OBJECT_UNLOCK (self);
  return due;
}

/* Adds one pad at a time, whichever threads bring the streams: an application that is told of
 * two pads at once may take the same one twice, and unlink what the other thread has linked, as
 * gst_element_link_pads() does. A thread that adds pads also adds those that come meanwhile. */
static void
expose_in_turn (GstRcastOutlets * self)
{
  gboolean own = FALSE;
  Entry *entry;

  while ((entry = next_unexposed (self, own))) {
    own = TRUE;
    expose (self, entry);
    entry_unref (entry);
  }
  if (take_no_more (self))
    gst_element_no_more_pads (self->element);
}

/* Any thread */
GstRcastOutput
gst_rcast_outlets_get_output (GstRcastOutlets * self)
{
  GstRcastOutput output;

  GST_OBJECT_LOCK (self);
  output = self->settings.output;
  GST_OBJECT_UNLOCK (self);
  return output;
}

/* Returns: how many streams of @media an offer asks for. Any thread */
guint
gst_rcast_outlets_get_wanted (GstRcastOutlets * self, GstRcastMedia media)
{
  guint wanted;

  GST_OBJECT_LOCK (self);
  wanted = media == GST_RCAST_MEDIA_VIDEO ? self->settings.video_streams :
      self->settings.audio_streams;
  GST_OBJECT_UNLOCK (self);
  return wanted;
}

/* If decoding is wanted, a stream without a decoder is useless. */
static gboolean
is_useless (GstRcastOutlets * self, const GstCaps * caps)
{
  return caps && gst_rcast_outlets_get_output (self) == GST_RCAST_OUTPUT_RAW
      && !gst_rcast_decoder_can (caps, TRUE);
}

/**
 * gst_rcast_outlets_expect:
 * @n_video: how many streams of video the connection brings
 * @n_audio: the same of sound
 *
 * If there is video, and if no pad has been made, the first pad added is that of a video, unless a
 * second of sound comes before. So the order of the pads is the same each time, and a launch line
 * that links the first pad shows the picture.
 *
 * "no-more-pads" follows the last pad of these streams. It does not wait for ever for a stream
 * that is missing; that one gets its pad later. Any thread
 */
void
gst_rcast_outlets_expect (GstRcastOutlets * self, guint n_video, guint n_audio)
{
  GST_OBJECT_LOCK (self);
  self->expected[GST_RCAST_MEDIA_VIDEO] = n_video;
  self->expected[GST_RCAST_MEDIA_AUDIO] = n_audio;
  self->expects_video = n_video > 0
      && (self->expects_video || self->entries->len == 0);
  GST_OBJECT_UNLOCK (self);
  expose_in_turn (self);
}

/* Packets of the stream of that @index come. Any thread */
void
gst_rcast_outlets_note_packets (GstRcastOutlets * self, GstRcastMedia media,
    guint index)
{
  GST_OBJECT_LOCK (self);
  self->coming[media] = MAX (self->coming[media], index + 1);
  GST_OBJECT_UNLOCK (self);
}

/**
 * gst_rcast_outlets_take:
 * @index: its index among the streams of that @media
 * @caps: (nullable): caps of the media
 *
 * The first call for a stream adds the pad to the element, or leaves that to a thread that is
 * adding another one. Media waits in the outlet until then.
 *
 * Returns: (transfer full) (nullable): %NULL if the element takes no such media, until it is
 *   opened again. Any thread
 */
GstRcastOutlet *
gst_rcast_outlets_take (GstRcastOutlets * self, GstRcastMedia media,
    guint index, GstCaps * caps)
{
  g_autofree gchar *name =
      g_strdup_printf ("%s_%u", gst_rcast_media_get_name (media), index);
  g_autoptr (Entry) entry = settle (self, name, NULL);
  g_autoptr (Entry) fresh = NULL;

  if (!entry && is_useless (self, caps))
    return NULL;
  if (!entry) {
    fresh = make (self, media, name, caps);
    entry = settle (self, name, fresh);
    if (entry == fresh)
      expose_in_turn (self);
  }
  return entry ? gst_object_ref (entry->outlet) : NULL;
}

void
gst_rcast_outlets_set (GstRcastOutlets * self,
    const GstRcastOutletsSettings * settings)
{
  g_autoptr (GPtrArray) outlets = NULL;
  gboolean changed;

  GST_OBJECT_LOCK (self);
  changed = self->settings.latency != settings->latency;
  self->settings = *settings;
  GST_OBJECT_UNLOCK (self);
  outlets = list (self);
  gst_rcast_reception_watch_set_latency (self->reception,
      settings->outlet.latency);
  if (changed)
    g_signal_emit (self, latency_changed, 0, settings->latency);
  for (guint i = 0; i < outlets->len; i++)
    gst_rcast_outlet_set (g_ptr_array_index (outlets, i), &settings->outlet);
}

/* Returns: (transfer none): the reception of the streams. Any thread */
GstRcastReceptionWatch *
gst_rcast_outlets_get_reception (GstRcastOutlets * self)
{
  return self->reception;
}

/* The element goes to PAUSED: pads may be added. */
void
gst_rcast_outlets_open (GstRcastOutlets * self)
{
  GST_OBJECT_LOCK (self);
  self->open = TRUE;
  self->ended = FALSE;
  self->expects_video = self->told = FALSE;
  self->lasted = 0;
  for (guint i = 0; i < N_MEDIA; i++) {
    self->expected[i] = G_MAXUINT;
    self->coming[i] = 0;
  }
  self->group_id = gst_util_group_id_next ();
  self->id = g_random_int ();
  GST_OBJECT_UNLOCK (self);
}

/* The element has gone to READY: removes the pads. */
void
gst_rcast_outlets_close (GstRcastOutlets * self)
{
  g_autoptr (GPtrArray) entries = NULL;
  GQueue unexposed;

  GST_OBJECT_LOCK (self);
  self->open = FALSE;
  entries = g_steal_pointer (&self->entries);
  self->entries = g_ptr_array_new_with_free_func (entry_unref);
  unexposed = self->unexposed;
  g_queue_init (&self->unexposed);
  GST_OBJECT_UNLOCK (self);
  g_queue_clear_full (&unexposed, entry_unref);
  for (guint i = 0; i < entries->len; i++) {
    Entry *entry = g_ptr_array_index (entries, i);

    gst_rcast_outlet_hold (entry->outlet, FALSE);
    if (entry->added)
      take_away (self, entry);
  }
}

void
gst_rcast_outlets_set_playing (GstRcastOutlets * self, gboolean playing)
{
  g_autoptr (GPtrArray) outlets = NULL;

  GST_OBJECT_LOCK (self);
  self->playing = playing;
  GST_OBJECT_UNLOCK (self);
  outlets = list (self);
  for (guint i = 0; i < outlets->len; i++)
    gst_rcast_outlet_set_playing (g_ptr_array_index (outlets, i), playing);
}

/* Makes caps for a stream that got no media: those of a codec that every WebRTC endpoint has
 * (RFC 7742 5, RFC 7874 3), as from its depayloader. Returns: (transfer full) (nullable): %NULL
 * for raw media */
static GstCaps *
make_empty_caps (GstRcastOutput output, GstRcastMedia media)
{
  static const gchar *const texts[][2] = {
    [GST_RCAST_OUTPUT_ENCODED] = {
          [GST_RCAST_MEDIA_VIDEO] = "video/x-vp8",
          [GST_RCAST_MEDIA_AUDIO] = "audio/x-opus, rate=(int)48000, "
          "channels=(int)2, channel-mapping-family=(int)0"},
    [GST_RCAST_OUTPUT_RTP] = {
          [GST_RCAST_MEDIA_VIDEO] = "application/x-rtp, media=(string)video, "
          "encoding-name=(string)VP8, clock-rate=(int)90000",
          [GST_RCAST_MEDIA_AUDIO] = "application/x-rtp, media=(string)audio, "
          "encoding-name=(string)OPUS, clock-rate=(int)48000"},
    [GST_RCAST_OUTPUT_RAW] = {NULL, NULL},
  };

  return texts[output][media] ? gst_caps_from_string (texts[output][media]) :
      NULL;
}

/* Adds an empty pad: elements that are linked later would otherwise wait for EOS for ever. */
static void
take_empty (GstRcastOutlets * self, GstRcastMedia media)
{
  g_autoptr (GstCaps) caps =
      make_empty_caps (gst_rcast_outlets_get_output (self), media);
  GstRcastOutlet *outlet = gst_rcast_outlets_take (self, media, 0, caps);

  g_clear_object (&outlet);
}

/* Ends all streams. No stream begins any more, as nobody would end it. If there is none, adds an
 * empty one of each kind. Any thread */
void
gst_rcast_outlets_end (GstRcastOutlets * self)
{
  g_autoptr (GPtrArray) outlets = NULL;
  gboolean empty;

  GST_OBJECT_LOCK (self);
  empty = self->open && self->entries->len == 0;
  self->expects_video = FALSE;
  GST_OBJECT_UNLOCK (self);
  expose_in_turn (self);
  if (empty) {
    gst_rcast_outlets_expect (self, 1, 1);
    take_empty (self, GST_RCAST_MEDIA_VIDEO);
    take_empty (self, GST_RCAST_MEDIA_AUDIO);
  }
  GST_OBJECT_LOCK (self);
  self->open = FALSE;
  self->ended = TRUE;
  GST_OBJECT_UNLOCK (self);
  expose_in_turn (self);
  outlets = list (self);
  for (guint i = 0; i < outlets->len; i++)
    gst_rcast_outlet_end (g_ptr_array_index (outlets, i));
}

/* Any thread */
gboolean
gst_rcast_outlets_are_ended (GstRcastOutlets * self)
{
  gboolean ended;

  GST_OBJECT_LOCK (self);
  ended = self->ended;
  GST_OBJECT_UNLOCK (self);
  return ended;
}

/* Any thread */
void
gst_rcast_outlets_add_stats (GstRcastOutlets * self, GstStructure * stats)
{
  g_autoptr (GPtrArray) outlets = list (self);

  for (guint i = 0; i < outlets->len; i++) {
    GstRcastOutlet *outlet = g_ptr_array_index (outlets, i);

    gst_rcast_outlet_add_stats (outlet, is_linked (self, outlet), stats);
  }
  gst_rcast_reception_watch_add_stats (self->reception, stats);
}

/* @element: gets the pads; outlives the outlets */
GstRcastOutlets *
gst_rcast_outlets_new (GstElement * element)
{
  GstRcastOutlets *self = g_object_new (GST_TYPE_RCAST_OUTLETS, NULL);

  gst_object_ref_sink (self);
  self->element = element;
  self->reception = gst_rcast_reception_watch_new (element);
  return self;
}

static void
gst_rcast_outlets_finalize (GObject * object)
{
  g_queue_clear_full (&GST_RCAST_OUTLETS (object)->unexposed, entry_unref);
  g_ptr_array_unref (GST_RCAST_OUTLETS (object)->entries);
  gst_object_unref (GST_RCAST_OUTLETS (object)->reception);
  G_OBJECT_CLASS (gst_rcast_outlets_parent_class)->finalize (object);
}

static void
gst_rcast_outlets_class_init (GstRcastOutletsClass * klass)
{
  latency_changed = g_signal_new ("latency-changed", G_TYPE_FROM_CLASS (klass),
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_outlets_finalize;
}

static void
gst_rcast_outlets_init (GstRcastOutlets * self)
{
  self->entries = g_ptr_array_new_with_free_func (entry_unref);
}
