/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* URI schemes, and the installed signaller of each, by the registry: nothing is loaded. */
#include "config.h"

#include "gstrcastschemes.h"

#include "rcast-signaller.h"

/* Returns: (transfer full) (nullable): the scheme in lower case; NULL if it is no URI */
gchar *
gst_rcast_schemes_parse (const gchar * location)
{
  g_autofree gchar *scheme = g_uri_parse_scheme (location);

  return scheme ? g_ascii_strdown (scheme, -1) : NULL;
}

static GStrv
factory_schemes (GstPluginFeature * feature)
{
  const gchar *list = GST_IS_ELEMENT_FACTORY (feature) ?
      gst_element_factory_get_metadata (GST_ELEMENT_FACTORY (feature),
      GST_RCAST_SIGNALLER_METADATA_PROTOCOLS) : NULL;

  return list ? g_strsplit (list, ",", -1) : NULL;
}

/* A signaller sends unless its metadata says otherwise. */
static gboolean
factory_can (GstPluginFeature * feature, GstRcastDirection direction)
{
  const gchar *list =
      gst_element_factory_get_metadata (GST_ELEMENT_FACTORY (feature),
      GST_RCAST_SIGNALLER_METADATA_DIRECTIONS);
  g_auto (GStrv) directions = g_strsplit (list ? list : "send", ",", -1);

  return g_strv_contains ((const gchar * const *) directions,
      direction == GST_RCAST_DIRECTION_SEND ? "send" : "receive");
}

typedef struct
{
  const gchar *scheme;          /* NULL: any */
  GstRcastDirection direction;
} Wanted;

static gboolean
factory_speaks (GstPluginFeature * feature, gpointer data)
{
  const Wanted *wanted = data;
  g_auto (GStrv) schemes = factory_schemes (feature);

  return schemes && factory_can (feature, wanted->direction)
      && (!wanted->scheme
      || g_strv_contains ((const gchar * const *) schemes, wanted->scheme));
}

static GList *
find_all (const gchar * scheme, GstRcastDirection direction)
{
  Wanted wanted = { scheme, direction };

  return gst_registry_feature_filter (gst_registry_get (), factory_speaks,
      FALSE, &wanted);
}

/* Returns: (transfer full) (nullable): factory of the signaller with the highest rank */
GstElementFactory *
gst_rcast_schemes_find_factory (const gchar * scheme,
    GstRcastDirection direction)
{
  GList *found = find_all (scheme, direction);
  GstElementFactory *factory = NULL;

  found = g_list_sort (found, gst_plugin_feature_rank_compare_func);
  if (found)
    factory = gst_object_ref (found->data);
  gst_plugin_feature_list_free (found);
  return factory;
}

/* Returns: (transfer full): all installed schemes, as text */
static gchar *
list_schemes (GstRcastDirection direction)
{
  GList *found = find_all (NULL, direction);
  GString *text = g_string_new (NULL);

  for (GList * l = found; l; l = l->next) {
    g_auto (GStrv) schemes = factory_schemes (l->data);

    for (guint i = 0; schemes[i]; i++)
      g_string_append_printf (text, "%s%s://", text->len ? ", " : "",
          schemes[i]);
  }
  gst_plugin_feature_list_free (found);
  return g_string_free (text, FALSE);
}

/* Explains why there is no signaller for @scheme in that @direction. @scheme: (nullable): no URI
 * Returns: (transfer full): a sentence */
gchar *
gst_rcast_schemes_explain (const gchar * scheme, GstRcastDirection direction)
{
  g_autofree gchar *known = list_schemes (direction);
  gboolean sends = direction == GST_RCAST_DIRECTION_SEND;
  g_autoptr (GstElementFactory) other = scheme ?
      gst_rcast_schemes_find_factory (scheme, !direction) : NULL;

  if (other)
    return g_strdup_printf ("%s:// only %s: it is for %s", scheme,
        sends ? "receives" : "sends", sends ? "rcastsrc" : "rcastsink");
  return g_strdup_printf ("%s; installed are %s", scheme ?
      "no signaller is installed for its scheme" : "it is not a URI",
      *known ? known : "none");
}
