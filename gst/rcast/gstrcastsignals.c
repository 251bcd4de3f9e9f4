/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The signals of rcastsink and rcastsrc and their documentation. */
#include "config.h"

#include "gstrcastsignals.h"

/**
 * gst_rcast_signals_install:
 * @type: type of the bin
 * @ids: (out): #GST_RCAST_N_SIGNALS of them
 * @actions: handlers of the action signals
 */
void
gst_rcast_signals_install (GType type, guint * ids,
    const GstRcastBinActions * actions)
{
  /**
   * GstRcastBin::request-token:
   * @self: the bin
   * @location: the URL that refused the present token
   *
   * A server refused the credentials (HTTP 401, Janus error 403). Return a fresh token
   * for that server, and the request is repeated with it. The signal is emitted on a
   * separate thread, where a handler may block: neither the broadcast nor a change of
   * state waits for it.
   *
   * %NULL means "not now": the request is retried with growing delays, or as soon as
   * #GstRcastBin::set-token supplies the token. An empty string means that there is no
   * token: the server is abandoned, as it is without a handler.
   *
   * Returns: (nullable) (transfer full): a fresh token
   *
   * Since: 0.1
   */
  ids[GST_RCAST_SIGNAL_REQUEST_TOKEN] = g_signal_new ("request-token",
      type, G_SIGNAL_RUN_LAST, 0, g_signal_accumulator_first_wins, NULL, NULL,
      G_TYPE_STRING, 1, G_TYPE_STRING);

  /**
   * GstRcastBin::set-token:
   * @self: the bin
   * @location: a location of the server, or the URL that
   *   #GstRcastBin::request-token named
   * @token: a fresh token
   *
   * Sets the token of one server. It is sent only to the origin (scheme, host and port)
   * of @location, and a request that waits for a token continues with it. Any thread,
   * any state.
   *
   * Since: 0.1
   */
  ids[GST_RCAST_SIGNAL_SET_TOKEN] =
      g_signal_new_class_handler ("set-token", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (actions->set_token),
      NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);

  /**
   * GstRcastBin::message-received:
   * @self: the bin
   * @type: type of the message
   * @payload: its text
   *
   * An application message arrived over the signalling connection or the data
   * channel, where @type is the text before the first line feed. Emitted on the
   * signalling thread.
   *
   * Since: 0.1
   */
  ids[GST_RCAST_SIGNAL_MESSAGE_RECEIVED] = g_signal_new ("message-received",
      type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
      G_TYPE_STRING);

  /**
   * GstRcastBin::ice-restart:
   * @self: the bin
   *
   * Gathers new candidates and moves the media to them, without a new DTLS
   * handshake. Ignored without a connection. A warning message reports a server that
   * does not support it.
   *
   * Since: 0.1
   */
  ids[GST_RCAST_SIGNAL_ICE_RESTART] =
      g_signal_new_class_handler ("ice-restart", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (actions->ice_restart),
      NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * GstRcastBin::renegotiate:
   * @self: the bin
   *
   * Makes a fresh offer of the current streams. Media continues over the present
   * connection until the new one is up. A codec change, an added pad and a removed
   * pad do the same automatically while on air. A server that takes no second offer
   * in a session gets a new session. Ignored while off air.
   *
   * Since: 0.1
   */
  ids[GST_RCAST_SIGNAL_RENEGOTIATE] =
      g_signal_new_class_handler ("renegotiate", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (actions->renegotiate),
      NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * GstRcastBin::reconnect-now:
   * @self: the bin
   *
   * Ends the wait before the next attempt to reconnect. Ignored when no attempt
   * waits.
   *
   * Since: 0.1
   */
  ids[GST_RCAST_SIGNAL_RECONNECT_NOW] =
      g_signal_new_class_handler ("reconnect-now", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (actions->reconnect_now),
      NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * GstRcastBin::send-message:
   * @self: the bin
   * @type: (nullable): kind of the message, for the receiver; no line feed
   * @payload: (nullable): its text
   * @retry_after_reconnect: whether to send it even after a time without a connection
   *
   * Sends an application message: over the data channel if #GstRcastBin:data-channel is set and
   * the server accepts it, as one text of @type, a line feed and @payload; otherwise through the
   * signalling server if it supports messages. Messages are sent in the order of the calls.
   * While there is no connection they wait: at most 1000 messages and 1 MiB, then the oldest are
   * dropped. An element message `message-dropped` reports each message that will not be sent.
   *
   * Returns: %FALSE if it can never be sent: the element is in NULL, or the message is not UTF-8
   *   or longer than 65535 bytes
   *
   * Since: 0.1
   */
  ids[GST_RCAST_SIGNAL_SEND_MESSAGE] =
      g_signal_new_class_handler ("send-message", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (actions->send_message),
      NULL, NULL, NULL, G_TYPE_BOOLEAN, 3, G_TYPE_STRING, G_TYPE_STRING,
      G_TYPE_BOOLEAN);
}
