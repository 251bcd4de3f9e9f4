/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bearer tokens, one per location, and requests for fresh ones to the application. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * NetTokens:
 *
 * A token belongs to an origin: scheme, host and port of a URL. Each location of an origin
 * has its own token. Other URLs of the origin use the token that was set last. Origins
 * without a token use the default token, which the application sets without naming a
 * server. Any thread, unless stated otherwise.
 */
typedef struct _NetTokens NetTokens;

/**
 * NetTokensAsk:
 * @owner: as given to net_tokens_request()
 * @location: the URL that refused the present token
 *
 * Requests a token from the application, on a separate thread that may block.
 *
 * Returns: (nullable) (transfer full): a token; %NULL: not now; "": there is none
 */
typedef gchar * (*NetTokensAsk) (GObject * owner, const gchar * location);

NetTokens *  net_tokens_new         (void);
NetTokens *  net_tokens_ref         (NetTokens     * tokens);
void         net_tokens_unref       (NetTokens     * tokens);
void         net_tokens_set_default (NetTokens     * tokens,
                                     const gchar   * token);
void         net_tokens_set         (NetTokens     * tokens,
                                     GUri          * url,
                                     const gchar   * token);
gchar *      net_tokens_dup         (NetTokens     * tokens,
                                     GUri          * url);
gchar *      net_tokens_dup_own     (NetTokens     * tokens,
                                     GUri          * url);
void         net_tokens_request     (NetTokens     * tokens,
                                     GUri          * url,
                                     GUri          * location,
                                     gboolean        keep,
                                     guint           ms,
                                     NetTokensAsk    ask,
                                     GTask         * task);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetTokens, net_tokens_unref)

G_END_DECLS
