/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON for a server, written member by member: pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void  net_print_string (GString      * out,
                        const gchar  * text);
/* Each appends a member to the object that @out ends with, with a comma if it is not the
 * first one; @value NULL: none. */
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
