/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pending operation of a WHIP session: an offer or a restart. */
#pragma once

#include "rcast-sdp.h"
#include "whip-client.h"
#include "whip-memory.h"

G_BEGIN_DECLS

/**
 * WhipOperation:
 * @task: returns the answer; %NULL: none is pending
 * @sdp: our offer
 * @body: the offer as it is sent
 * @fragment: of a restart
 * @request: the current request
 * @timer: of an offer
 * @cancel: of @task
 * @deadline: of an offer: monotonic, us
 * @redirects: number of redirects followed
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
