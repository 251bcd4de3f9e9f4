/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The signallers of a broadcast: one for each protocol, and a twin for a second session. */
#include "config.h"

#include "gstrcastspeakers.h"

#include "gstrcastschemes.h"

GST_DEBUG_CATEGORY_STATIC (rcast_speakers_debug);
#define GST_CAT_DEFAULT rcast_speakers_debug

/* Properties of a signaller, if it has them */
#define CONNECT_TIMEOUT "connect-timeout"
#define AUTH_TOKEN "auth-token"

/* The signaller that an application sees, and its twin for a second session. */
enum
{
  FIRST,
  TWIN,
  N_PLACES
};

/* One protocol and its signallers. */
typedef struct
{
  GstRcastSignaller *signallers[N_PLACES];      /* the twin is nullable */
  gboolean lent[N_PLACES];      /* whether it may have a session */
  gboolean set;                 /* by the application; if not, we made it */
  gboolean directed;            /* its location is one of the broadcast's */
  guint limit;                  /* the connect-timeout that we set, 0: none */
} Speaker;

/* Receives a signaller's reports, as long as a handler is connected. */
typedef struct
{
  GWeakRef bin;
  GstRcastSpeakersCallbacks callbacks;
  gpointer data;
} Target;

struct _GstRcastSpeakers
{
  GstObject parent;

  Target *target;               /* constant */
  GstRcastDirection direction;  /* constant */

  GPtrArray *speakers;          /* OBJECT_LOCK; of Speaker: one for each protocol */
  gchar *token;                 /* OBJECT_LOCK */
  gchar *uplink;                /* OBJECT_LOCK */
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GstRcastSpeakers, gst_rcast_speakers,
    GST_TYPE_OBJECT, GST_DEBUG_CATEGORY_INIT (rcast_speakers_debug,
        "rcastspeakers", 0, "gst-rcast: the signallers"));

static void
speaker_free (gpointer data)
{
  Speaker *speaker = data;

  gst_object_unref (speaker->signallers[FIRST]);
  gst_clear_object (&speaker->signallers[TWIN]);
  g_free (speaker);
}

static void
target_clear (gpointer data)
{
  Target *target = data;

  g_weak_ref_clear (&target->bin);
}

static void
target_unref (gpointer target)
{
  g_atomic_rc_box_release_full (target, target_clear);
}

/* OBJECT_LOCK. Returns: (transfer none) (nullable) */
static Speaker *
find (GstRcastSpeakers * self, const gchar * scheme)
{
  for (guint i = 0; scheme && i < self->speakers->len; i++) {
    Speaker *speaker = g_ptr_array_index (self->speakers, i);
    const gchar *const *protocols =
        GST_RCAST_SIGNALLER_GET_CLASS (speaker->signallers[FIRST])->protocols;

    if (protocols && g_strv_contains (protocols, scheme))
      return speaker;
  }
  return NULL;
}

/* OBJECT_LOCK. Returns: (transfer none) (nullable): the application's speaker */
static Speaker *
find_set (GstRcastSpeakers * self)
{
  for (guint i = 0; i < self->speakers->len; i++) {
    Speaker *speaker = g_ptr_array_index (self->speakers, i);

    if (speaker->set)
      return speaker;
  }
  return NULL;
}

/* Creation */

/* Returns: (transfer full) (nullable) */
static GstRcastSignaller *
make_with (GstElementFactory * factory, const gchar * name)
{
  GstElement *element =
      factory ? gst_element_factory_create (factory, name) : NULL;

  if (!element)
    return NULL;
  gst_object_ref_sink (element);
  if (GST_IS_RCAST_SIGNALLER (element))
    return GST_RCAST_SIGNALLER (element);
  gst_object_unref (element);
  return NULL;
}

/* Returns: (transfer full) (nullable): a signaller that is not shared */
GstRcastSignaller *
gst_rcast_speakers_make (GstRcastSpeakers * self, const gchar * scheme)
{
  g_autoptr (GstElementFactory) factory =
      gst_rcast_schemes_find_factory (scheme, self->direction);
  GstRcastSignaller *signaller =
      make_with (factory, factory ? GST_OBJECT_NAME (factory) : NULL);

  if (signaller)
    gst_rcast_signaller_set_direction (signaller, self->direction);
  return signaller;
}

