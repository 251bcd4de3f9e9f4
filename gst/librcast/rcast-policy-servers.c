/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The servers of a broadcast, as the policy knows them: which is next, and what if others are set. */
#include "config.h"

#include "rcast-policy-servers.h"

/* The next server in turn that did not refuse and may be asked now, or else the one
 * that may be asked first. @next: not the present one, if there is another */
guint
gst_rcast_policy_choose_location (const GstRcastPolicy * policy, gboolean next,
    GstClockTime now)
{
  guint n = policy->config.n_locations;
  /* One that is not listed any more has no next one. */
  guint first = policy->location >= n ? 0 : policy->location + (next ? 1 : 0);
  gint best = -1;

  for (guint i = 0; i < n; i++) {
    guint index = (first + i) % n;
    const GstRcastServerRecord *server = &policy->servers[index];

    if (server->refused)
      continue;
    if (server->held_until <= now)
      return index;
    if (best < 0 || server->held_until < policy->servers[best].held_until)
      best = index;
  }
  return best >= 0 ? best : policy->location < n ? policy->location : 0;
}

static guint
find_former (const guint * former, guint n, guint index)
{
  for (guint i = 0; i < n; i++)
    if (former[i] == index)
      return i;
  return 0;
}

/**
 * gst_rcast_policy_relocate:
 * @policy: the policy
 * @former: for each server the index that it had, %G_MAXUINT: none
 * @n: how many servers there are; of those beyond %GST_RCAST_POLICY_MAX_RECORDS none
 *   is in use
 * @n_listed: how many of them, from the first one on, there are to choose from
 *
 * The list of servers is another one: what is remembered of each moves along.
 *
 * Returns: whether the first one is another one now, or the one in use is not listed
 */
gboolean
gst_rcast_policy_relocate (GstRcastPolicy * policy, const guint * former,
    guint n, guint n_listed)
{
  GstRcastServerRecord servers[GST_RCAST_POLICY_MAX_RECORDS] = { {0} };

  n = MIN (n, GST_RCAST_POLICY_MAX_RECORDS);
  for (guint i = 0; i < n; i++)
    if (former[i] < GST_RCAST_POLICY_MAX_RECORDS)
      servers[i] = policy->servers[former[i]];
  memcpy (policy->servers, servers, sizeof servers);
  policy->location = find_former (former, n, policy->location);
  policy->second_location = find_former (former, n, policy->second_location);
  policy->config.n_locations =
      CLAMP (n_listed, 1, GST_RCAST_POLICY_MAX_LOCATIONS);
  return former[0] != 0 || policy->location >= n_listed;
}
