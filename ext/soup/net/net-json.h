/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Strict, bounded reader for JSON from a network (RFC 8259). Pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* In bytes. An SDP as a JSON string, or a room full of publishers, takes a tenth of this. */
#define NET_JSON_MAX_SIZE (1024 * 1024)
/* Our protocols nest no deeper than message, plugindata, data, publishers, streams, one stream. */
#define NET_JSON_MAX_DEPTH 16
/* Members of one object. Each name is compared with all names before it. */
#define NET_JSON_MAX_MEMBERS 256
/* Values of a document. Each takes 40 bytes of memory. */
#define NET_JSON_MAX_VALUES (128 * 1024)

/**
 * NetJson:
 *
 * A document. It owns its values and their strings, which never change.
 */
typedef struct _NetJson NetJson;

/**
 * NetJsonValue:
 *
 * A value of a document. Functions that read a value treat %NULL, and a value of another
 * type than the expected one, as missing.
 */
typedef struct _NetJsonValue NetJsonValue;

NetJson *             net_json_parse      (const gchar         * text,
                                           gsize                 size,
                                           GError             ** error);
void                  net_json_free       (NetJson             * json);
const NetJsonValue *  net_json_get_root   (const NetJson       * json);

/* For an object */
gboolean              net_json_has        (const NetJsonValue  * object,
                                           const gchar         * name);
const NetJsonValue *  net_json_get_object (const NetJsonValue  * object,
                                           const gchar         * name);
const NetJsonValue *  net_json_get_array  (const NetJsonValue  * object,
                                           const gchar         * name);
const gchar *         net_json_get_text   (const NetJsonValue  * object,
                                           const gchar         * name);
gboolean              net_json_get_number (const NetJsonValue  * object,
                                           const gchar         * name,
                                           guint64             * number);
gboolean              net_json_get_flag   (const NetJsonValue  * object,
                                           const gchar         * name);

/* For an array */
guint                 net_json_get_length (const NetJsonValue  * array);
const NetJsonValue *  net_json_get_first  (const NetJsonValue  * array);
const NetJsonValue *  net_json_get_next   (const NetJsonValue  * element);
gboolean              net_json_is_object  (const NetJsonValue  * value);
gboolean              net_json_is_text    (const NetJsonValue  * value,
                                           const gchar         * text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetJson, net_json_free)

G_END_DECLS