static gchar *
on_request_token (GstRcastSignaller * signaller, const gchar * location,
    gpointer data)
{
  Target *target = data;
  g_autoptr (GstBin) bin = g_weak_ref_get (&target->bin);

  return bin ? target->callbacks.request_token (location, target->data) : NULL;
}

static void
on_stream_changed (GstRcastSignaller * signaller, GstRcastStreamChange change,
    const gchar * stream, const gchar * reason, gpointer data)
{
  Target *target = data;
  g_autoptr (GstBin) bin = g_weak_ref_get (&target->bin);

  if (bin && target->callbacks.stream_changed)
    target->callbacks.stream_changed (signaller, change, stream, reason,
        target->data);
}

/* Changes of streams go to both sessions. */
static void
listen_for_streams (GstRcastSpeakers * self, GstRcastSignaller * signaller)
{
  g_signal_connect_data (signaller, "stream-changed",
      G_CALLBACK (on_stream_changed), g_atomic_rc_box_acquire (self->target),
      (GClosureNotify) target_unref, 0);
}

static void
pass_token (GstRcastSignaller * signaller, const gchar * token)
{
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (signaller), AUTH_TOKEN))
    g_object_set (signaller, AUTH_TOKEN, token, NULL);
}

static gchar *
dup_token (GstRcastSpeakers * self)
{
  gchar *token;

  GST_OBJECT_LOCK (self);
  token = g_strdup (self->token);
  GST_OBJECT_UNLOCK (self);
  return token;
}

/* Adds it to the bin, and brings it to the bin's state. FALSE: it has another parent */
static gboolean
add_to_bin (GstRcastSpeakers * self, GstRcastSignaller * signaller)
{
  g_autoptr (GstBin) bin = g_weak_ref_get (&self->target->bin);

  return bin && gst_bin_add (bin, GST_ELEMENT (signaller))
      && gst_element_sync_state_with_parent (GST_ELEMENT (signaller));
}

static gboolean
adopt (GstRcastSpeakers * self, GstRcastSignaller * signaller)
{
  g_autofree gchar *token = dup_token (self);

  if (token)
    pass_token (signaller, token);
  g_signal_connect_data (signaller, "request-token",
      G_CALLBACK (on_request_token), g_atomic_rc_box_acquire (self->target),
      (GClosureNotify) target_unref, 0);
  listen_for_streams (self, signaller);
  return add_to_bin (self, signaller);
}

/* A session that is still closing ends without the bin. */
static void
abandon (GstRcastSpeakers * self, GstRcastSignaller * signaller)
{
  g_autoptr (GstBin) bin = g_weak_ref_get (&self->target->bin);

  g_signal_handlers_disconnect_by_data (signaller, self->target);
  if (!bin || GST_OBJECT_PARENT (signaller) != GST_OBJECT (bin))
    return;
  gst_element_set_state (GST_ELEMENT (signaller), GST_STATE_NULL);
  gst_bin_remove (bin, GST_ELEMENT (signaller));
}

/* Makes the signaller for @scheme, if there is none yet and one is installed. */
void
gst_rcast_speakers_provide (GstRcastSpeakers * self, const gchar * scheme)
{
  g_autoptr (GstRcastSignaller) signaller =
      gst_rcast_speakers_dup (self, scheme);
  Speaker *speaker;

  if (signaller || !(signaller = gst_rcast_speakers_make (self, scheme)))
    return;
  speaker = g_new0 (Speaker, 1);
  speaker->signallers[FIRST] = gst_object_ref (signaller);
  GST_OBJECT_LOCK (self);
  g_ptr_array_add (self->speakers, speaker);
  GST_OBJECT_UNLOCK (self);
  adopt (self, signaller);
}

