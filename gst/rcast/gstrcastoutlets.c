/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pads of rcastsrc: made when media comes, and kept until it stops. */
#include "config.h"

#include "gstrcastoutlets.h"

/* A pad, and whether it is on the element already. */
typedef struct
{
  GstRcastOutlet *outlet;
  gboolean added;
} Entry;

struct _GstRcastOutlets
{
  GstObject parent;

  GstElement *element;          /* constant; not owned: it owns this */
  GstRcastReceptionWatch *reception;    /* constant */

  /* OBJECT_LOCK */
  GstRcastOutletsSettings settings;
  GPtrArray *entries;           /* of Entry */
  gboolean open;                /* pads may be made */
  gboolean ended;               /* since it was opened */
  gboolean playing;
  guint group_id;
  guint32 id;                   /* of the streams */
};

G_DEFINE_FINAL_TYPE (GstRcastOutlets, gst_rcast_outlets, GST_TYPE_OBJECT);

static guint latency_changed;

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  gst_object_unref (entry->outlet);
  g_free (entry);
}

/* Returns: (transfer full): of GstRcastOutlet: all that there are */
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

/* Returns: (transfer full) */
static GstRcastOutlet *
make (GstRcastOutlets * self, const gchar * pattern, const gchar * name)
{
  GstRcastOutletSettings settings;
  g_autofree gchar *id = NULL;
  GstEvent *start;

  GST_OBJECT_LOCK (self);
  settings = self->settings.outlet;
  id = g_strdup_printf ("rcast-%08x/%s", self->id, name);
  start = gst_event_new_stream_start (id);
  gst_event_set_group_id (start, self->group_id);
  GST_OBJECT_UNLOCK (self);
  return gst_object_ref_sink (gst_rcast_outlet_new
      (gst_element_get_pad_template (self->element, pattern), name, start,
          &settings));
}

/* Returns: (transfer full) (nullable): the one that there is, by now maybe @fresh */
static GstRcastOutlet *
settle (GstRcastOutlets * self, const gchar * name, GstRcastOutlet * fresh,
    gboolean * playing)
{
  GstRcastOutlet *outlet = NULL;
  Entry *entry;

  GST_OBJECT_LOCK (self);
  entry = find (self, name);
  if (!entry && fresh && self->open) {
    entry = g_new0 (Entry, 1);
    entry->outlet = gst_object_ref (fresh);
    g_ptr_array_add (self->entries, entry);
  }
  if (entry)
    outlet = gst_object_ref (entry->outlet);
  *playing = self->playing;
  GST_OBJECT_UNLOCK (self);
  return outlet;
}

/* The element may have gone down in the meantime. */
static void
expose (GstRcastOutlets * self, GstRcastOutlet * outlet, GstCaps * caps)
{
  Entry *entry;

  gst_pad_set_active (GST_PAD (outlet), TRUE);
  gst_rcast_outlet_show (outlet, caps);
  gst_element_add_pad (self->element, GST_PAD (outlet));
  GST_OBJECT_LOCK (self);
  entry = find (self, GST_OBJECT_NAME (outlet));
  if (entry && entry->outlet == outlet)
    entry->added = TRUE;
  else
    entry = NULL;
  GST_OBJECT_UNLOCK (self);
  if (entry)
    return;
  gst_pad_set_active (GST_PAD (outlet), FALSE);
  gst_element_remove_pad (self->element, GST_PAD (outlet));
}

/**
 * gst_rcast_outlets_take:
 * @index: among the streams of that @media
 * @caps: what it brings
 *
 * The first call for a stream adds the pad to the element.
 *
 * Returns: (transfer full) (nullable): %NULL if the element takes nothing. Any thread
 */
GstRcastOutlet *
gst_rcast_outlets_take (GstRcastOutlets * self, GstRcastMedia media,
    guint index, GstCaps * caps)
{
  const gchar *kind = gst_rcast_media_get_name (media);
  g_autofree gchar *pattern = g_strconcat (kind, "_%u", NULL);
  g_autofree gchar *name = g_strdup_printf ("%s_%u", kind, index);
  gboolean playing;
  GstRcastOutlet *outlet = settle (self, name, NULL, &playing);
  g_autoptr (GstRcastOutlet) fresh = NULL;

  if (outlet)
    return outlet;
  fresh = make (self, pattern, name);
  outlet = settle (self, name, fresh, &playing);
  if (outlet != fresh)
    return outlet;
  gst_rcast_outlet_set_playing (outlet, playing);
  expose (self, outlet, caps);
  return outlet;
}

