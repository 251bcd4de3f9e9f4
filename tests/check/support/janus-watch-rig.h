/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastjanus as a subscriber, with a scripted server. */
#pragma once

#include "janus-rig.h"

G_BEGIN_DECLS

#define FIRST "9007199254740997"
#define SECOND "9007199254740999"
#define ATTACHED(handle) SUCCESS (",\"data\":{\"id\":" handle "}")
#define MEMBER_JOINED(publishers) EVENT ("\"videoroom\":\"joined\",\"room\":1234,\"id\":" FEED \
    ",\"private_id\":77,\"publishers\":[" publishers "]", "")
#define STUDIO(id) "{\"id\":" id ",\"display\":\"studio\"}"
/* An event of @handle without a transaction */
#define SAID(handle, data, more) "{\"janus\":\"event\",\"session_id\":" SESSION \
  ",\"sender\":" handle DATA (data) more "}"
#define HEARD(data) SAID (HANDLE, "\"videoroom\":\"event\",\"room\":1234," data, "")
#define OF(handle, word, members) "{\"janus\":\"" word "\",\"session_id\":" SESSION \
  ",\"sender\":" handle members "}"

typedef struct
{
  Fixture f;
  guint offers;                 /* that the server made unasked */
} Watch;

/* @joined: the reply to the join, which lists the publishers in the room */
void  watch_init    (Watch * w, const gchar * joined);
void  watch_clear   (Watch * w);

void  run_request   (Watch * w, GstRcastOfferKind kind, Op * op);
void  run_answer    (Watch * w, Op * op);
/* The same; the operation must succeed. */
void  do_request    (Watch * w, GstRcastOfferKind kind);
void  do_answer     (Watch * w);
/* Opens the signaller, and answers the first offer. */
void  do_watch      (Watch * w);
/* Waits for the server to get @times requests @word, and fails if there are more. */
void  wait_asked    (Watch * w, const gchar * word, guint times);

G_END_DECLS