/* OBJECT_LOCK */
static void
take_out (GstRcastSpeakers * self, Speaker * speaker, GPtrArray * replaced)
{
  for (guint i = 0; i < N_PLACES; i++)
    if (speaker->signallers[i])
      g_ptr_array_add (replaced, gst_object_ref (speaker->signallers[i]));
  g_ptr_array_remove (self->speakers, speaker);
}

/* OBJECT_LOCK. Returns: (transfer full): signallers that @signaller replaces: the one that the
 * application set before, and those with the same schemes */
static GPtrArray *
take_replaced (GstRcastSpeakers * self, GstRcastSignaller * signaller)
{
  const gchar *const *protocols = signaller ?
      GST_RCAST_SIGNALLER_GET_CLASS (signaller)->protocols : NULL;
  GPtrArray *replaced = g_ptr_array_new_with_free_func (gst_object_unref);
  Speaker *speaker;

  while ((speaker = find_set (self)))
    take_out (self, speaker, replaced);
  for (guint i = 0; protocols && protocols[i]; i++)
    while ((speaker = find (self, protocols[i])))
      take_out (self, speaker, replaced);
  return replaced;
}

/**
 * gst_rcast_speakers_replace:
 * @signaller: (nullable): the application's signaller, which fits the direction; it replaces the
 *   former one and all with the same schemes
 *
 * Returns: FALSE if it has another parent
 */
gboolean
gst_rcast_speakers_replace (GstRcastSpeakers * self,
    GstRcastSignaller * signaller)
{
  g_autoptr (GPtrArray) replaced = NULL;
  Speaker *speaker = NULL;

  if (signaller) {
    gst_rcast_signaller_set_direction (signaller, self->direction);
    speaker = g_new0 (Speaker, 1);
    speaker->signallers[FIRST] = gst_object_ref_sink (signaller);
    speaker->set = TRUE;
  }
  GST_OBJECT_LOCK (self);
  replaced = take_replaced (self, signaller);
  if (speaker)
    g_ptr_array_add (self->speakers, speaker);
  GST_OBJECT_UNLOCK (self);
  for (guint i = 0; i < replaced->len; i++)
    abandon (self, g_ptr_array_index (replaced, i));
  return !signaller || adopt (self, signaller);
}

/* The twin */

/* Whether it is a setting, and not a property of all elements or signallers. */
static gboolean
is_setting (const GParamSpec * pspec)
{
  return (pspec->flags & G_PARAM_READABLE) && (pspec->flags & G_PARAM_WRITABLE)
      && !(pspec->flags & G_PARAM_CONSTRUCT_ONLY)
      && pspec->owner_type != GST_TYPE_OBJECT
      && pspec->owner_type != GST_TYPE_RCAST_SIGNALLER;
}

static void
copy_setting (GObject * from, GParamSpec * pspec, GObject * to)
{
  GValue value = G_VALUE_INIT;

  if (!is_setting (pspec))
    return;
  g_value_init (&value, pspec->value_type);
  g_object_get_property (from, pspec->name, &value);
  g_object_set_property (to, pspec->name, &value);
  g_value_unset (&value);
}

static void
copy_settings (GObject * from, GObject * to)
{
  guint n;
  g_autofree GParamSpec **specs =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (from), &n);

  for (guint i = 0; i < n; i++)
    copy_setting (from, specs[i], to);
}

/* Asks the handlers of the first signaller, as an application connects to that one. */
static gchar *
on_twin_requests_token (GstRcastSignaller * twin, const gchar * location,
    GstRcastSignaller * first)
{
  gchar *token = NULL;

  g_signal_emit_by_name (first, "request-token", location, &token);
  return token;
}

/* Returns: (transfer full) (nullable): a factory for signallers like @signaller; there is none
 * for a type that is not registered as an element */
static GstElementFactory *
find_factory (GstRcastSignaller * signaller, const gchar * scheme)
{
  GstElementFactory *own =
      gst_element_get_factory (GST_ELEMENT (signaller));
  g_autoptr (GstElementFactory) factory = own ? gst_object_ref (own) :
      gst_rcast_schemes_find_factory (scheme,
      gst_rcast_signaller_get_direction (signaller));

  return factory && gst_element_factory_get_element_type (factory)
      == G_OBJECT_TYPE (signaller) ? g_steal_pointer (&factory) : NULL;
}

