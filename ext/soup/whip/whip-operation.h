/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the owner of a WHIP session waits for: one offer or restart. */
#pragma once

#include "rcast-sdp.h"
#include "whip-client.h"
#include "whip-memory.h"

G_BEGIN_DECLS

/**
 * WhipOperation:
 * @task: returns the answer; %NULL: nothing is waited for
 * @sdp: our offer
 * @body: the same, as it goes out
 * @fragment: of a restart
 * @request: the one that is out
 * @timer: of an offer
 * @cancel: of @task
 * @deadline: of an offer: monotonic, us
 * @redirects: that were followed
 * @form: of a restart
 */
typedef struct
{
  GTask *task;
  GstSDPMessage *sdp;
  GBytes *body;
  GstRcastSdpFragment *fragment;
  WhipRequest *request;
  GSource *timer, *cancel;
  gint64 deadline;
  guint redirects;
  WhipForm form;
} WhipOperation;

void whip_operation_end (WhipOperation * operation,
                         gchar         * answer,
                         GError        * error);

G_END_DECLS
