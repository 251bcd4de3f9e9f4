/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* URI schemes, and which signaller is installed for each: by the registry, without loading it. */
#include "config.h"

#include "gstrcastschemes.h"

#include "rcast-signaller.h"

/* Returns: (transfer full) (nullable): in lower case; NULL if it is no URI */
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

/* @scheme: (nullable): any */
static gboolean
factory_speaks (GstPluginFeature * feature, gpointer scheme)
{
  g_auto (GStrv) schemes = factory_schemes (feature);

  return schemes && (!scheme
      || g_strv_contains ((const gchar * const *) schemes, scheme));
}

/* Returns: (transfer full) (nullable): of the signaller that ranks highest */
GstElementFactory *
gst_rcast_schemes_find_factory (const gchar * scheme)
{
  GList *found = gst_registry_feature_filter (gst_registry_get (),
      factory_speaks, FALSE, (gpointer) scheme);
  GstElementFactory *factory = NULL;

  found = g_list_sort (found, gst_plugin_feature_rank_compare_func);
  if (found)
    factory = gst_object_ref (found->data);
  gst_plugin_feature_list_free (found);
  return factory;
}

/* Returns: (transfer full): all that are installed, for a person */
gchar *
gst_rcast_schemes_list (void)
{
  GList *found = gst_registry_feature_filter (gst_registry_get (),
      factory_speaks, FALSE, NULL);
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
