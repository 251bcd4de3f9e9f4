/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes JSON for a server, member by member. Pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void  net_print_string (GString      * out,
                        const gchar  * text);
/* Appends a member to the object at the end of @out, with a comma except for the first. @value:
 * NULL for none. */
void  net_print_name   (GString      * out,
                        const gchar  * name);
void  net_print_text   (GString      * out,
                        const gchar  * name,
                        const gchar  * value);
void  net_print_number (GString      * out,
                        const gchar  * name,
                        guint64        value);
void  net_print_flag   (GString      * out,
                        const gchar  * name,
                        gboolean       value);

G_END_DECLS
