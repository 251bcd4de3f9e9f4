/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ends sessions at a WHIP server: DELETE in the background, and its result. */
#pragma once

#include "whip-client.h"
#include "whip-memory.h"

G_BEGIN_DECLS

typedef struct _WhipEnding WhipEnding;

WhipEnding *   whip_ending_new         (WhipClient      * client,
                                        WhipMemory      * memory);
void           whip_ending_free        (WhipEnding      * ending);
void           whip_ending_opened      (WhipEnding      * ending,
                                        GUri            * url);
void           whip_ending_missed      (WhipEnding      * ending);
void           whip_ending_delete      (WhipEnding      * ending,
                                        GUri            * url);
WhipRequest *  whip_ending_delete_then (WhipEnding      * ending,
                                        GUri            * url,
                                        WhipRequestDone   then,
                                        gpointer          data);
void           whip_ending_hand_over   (WhipEnding      * ending,
                                        WhipRequest     * request);
void           whip_ending_expect_late (WhipEnding      * ending,
                                        WhipRequest     * offer);
void           whip_ending_take_rest   (WhipEnding      * ending,
                                        WhipRequest     * offer);
void           whip_ending_take_result (WhipEnding      * ending,
                                        WhipRequest     * request,
                                        GBytes          * body,
                                        const GError    * error);
void           whip_ending_close       (WhipEnding      * ending,
                                        GTask           * task);
void           whip_ending_idle        (WhipEnding      * ending);

G_END_DECLS