/* Returns: (transfer full) (nullable) */
static GstRcastSignaller *
make_twin (GstRcastSignaller * first, const gchar * scheme)
{
  g_autoptr (GstElementFactory) factory = find_factory (first, scheme);
  g_autofree gchar *name =
      g_strconcat (GST_OBJECT_NAME (first), "-twin", NULL);
  GstRcastSignaller *twin = make_with (factory, name);

  if (!twin)
    return NULL;
  gst_rcast_signaller_set_direction (twin,
      gst_rcast_signaller_get_direction (first));
  copy_settings (G_OBJECT (first), G_OBJECT (twin));
  g_signal_connect_object (first, "notify", G_CALLBACK (copy_setting), twin, 0);
  g_signal_connect_object (twin, "request-token",
      G_CALLBACK (on_twin_requests_token), first, 0);
  return twin;
}

/* OBJECT_LOCK. Returns: (transfer none) (nullable): the first signaller, if it has no twin */
static GstRcastSignaller *
find_single (GstRcastSpeakers * self, const gchar * scheme)
{
  const Speaker *speaker = find (self, scheme);

  return speaker && !speaker->signallers[TWIN] ?
      speaker->signallers[FIRST] : NULL;
}

/* Makes the twin when it is first needed. */
static void
provide_twin (GstRcastSpeakers * self, const gchar * scheme)
{
  g_autoptr (GstRcastSignaller) first = NULL, twin = NULL;
  gboolean wanted;

  GST_OBJECT_LOCK (self);
  first = find_single (self, scheme);
  if (first)
    gst_object_ref (first);
  GST_OBJECT_UNLOCK (self);
  twin = first ? make_twin (first, scheme) : NULL;
  if (!twin)
    return;
  GST_OBJECT_LOCK (self);
  wanted = find_single (self, scheme) == first;
  if (wanted)
    find (self, scheme)->signallers[TWIN] = gst_object_ref (twin);
  GST_OBJECT_UNLOCK (self);
  if (!wanted)
    return;
  listen_for_streams (self, twin);
  add_to_bin (self, twin);
}

/* Access */

/* Returns: (transfer full) (nullable): the signaller for @scheme that an application sees */
GstRcastSignaller *
gst_rcast_speakers_dup (GstRcastSpeakers * self, const gchar * scheme)
{
  GstRcastSignaller *signaller = NULL;
  Speaker *speaker;

  GST_OBJECT_LOCK (self);
  speaker = find (self, scheme);
  if (speaker)
    signaller = gst_object_ref (speaker->signallers[FIRST]);
  GST_OBJECT_UNLOCK (self);
  return signaller;
}

/* Returns: (transfer full) (nullable): the application's signaller, if it takes @scheme, or if
 * @scheme is %NULL */
GstRcastSignaller *
gst_rcast_speakers_dup_set (GstRcastSpeakers * self, const gchar * scheme)
{
  GstRcastSignaller *signaller = NULL;
  Speaker *speaker;

  GST_OBJECT_LOCK (self);
  speaker = scheme ? find (self, scheme) : find_set (self);
  if (speaker && speaker->set)
    signaller = gst_object_ref (speaker->signallers[FIRST]);
  GST_OBJECT_UNLOCK (self);
  return signaller;
}

/* Returns: (transfer full) (nullable): the application's signaller, if it is at its own location */
GstRcastSignaller *
gst_rcast_speakers_dup_own (GstRcastSpeakers * self)
{
  GstRcastSignaller *signaller = NULL;
  Speaker *speaker;

  GST_OBJECT_LOCK (self);
  speaker = find_set (self);
  if (speaker && !speaker->directed)
    signaller = gst_object_ref (speaker->signallers[FIRST]);
  GST_OBJECT_UNLOCK (self);
  return signaller;
}