void
gst_rcast_outlets_set (GstRcastOutlets * self,
    const GstRcastOutletsSettings * settings)
{
  g_autoptr (GPtrArray) outlets = list (self);
  gboolean changed;

  GST_OBJECT_LOCK (self);
  changed = self->settings.latency != settings->latency;
  self->settings = *settings;
  GST_OBJECT_UNLOCK (self);
  gst_rcast_reception_watch_set_latency (self->reception,
      settings->outlet.latency);
  if (changed)
    g_signal_emit (self, latency_changed, 0, settings->latency);
  for (guint i = 0; i < outlets->len; i++)
    gst_rcast_outlet_set (g_ptr_array_index (outlets, i), &settings->outlet);
}

/* Returns: (transfer none): what is known of the streams. Any thread */
GstRcastReceptionWatch *
gst_rcast_outlets_get_reception (GstRcastOutlets * self)
{
  return self->reception;
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

/* The element goes to PAUSED: pads may come. */
void
gst_rcast_outlets_open (GstRcastOutlets * self)
{
  GST_OBJECT_LOCK (self);
  self->open = TRUE;
  self->ended = FALSE;
  self->group_id = gst_util_group_id_next ();
  self->id = g_random_int ();
  GST_OBJECT_UNLOCK (self);
}

/* The element has gone to READY: the pads go. */
void
gst_rcast_outlets_close (GstRcastOutlets * self)
{
  g_autoptr (GPtrArray) entries = NULL;

  GST_OBJECT_LOCK (self);
  self->open = FALSE;
  entries = g_steal_pointer (&self->entries);
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  GST_OBJECT_UNLOCK (self);
  for (guint i = 0; i < entries->len; i++) {
    const Entry *entry = g_ptr_array_index (entries, i);

    if (!entry->added)
      continue;
    gst_pad_set_active (GST_PAD (entry->outlet), FALSE);
    gst_element_remove_pad (self->element, GST_PAD (entry->outlet));
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

/* Caps of a stream of which nothing has come: of a codec that each WebRTC endpoint has
 * (RFC 7742 5, RFC 7874 3), as from its depayloader. Returns: (transfer full) */
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
  };

  return gst_caps_from_string (texts[output][media]);
}

/* What is linked once there is a pad would wait for an end that nobody tells. */
static void
take_empty (GstRcastOutlets * self, GstRcastMedia media)
{
  g_autoptr (GstCaps) caps =
      make_empty_caps (gst_rcast_outlets_get_output (self), media);
  g_autoptr (GstRcastOutlet) outlet =
      gst_rcast_outlets_take (self, media, 0, caps);
}

/* The streams are over, and none begins any more: nobody would end it. Where none has
 * begun, there is one of each kind, and it is empty. Any thread */
void
gst_rcast_outlets_end (GstRcastOutlets * self)
{
  g_autoptr (GPtrArray) outlets = NULL;
  gboolean empty;

  GST_OBJECT_LOCK (self);
  empty = self->open && self->entries->len == 0;
  GST_OBJECT_UNLOCK (self);
  if (empty) {
    take_empty (self, GST_RCAST_MEDIA_VIDEO);
    take_empty (self, GST_RCAST_MEDIA_AUDIO);
  }
  GST_OBJECT_LOCK (self);
  self->open = FALSE;
  self->ended = TRUE;
  GST_OBJECT_UNLOCK (self);
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

  for (guint i = 0; i < outlets->len; i++)
    gst_rcast_outlet_add_stats (g_ptr_array_index (outlets, i), stats);
  gst_rcast_reception_watch_add_stats (self->reception, stats);
}

/* @element: gets the pads; outlives what it makes here */
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
  self->entries = g_ptr_array_new_with_free_func (entry_free);
}
