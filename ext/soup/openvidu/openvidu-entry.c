/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Enters an OpenVidu session: finds an unused token and joins. */
#include "config.h"

#include "openvidu-entry.h"

#include <string.h>

struct _OpenviduEntry
{
  WsLink *link;                 /* borrowed, as all up to @data */
  GstRcastNetSignaller *element;
  const OpenviduSettings *settings;
  OpenviduTokens *tokens;
  const OpenviduEntryCallbacks *callbacks;
  gpointer data;

  OpenviduTicket ticket;        /* for the join; NULL token: none yet */
  gchar *last_resort;           /* nullable: a token that was already tried */
  GCancellable *asking;         /* while the application is asked for a token */
  gboolean joining;             /* the join is pending */
  gboolean renewed;             /* the server has refused a token */
};

OpenviduEntry *
openvidu_entry_new (WsLink * link, GstRcastNetSignaller * element,
    const OpenviduSettings * settings, OpenviduTokens * tokens,
    const OpenviduEntryCallbacks * callbacks, gpointer data)
{
  OpenviduEntry *self = g_new0 (OpenviduEntry, 1);

  self->link = link;
  self->element = element;
  self->settings = settings;
  self->tokens = openvidu_tokens_ref (tokens);
  self->callbacks = callbacks;
  self->data = data;
  self->ticket.session = g_strdup (settings->ticket.session);
  self->ticket.secret = g_strdup (settings->ticket.secret);
  return self;
}

void
openvidu_entry_stop (OpenviduEntry * self)
{
  self->renewed = TRUE;         /* request no further token */
  if (self->asking)
    g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
}

void
openvidu_entry_free (OpenviduEntry * self)
{
  openvidu_entry_stop (self);
  openvidu_ticket_clear (&self->ticket);
  openvidu_tokens_unref (self->tokens);
  g_free (self->last_resort);
  g_free (self);
}

void
openvidu_entry_lost (OpenviduEntry * self)
{
  openvidu_entry_stop (self);
  self->joining = FALSE;
}

gboolean
openvidu_entry_is_joining (OpenviduEntry * self)
{
  return self->joining;
}

const gchar *
openvidu_entry_get_session (OpenviduEntry * self)
{
  return self->ticket.session;
}

/* Token */

/* Returns: (transfer full): the bare token, extracted from a token URL */
static gchar *
dup_key (const gchar * token)
{
  const gchar *at = strstr (token, "token=");

  at = at ? at + strlen ("token=") : token;
  return g_strndup (at, strcspn (at, "&"));
}

static OpenviduTokenUse
get_use (OpenviduEntry * self, const gchar * token)
{
  g_autofree gchar *key = dup_key (token);

  return openvidu_tokens_get (self->tokens, key);
}

/* @error: (nullable): NULL if there is a token */
static void
conclude (OpenviduEntry * self, const GError * error)
{
  if (error)
    self->callbacks->failed (NULL, error, self->data);
  else
    self->callbacks->ready (self->data);
}

/* Uses @token for the join, even if it was used before. */
static void
use (OpenviduEntry * self, const gchar * token)
{
  g_autoptr (GError) error = NULL;

  openvidu_ticket_parse (&self->ticket, token, self->settings->net->url,
      &error);
  conclude (self, error);
}

static GError *
new_used_up (OpenviduEntry * self, const gchar * why)
{
  return ws_link_new_error (self->link, GST_RCAST_ERROR_UNAUTHORIZED,
      "there is no token for the join: a token is for one join only%s%s; answer "
      "request-token, or set auth-token", why ? ", and " : "", why ? why : "");
}

static void
on_fresh_token (GObject * source, GAsyncResult * result, gpointer data)
{
  OpenviduEntry *self = data;
  g_autoptr (GError) error = NULL, own = NULL;
  g_autofree gchar *fresh =
      g_task_propagate_pointer (G_TASK (result), &error);
  gboolean nobody = g_error_matches (error, GST_RCAST_ERROR,
      GST_RCAST_ERROR_UNAUTHORIZED);

  /* The entry may have been freed. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->asking);
  if (fresh && get_use (self, fresh) != OPENVIDU_TOKEN_SPENT)
    use (self, fresh);
  else if (nobody && self->last_resort)
    use (self, self->last_resort);
  else if (fresh)
    own = new_used_up (self, "that of request-token was used before");
  else if (nobody)
    own = new_used_up (self, error->message);
  if (own || (error && !nobody))
    conclude (self, own ? own : error);
}

static void
ask_application (OpenviduEntry * self)
{
  const GstRcastNetSettings *net = self->settings->net;

  self->asking = g_cancellable_new ();
  gst_rcast_net_signaller_request_token (self->element, net->url, net->url,
      TRUE, net->timeout, g_task_new (self->element, self->asking,
          on_fresh_token, self));
}

/* Returns: whether @token has not been sent yet */
static gboolean
is_fresh (OpenviduEntry * self, const gchar * token)
{
  OpenviduTokenUse state;

  if (!token || !*token)
    return FALSE;
  state = get_use (self, token);
  if (state == OPENVIDU_TOKEN_TRIED && !self->last_resort)
    self->last_resort = g_strdup (token);
  return state == OPENVIDU_TOKEN_FRESH;
}

/* A token that was set later precedes that of the location. */
void
openvidu_entry_prepare (OpenviduEntry * self)
{
  const gchar *own = self->settings->ticket.token;
  g_autofree gchar *given =
      net_tokens_dup (gst_rcast_net_signaller_get_tokens (self->element),
      self->settings->net->url);

  g_clear_pointer (&self->last_resort, g_free);
  if (is_fresh (self, given))
    use (self, given);
  else if (is_fresh (self, own))
    use (self, own);
  else
    ask_application (self);
}

/* Join */

static void
mark (OpenviduEntry * self, OpenviduTokenUse state)
{
  g_autofree gchar *key = dup_key (self->ticket.token);

  openvidu_tokens_set (self->tokens, key, state);
}

static gboolean
is_about_token (const OpenviduMessage * message)
{
  return message->kind == OPENVIDU_ERROR
      && openvidu_error_classify (message->code) == GST_RCAST_ERROR_UNAUTHORIZED;
}

static void
on_joined (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  OpenviduEntry *self = data;
  const OpenviduMessage *message = answer;

  self->joining = FALSE;
  if (!message) {
    self->callbacks->failed (NULL, error, self->data);
    return;
  }
  if (message->kind == OPENVIDU_RESULT || is_about_token (message))
    mark (self, OPENVIDU_TOKEN_SPENT);
  if (message->kind == OPENVIDU_RESULT) {
    self->callbacks->joined (message, self->data);
  } else if (is_about_token (message) && !self->renewed) {
    self->renewed = TRUE;
    openvidu_entry_prepare (self);
  } else {
    self->callbacks->failed (message, NULL, self->data);
  }
}

void
openvidu_entry_join (OpenviduEntry * self)
{
  OpenviduJoin join = {
    .token = self->ticket.token,
    .session = self->ticket.session,
    .metadata = self->settings->metadata ? self->settings->metadata : "",
    .secret = self->ticket.secret ? self->ticket.secret : "",
  };

  mark (self, OPENVIDU_TOKEN_TRIED);
  self->joining = TRUE;
  openvidu_link_ask (self->link, "joinRoom", openvidu_print_join (&join),
      self->settings->net->timeout, on_joined, self);
}
