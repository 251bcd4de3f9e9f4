/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lets only one of a pair of signallers register its producer at a time. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * GstsigPlace:
 *
 * Otherwise viewers would see two producers of the same name, and might choose the wrong
 * one. Any thread.
 */
typedef struct _GstsigPlace GstsigPlace;

GstsigPlace * gstsig_place_new   (void);
GstsigPlace * gstsig_place_ref   (GstsigPlace  * place);
void          gstsig_place_unref (GstsigPlace  * place);

gboolean      gstsig_place_take  (GstsigPlace  * place,
                                  gconstpointer  owner,
                                  const gchar  * location);
void          gstsig_place_leave (GstsigPlace  * place,
                                  gconstpointer  owner);

G_END_DECLS
