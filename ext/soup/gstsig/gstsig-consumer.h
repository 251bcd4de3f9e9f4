/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The consumer that a producer serves: our offers, its answers, and candidates both ways. */
#pragma once

#include "gstsig-context.h"
#include "gstsig-message.h"

G_BEGIN_DECLS

typedef struct _GstsigConsumer GstsigConsumer;

/**
 * GstsigConsumerCallbacks:
 * @answered: the consumer accepted the offer
 * @refused: the consumer did not accept the first offer, because of @error
 * @failed: the consumer did not accept a later offer
 *
 * Each callback is the last thing that the consumer does. It may free the consumer.
 */
typedef struct
{
  void (*answered) (const gchar * answer, gpointer data);
  void (*refused)  (const GError * error, gpointer data);
  void (*failed)   (const GError * error, gpointer data);
} GstsigConsumerCallbacks;

/* @peer: identifier of the consumer. @session: our session with it */
GstsigConsumer * gstsig_consumer_new           (const GstsigContext  * context,
                                                const gchar          * peer,
                                                const gchar          * session,
                                                const GstsigConsumerCallbacks * callbacks,
                                                gpointer               data);
void             gstsig_consumer_free          (GstsigConsumer       * self);

const gchar *    gstsig_consumer_get_peer      (GstsigConsumer       * self);
const gchar *    gstsig_consumer_get_session   (GstsigConsumer       * self);

gboolean         gstsig_consumer_offer         (GstsigConsumer       * self,
                                                GstRcastOfferKind      kind,
                                                const gchar          * sdp,
                                                GError              ** error);
gboolean         gstsig_consumer_has_offer     (GstsigConsumer       * self);
void             gstsig_consumer_drop_offer    (GstsigConsumer       * self);
void             gstsig_consumer_add_candidate (GstsigConsumer       * self,
                                                guint                  mline,
                                                const gchar          * ufrag,
                                                const gchar          * candidate);
void             gstsig_consumer_give_way      (GstsigConsumer       * self);
void             gstsig_consumer_take          (GstsigConsumer       * self,
                                                const GstsigMessage  * message);
void             gstsig_consumer_complain      (GstsigConsumer       * self,
                                                const gchar          * complaint);

G_END_DECLS