/* Returns: (transfer full) (element-type GstRcastSignaller): all signallers */
GPtrArray *
gst_rcast_speakers_list (GstRcastSpeakers * self)
{
  GPtrArray *signallers = g_ptr_array_new_with_free_func (gst_object_unref);

  GST_OBJECT_LOCK (self);
  for (guint i = 0; i < self->speakers->len * N_PLACES; i++) {
    Speaker *speaker = g_ptr_array_index (self->speakers, i / N_PLACES);
    GstRcastSignaller *signaller = speaker->signallers[i % N_PLACES];

    if (signaller)
      g_ptr_array_add (signallers, gst_object_ref (signaller));
  }
  GST_OBJECT_UNLOCK (self);
  return signallers;
}

/* Locations */

/* Signallers that were set to one of our locations have none from now on. */
void
gst_rcast_speakers_undirect (GstRcastSpeakers * self)
{
  g_autoptr (GPtrArray) directed =
      g_ptr_array_new_with_free_func (gst_object_unref);

  GST_OBJECT_LOCK (self);
  for (guint i = 0; i < self->speakers->len; i++) {
    Speaker *speaker = g_ptr_array_index (self->speakers, i);

    if (speaker->directed)
      g_ptr_array_add (directed, gst_object_ref (speaker->signallers[FIRST]));
  }
  GST_OBJECT_UNLOCK (self);
  for (guint i = 0; i < directed->len; i++)
    gst_rcast_signaller_set_location (g_ptr_array_index (directed, i), NULL,
        NULL);
}

/* OBJECT_LOCK. @rather: (nullable): preferred, if it is free. Returns: place of a signaller that
 * is not lent; N_PLACES if there is none */
static guint
find_place (const Speaker * speaker, GstRcastSignaller * rather)
{
  guint place = N_PLACES;

  for (guint i = 0; speaker && i < N_PLACES; i++) {
    if (!speaker->signallers[i] || speaker->lent[i])
      continue;
    if (speaker->signallers[i] == rather)
      return i;
    place = MIN (place, i);
  }
  return place;
}

/* @uri: (nullable): %NULL: at its own location. Returns: (transfer full) (nullable) */
static GstRcastSignaller *
take_place (GstRcastSpeakers * self, const gchar * scheme, const gchar * uri,
    GstRcastSignaller * rather)
{
  GstRcastSignaller *signaller = NULL;
  Speaker *speaker;
  guint place;

  GST_OBJECT_LOCK (self);
  speaker = uri ? find (self, scheme) : find_set (self);
  if (speaker && !uri && speaker->directed)
    speaker = NULL;
  place = find_place (speaker, rather);
  if (place < N_PLACES) {
    speaker->directed |= uri != NULL;
    speaker->lent[place] = TRUE;
    signaller = gst_object_ref (speaker->signallers[place]);
  }
  GST_OBJECT_UNLOCK (self);
  return signaller;
}

/**
 * gst_rcast_speakers_direct:
 * @uri: a location of @scheme
 *
 * Returns: (transfer full) (nullable): the signaller that an application sees, at that location,
 *   without a session
 */
GstRcastSignaller *
gst_rcast_speakers_direct (GstRcastSpeakers * self, const gchar * scheme,
    const gchar * uri, GError ** error)
{
  g_autoptr (GstRcastSignaller) signaller =
      gst_rcast_speakers_dup (self, scheme);
  Speaker *speaker;

  GST_OBJECT_LOCK (self);
  speaker = find (self, scheme);
  if (speaker)
    speaker->directed = TRUE;
  GST_OBJECT_UNLOCK (self);
  return signaller && gst_rcast_signaller_set_location (signaller, uri, error) ?
      g_steal_pointer (&signaller) : NULL;
}

/* State that no property shows may have changed since the last session. */
static void
pair (GstRcastSpeakers * self, const gchar * scheme,
    GstRcastSignaller * signaller)
{
  g_autoptr (GstRcastSignaller) first = gst_rcast_speakers_dup (self, scheme);

  if (first && first != signaller)
    gst_rcast_signaller_pair (first, signaller);
}

