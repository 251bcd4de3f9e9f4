/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stories of the policy: rows of {time, event, expected state, expected actions}. */
#include "config.h"

#include "policy-story.h"

const GstRcastPolicyConfig policy_config = {
  .settle = MS (100),
  .signalling_timeout = MS (30000),
  .connect_timeout = MS (10000),
  .disconnected_timeout = MS (2000),
  .restart_timeout = MS (8000),
  .renegotiate_timeout = MS (10000),
  .resume_timeout = MS (10000),
  .confirm_timeout = MS (10000),
  .recovery_timeout = MS (25000),
  .failback_interval = MS (30000),
  .probe_interval = MS (500),
  .stable_time = MS (5000),
  .close_timeout = MS (3000),
  .min_delay = MS (500),
  .max_delay = MS (8000),
  .retry_after_max = MS (60000),
  .max_retries = -1,
  .n_locations = 1,
  .rejoin_on_evict = TRUE,
};

void
policy_story_play (const PolicyStory * story)
{
  GstRcastPolicyConfig own = policy_config;
  GstRcastPolicy policy;

  own.max_retries = story->max_retries;
  own.n_locations = story->n_locations;
  own.rejoin_on_evict = !story->no_rejoin;
  own.reconnect_media = story->reconnect_media;
  own.give_up = story->give_up;
  gst_rcast_policy_init (&policy, &own);
  for (const PolicyRow * row = story->rows; row == story->rows || row->at_ms
      || row->event; row++) {
    GstRcastEvent event = {
      .type = row->event,
      .fatal = row->fatal,
      .busy = row->busy,
      .unusable = row->unusable,
      .restarted = row->restarted,
      .same_address = row->same_address,
      .fewer = row->fewer,
      .unreachable = row->unreachable,
      .static_reports = row->static_reports,
      .lag = MS (row->lag_ms),
      .reason = row->told,
      .retry_after = MS (row->retry_after_ms),
    };
    GstRcastAbilities abilities = {
      .can_restart = row->can_restart,
      .can_renegotiate = row->can_renegotiate,
      .can_resume = row->can_resume,
      .outdated = row->outdated,
      .can_probe = story->probe,
      .resume_time = story->resume_s * GST_SECOND,
    };
    GstRcastStep step;

    gst_rcast_policy_step (&policy, &event, &abilities, G_MAXUINT32,
        MS (row->at_ms), &step);
    fail_unless (policy.state == row->state, "%s, row %d: state %d",
        story->name, (gint) (row - story->rows), policy.state);
    fail_unless (step.actions == row->actions, "%s, row %d: actions %x",
        story->name, (gint) (row - story->rows), step.actions);
    fail_unless (policy.status == row->status, "%s, row %d: status %d",
        story->name, (gint) (row - story->rows), policy.status);
    fail_unless (policy.deadline == (row->deadline_ms == NEVER ?
            GST_CLOCK_TIME_NONE : MS (row->deadline_ms)),
        "%s, row %d: deadline %" GST_TIME_FORMAT, story->name,
        (gint) (row - story->rows), GST_TIME_ARGS (policy.deadline));
    fail_unless (policy.probe_at == (row->probe_ms == 0 ?
            GST_CLOCK_TIME_NONE : MS (row->probe_ms)),
        "%s, row %d: looks at %" GST_TIME_FORMAT, story->name,
        (gint) (row - story->rows), GST_TIME_ARGS (policy.probe_at));
    fail_unless (!row->strategy || step.strategy == row->strategy,
        "%s, row %d: strategy %d", story->name, (gint) (row - story->rows),
        step.strategy);
    fail_unless (!row->reason || step.reason == row->reason,
        "%s, row %d: reason %d", story->name, (gint) (row - story->rows),
        step.reason);
    fail_unless (!row->skipped || step.skipped == row->skipped,
        "%s, row %d: skipped %x", story->name, (gint) (row - story->rows),
        step.skipped);
    fail_unless (!row->attempt || step.attempt == row->attempt,
        "%s, row %d: attempt %u", story->name, (gint) (row - story->rows),
        step.attempt);
    fail_unless (!row->outage_ms || step.outage == MS (row->outage_ms),
        "%s, row %d: outage %" GST_TIME_FORMAT, story->name,
        (gint) (row - story->rows), GST_TIME_ARGS (step.outage));
    fail_unless (!row->location || step.location == row->location,
        "%s, row %d: location %u", story->name, (gint) (row - story->rows),
        step.location);
  }
}