/* OBJECT_LOCK */
static gboolean
is_of (const Speaker * speaker, GstRcastSignaller * signaller)
{
  for (guint i = 0; speaker && signaller && i < N_PLACES; i++)
    if (speaker->signallers[i] == signaller)
      return TRUE;
  return FALSE;
}

/* Returns: whether one more session is possible, or one that replaces that of @spare (nullable) */
gboolean
gst_rcast_speakers_can_lend (GstRcastSpeakers * self, const gchar * scheme,
    GstRcastSignaller * spare)
{
  g_autoptr (GstRcastSignaller) single = NULL;
  g_autoptr (GstElementFactory) factory = NULL;
  gboolean has_place;

  GST_OBJECT_LOCK (self);
  has_place = find_place (find (self, scheme), NULL) < N_PLACES
      || is_of (find (self, scheme), spare);
  single = find_single (self, scheme);
  if (single)
    gst_object_ref (single);
  GST_OBJECT_UNLOCK (self);
  if (!has_place && single)
    factory = find_factory (single, scheme);
  return has_place || factory != NULL;
}

static void
pass_uplink (GstRcastSpeakers * self, GstRcastSignaller * signaller)
{
  g_autofree gchar *uplink = NULL;

  GST_OBJECT_LOCK (self);
  uplink = g_strdup (self->uplink);
  GST_OBJECT_UNLOCK (self);
  gst_rcast_signaller_set_uplink (signaller, uplink);
}

/**
 * gst_rcast_speakers_lend:
 * @scheme: (nullable): the protocol
 * @uri: (nullable): the location; %NULL: the application's signaller at its own location
 * @rather: (nullable): preferred signaller, whose connection may still be open; used if it is
 *   free
 *
 * Returns: (transfer full) (nullable): a signaller without a session, until
 *   gst_rcast_speakers_give_back(); with @error if it does not take @uri
 */
GstRcastSignaller *
gst_rcast_speakers_lend (GstRcastSpeakers * self, const gchar * scheme,
    const gchar * uri, GstRcastSignaller * rather, GError ** error)
{
  g_autoptr (GstRcastSignaller) signaller =
      take_place (self, scheme, uri, rather);

  if (!signaller && uri) {
    provide_twin (self, scheme);
    signaller = take_place (self, scheme, uri, rather);
  }
  if (!signaller)
    return NULL;
  if (uri)
    pair (self, scheme, signaller);
  if (!uri || gst_rcast_signaller_set_location (signaller, uri, error)) {
    pass_uplink (self, signaller);
    return g_steal_pointer (&signaller);
  }
  gst_rcast_speakers_give_back (self, signaller);
  return NULL;
}

/* The session is over, or closing. @signaller: (nullable) */
void
gst_rcast_speakers_give_back (GstRcastSpeakers * self,
    GstRcastSignaller * signaller)
{
  GST_OBJECT_LOCK (self);
  for (guint i = 0; signaller && i < self->speakers->len * N_PLACES; i++) {
    Speaker *speaker = g_ptr_array_index (self->speakers, i / N_PLACES);

    if (speaker->signallers[i % N_PLACES] == signaller)
      speaker->lent[i % N_PLACES] = FALSE;
  }
  GST_OBJECT_UNLOCK (self);
}

/* Settings */

/* @token: (nullable): token for all servers without their own */
void
gst_rcast_speakers_set_token (GstRcastSpeakers * self, const gchar * token)
{
  g_autoptr (GPtrArray) signallers = gst_rcast_speakers_list (self);

  GST_OBJECT_LOCK (self);
  g_free (self->token);
  self->token = g_strdup (token);
  GST_OBJECT_UNLOCK (self);
  for (guint i = 0; i < signallers->len; i++)
    pass_token (g_ptr_array_index (signallers, i), token);
}

/* Media is sent on the interface @uplink now. */
void
gst_rcast_speakers_set_uplink (GstRcastSpeakers * self, const gchar * uplink)
{
  g_autoptr (GPtrArray) signallers = gst_rcast_speakers_list (self);

  GST_OBJECT_LOCK (self);
  g_free (self->uplink);
  self->uplink = g_strdup (uplink);
  GST_OBJECT_UNLOCK (self);
  for (guint i = 0; i < signallers->len; i++)
    pass_uplink (self, g_ptr_array_index (signallers, i));
}

/* @present, @is_default: its connect-timeout. Returns: the limit to set, 0: the default again,
 * G_MAXUINT: no change */
static guint
choose_limit (GstRcastSpeakers * self, GstRcastSignaller * signaller,
    guint present, gboolean is_default, guint several)
{
  guint limit = G_MAXUINT;

  GST_OBJECT_LOCK (self);
  for (guint i = 0; i < self->speakers->len; i++) {
    Speaker *speaker = g_ptr_array_index (self->speakers, i);

    if (speaker->signallers[FIRST] != signaller)
      continue;
    if (several > 0 && is_default && several < present)
      speaker->limit = limit = several;
    else if (several == 0 && speaker->limit) {
      limit = speaker->limit == present ? 0 : G_MAXUINT;
      speaker->limit = 0;
    }
  }
  GST_OBJECT_UNLOCK (self);
  return limit;
}

static void
limit_connecting (GstRcastSpeakers * self, GstRcastSignaller * signaller,
    guint several)
{
  GParamSpec *pspec = g_object_class_find_property
      (G_OBJECT_GET_CLASS (signaller), CONNECT_TIMEOUT);
  guint present, limit;

  if (!pspec || pspec->value_type != G_TYPE_UINT)
    return;
  g_object_get (signaller, CONNECT_TIMEOUT, &present, NULL);
  limit = choose_limit (self, signaller, present,
      present == G_PARAM_SPEC_UINT (pspec)->default_value, several);
  if (limit != G_MAXUINT)
    g_object_set (signaller, CONNECT_TIMEOUT, limit > 0 ? limit :
        G_PARAM_SPEC_UINT (pspec)->default_value, NULL);
}

/* Waits less for a server that hangs if there are others, unless the application has set the
 * timeout. Twins follow.
 * @milliseconds: the limit if there are @several servers */
void
gst_rcast_speakers_limit (GstRcastSpeakers * self, gboolean several,
    guint milliseconds)
{
  g_autoptr (GPtrArray) signallers = gst_rcast_speakers_list (self);

  for (guint i = 0; i < signallers->len; i++)
    limit_connecting (self, g_ptr_array_index (signallers, i),
        several ? milliseconds : 0);
}

/**
 * gst_rcast_speakers_new:
 * @bin: parent of the signallers; not owned
 * @direction: direction of the media
 * @callbacks: take news of the signallers
 * @data: for @callbacks; valid while @bin is alive
 */
GstRcastSpeakers *
gst_rcast_speakers_new (GstBin * bin, GstRcastDirection direction,
    const GstRcastSpeakersCallbacks * callbacks, gpointer data)
{
  GstRcastSpeakers *self = g_object_new (GST_TYPE_RCAST_SPEAKERS, NULL);

  gst_object_ref_sink (self);
  g_weak_ref_set (&self->target->bin, bin);
  self->target->callbacks = *callbacks;
  self->target->data = data;
  self->direction = direction;
  return self;
}

static void
gst_rcast_speakers_finalize (GObject * object)
{
  GstRcastSpeakers *self = GST_RCAST_SPEAKERS (object);

  for (guint i = 0; i < self->speakers->len; i++) {
    Speaker *speaker = g_ptr_array_index (self->speakers, i);

    g_signal_handlers_disconnect_by_data (speaker->signallers[FIRST],
        self->target);
  }
  g_ptr_array_unref (self->speakers);
  g_free (self->token);
  g_free (self->uplink);
  target_unref (self->target);
  G_OBJECT_CLASS (gst_rcast_speakers_parent_class)->finalize (object);
}

static void
gst_rcast_speakers_class_init (GstRcastSpeakersClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_speakers_finalize;
}

static void
gst_rcast_speakers_init (GstRcastSpeakers * self)
{
  self->target = g_atomic_rc_box_new0 (Target);
  g_weak_ref_init (&self->target->bin, NULL);
  self->speakers = g_ptr_array_new_with_free_func (speaker_free);
}
