/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prints the policy's table for docs/state-machine.md. */
#include "config.h"

#include "policy-print.h"

#include "rcast-enumtypes.h"
#include "rcast-nick.h"
#include "rcast-policy-second.h"
#include "rcast-policyenums.h"

/* A word and its meaning */
typedef struct
{
  const gchar *word, *meaning;
} Word;

/* *INDENT-OFF* */
#define WORD(name, word, meaning) {word, meaning},
static const Word guards[] = { GST_RCAST_POLICY_GUARDS (WORD) };
static const Word second_guards[] = { GST_RCAST_SECOND_GUARDS (WORD) };
static const Word waits[] = { GST_RCAST_POLICY_WAITS (WORD) };
static const Word effects[] = { GST_RCAST_POLICY_EFFECTS (WORD) };
static const Word rungs[] = { {"", ""}, GST_RCAST_POLICY_RUNGS (WORD) };
#undef WORD

#define HANG_UP (GST_RCAST_ACTION_CLOSE_GATES | GST_RCAST_ACTION_DROP_PEER \
    | GST_RCAST_ACTION_CLOSE_SIGNALLER)
#define S(state) (1u << GST_RCAST_STATE_ ## state)
/* The sets that have a name on the page, largest first */
static const struct
{
  guint32 states;
  const gchar *word;
} sets[] = {
  {(S(FAILED) << 1) - 1, "any"},
  {S(SIGNALLING) | S(NEGOTIATING) | S(CONNECTING) | S(CONNECTED) | S(LIVE) | S(UPDATING) | S(DISRUPTED)
    | S(RESTARTING) | S(RENEGOTIATING) | S(DETACHED) | S(RESUMING) | S(HOLDING) | S(REATTACHING),
    "in session"},
};
#undef S
/* *INDENT-ON* */

static void
append_listed (GString * text, const gchar * word)
{
  g_string_append_printf (text, "%s%s", text->len ? ", " : "", word);
}

static gchar *
list_states (guint32 states)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; states >> i; i++)
    if (states & (1u << i))
      append_listed (text, gst_rcast_nick (GST_TYPE_RCAST_STATE, i));
  return g_string_free (text, FALSE);
}

/* Returns: (transfer full): "in session but signalling" */
gchar *
policy_print_states (guint32 states)
{
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++) {
    guint32 missing = sets[i].states & ~states;
    g_autofree gchar *but = list_states (missing);

    if ((states & ~sets[i].states) || __builtin_popcount (missing) > 2)
      continue;
    return missing ? g_strdup_printf ("%s but %s", sets[i].word, but) :
        g_strdup (sets[i].word);
  }
  return list_states (states);
}

/* Returns: (transfer full) */
gchar *
policy_print_events (guint64 events)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; events >> i; i++)
    if (events & (G_GUINT64_CONSTANT (1) << i))
      append_listed (text, gst_rcast_nick (GST_TYPE_RCAST_EVENT_TYPE, i));
  return g_string_free (text, FALSE);
}

static gchar *
print_bits (const Word * words, guint64 bits)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < 64 && bits >> i; i++)
    if (bits & (G_GUINT64_CONSTANT (1) << i))
      append_listed (text, words[i].word);
  return g_string_free (text, FALSE);
}

/* Returns: (transfer full) */
gchar *
policy_print_guards (guint64 bits)
{
  return print_bits (guards, bits);
}

/* Prints the three actions that end a session as one word. */
static gchar *
print_actions (guint actions)
{
  gboolean hangs_up = (actions & HANG_UP) == HANG_UP;
  guint others = hangs_up ? actions & ~HANG_UP : actions;
  g_autofree gchar *names = g_flags_to_string (GST_TYPE_RCAST_ACTIONS, others);
  g_auto (GStrv) flags = g_strsplit (names, " | ", -1);
  GString *text = g_string_new (hangs_up ? "hang-up" : NULL);

  for (guint i = 0; others && flags[i]; i++) {
    g_autofree gchar *word =
        g_ascii_strdown (flags[i] + strlen ("GST_RCAST_ACTION_"), -1);

    append_listed (text, g_strdelimit (word, "_", '-'));
  }
  return g_string_free (text, FALSE);
}

/* "live (on air)", "= (unchanged)" */
static gchar *
print_next (const GstRcastMove * move)
{
  const gchar *next = move->next == GST_RCAST_STATE_SAME ? "=" :
      gst_rcast_nick (GST_TYPE_RCAST_STATE, move->next);

  if (move->wait == GST_RCAST_WAIT_KEEP)
    return g_strdup (next);
  return g_strdup_printf ("%s (%s)", next, waits[move->wait].word);
}

static gchar *
print_target (const GstRcastRow * row)
{
  if (row->from == GST_RCAST_RUNG_NONE)
    return print_next (&row->move);
  if (row->from == row->to)
    return g_strdup_printf ("ladder: %s", rungs[row->from].word);
  return g_strdup_printf ("ladder: %s to %s", rungs[row->from].word,
      rungs[row->to].word);
}

static void
print_move (GString * text, const GstRcastMove * move)
{
  g_autofree gchar *counted = print_bits (effects, move->effects);
  g_autofree gchar *actions = print_actions (move->actions);

  g_string_append_printf (text, " %s | %s | %s |\n", actions, counted,
      move->reason ? gst_rcast_nick (GST_TYPE_RCAST_REASON, move->reason) : "");
}

static void
print_row (GString * text, const GstRcastRow * row)
{
  g_autofree gchar *states = policy_print_states (row->states);
  g_autofree gchar *events = policy_print_events (row->events);
  g_autofree gchar *conditions = policy_print_guards (row->guards);
  g_autofree gchar *target = print_target (row);

  g_string_append_printf (text, "| %s | %s | %s | %s |", states, events,
      conditions, target);
  print_move (text, &row->move);
}

static void
print_topic (GString * text, const GstRcastTopic * topic)
{
  g_string_append_printf (text, "\n## %s\n\n"
      "| in | on | if | goes to (deadline) | does | counts | reason |\n"
      "|---|---|---|---|---|---|---|\n", topic->title);
  for (guint i = 0; i < topic->n_rows; i++)
    print_row (text, &topic->rows[i]);
}

static void
print_ladder (GString * text)
{
  g_string_append (text, "\n## The ladder\n\n"
      "| rung | if | goes to (deadline) | does | counts | reason |\n"
      "|---|---|---|---|---|---|\n");
  for (guint i = GST_RCAST_RUNG_NONE + 1; i < GST_RCAST_N_RUNGS; i++) {
    const GstRcastRungRow *rung = &gst_rcast_policy_ladder[i];
    g_autofree gchar *conditions = policy_print_guards (rung->guards);
    g_autofree gchar *target = print_next (&rung->move);

    g_string_append_printf (text, "| %s: %s | %s | %s |", rungs[i].word,
        rungs[i].meaning, conditions, target);
    print_move (text, &rung->move);
  }
}

static void
print_words (GString * text, const gchar * title, const gchar * column,
    const Word * words, guint n)
{
  g_string_append_printf (text, "\n## %s\n\n| %s | meaning |\n|---|---|\n",
      title, column);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "| %s | %s |\n", words[i].word,
        words[i].meaning);
}

/* Leaves out the moves to closing and idle: all states but failed have them, and the text says
 * so once. */
static gboolean
is_drawn (guint from, gint to)
{
  return to != GST_RCAST_STATE_SAME && (guint) to != from
      && to != GST_RCAST_STATE_CLOSING && to != GST_RCAST_STATE_IDLE;
}

static void
draw_states (GString * text, guint from)
{
  guint32 drawn = 0;
  gboolean climbs = FALSE;

  for (guint i = 0; i < gst_rcast_policy_n_topics; i++)
    for (guint j = 0; j < gst_rcast_policy_topics[i].n_rows; j++) {
      const GstRcastRow *row = &gst_rcast_policy_topics[i].rows[j];

      if (!(row->states & (1u << from)))
        continue;
      climbs |= row->from != GST_RCAST_RUNG_NONE;
      if (is_drawn (from, row->move.next))
        drawn |= 1u << row->move.next;
    }
  for (guint to = 0; drawn >> to; to++)
    if (drawn & (1u << to))
      g_string_append_printf (text, "    %s --> %s\n",
          gst_rcast_nick (GST_TYPE_RCAST_STATE, from),
          gst_rcast_nick (GST_TYPE_RCAST_STATE, to));
  if (climbs)
    g_string_append_printf (text, "    %s --> ladder\n",
        gst_rcast_nick (GST_TYPE_RCAST_STATE, from));
}

static void
draw (GString * text)
{
  g_string_append (text, "```mermaid\nstateDiagram-v2\n"
      "    state ladder <<choice>>\n    [*] --> idle\n");
  for (guint i = 0; i <= GST_RCAST_STATE_FAILED; i++)
    draw_states (text, i);
  for (guint i = GST_RCAST_RUNG_NONE + 1; i < GST_RCAST_N_RUNGS; i++)
    g_string_append_printf (text, "    ladder --> %s: %s\n",
        gst_rcast_nick (GST_TYPE_RCAST_STATE,
            gst_rcast_policy_ladder[i].move.next), rungs[i].word);
  g_string_append (text, "```\n");
}

static gchar *
list_seconds (guint seconds)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; seconds >> i; i++)
    if (seconds & (1u << i))
      append_listed (text, gst_rcast_nick (GST_TYPE_RCAST_SECOND, i));
  return g_string_free (text, FALSE);
}

static gboolean
is_promotion (const GstRcastSecondRow * row)
{
  return row->main && (row->main->actions & GST_RCAST_ACTION_PROMOTE);
}

/* The next state of the second attempt */
static const gchar *
name_end (const GstRcastSecondRow * row)
{
  return is_promotion (row) ? "promoted" :
      row->next == GST_RCAST_SECOND_SAME ? "=" :
      row->next == GST_RCAST_SECOND_SOONER ? "= (sooner)" :
      row->next == GST_RCAST_SECOND_WAITING ? "waiting (now)" :
      gst_rcast_nick (GST_TYPE_RCAST_SECOND, row->next);
}

static void
draw_second_row (GString * text, const GstRcastSecondRow * row)
{
  if (row->next < 0 || row->next == GST_RCAST_SECOND_WAITING)
    return;
  for (guint i = 0; row->seconds >> i; i++) {
    g_autofree gchar *line = g_strdup_printf ("    %s --> %s\n",
        gst_rcast_nick (GST_TYPE_RCAST_SECOND, i), name_end (row));

    if ((row->seconds & (1u << i)) && !strstr (text->str, line))
      g_string_append (text, line);
  }
}

/* Some edges are literal: the rows of the main attempt, not these, tell how a second attempt
 * starts and that it replaces a failed main attempt. */
static void
draw_second (GString * all)
{
  g_autoptr (GString) text = g_string_new ("\n```mermaid\nstateDiagram-v2\n"
      "    [*] --> none\n    none --> waiting: main hesitates\n"
      "    none --> signalling: failback, move\n"
      "    waiting --> signalling\n    waiting --> none\n"
      "    promoted --> [*]\n");

  for (guint i = 0; i < gst_rcast_policy_n_second_rows; i++)
    draw_second_row (text, &gst_rcast_policy_second_rows[i]);
  g_string_append_printf (all, "%s```\n", text->str);
}

static void
print_second_row (GString * text, const GstRcastSecondRow * row)
{
  g_autofree gchar *seconds = list_seconds (row->seconds);
  g_autofree gchar *events = policy_print_events (row->events);
  g_autofree gchar *conditions = print_bits (second_guards, row->guards);
  g_autofree gchar *next = row->main ? print_next (row->main) : g_strdup ("=");
  g_autofree gchar *actions = print_actions (row->actions
      | (row->main ? row->main->actions : 0));
  g_autofree gchar *counted = print_bits (effects,
      row->main ? row->main->effects : 0);

  g_string_append_printf (text, "| %s | %s | %s | %s | %s | %s | %s |\n",
      seconds, events, conditions, name_end (row), next, actions, counted);
}

static void
print_second (GString * text)
{
  g_string_append (text, "\n## What becomes of a second attempt?\n");
  draw_second (text);
  g_string_append (text, "\n"
      "| second | on | if | second goes to | main goes to (deadline) | does | counts |\n"
      "|---|---|---|---|---|---|---|\n");
  for (guint i = 0; i < gst_rcast_policy_n_second_rows; i++)
    print_second_row (text, &gst_rcast_policy_second_rows[i]);
}

/* Returns: (transfer full): the diagrams and tables as Markdown */
gchar *
policy_print (void)
{
  GString *text = g_string_new (NULL);

  draw (text);
  print_ladder (text);
  for (guint i = 0; i < gst_rcast_policy_n_topics; i++)
    print_topic (text, &gst_rcast_policy_topics[i]);
  print_second (text);
  print_words (text, "Conditions", "if", guards, G_N_ELEMENTS (guards));
  print_words (text, "Conditions of a second attempt", "if", second_guards,
      G_N_ELEMENTS (second_guards));
  print_words (text, "Deadlines", "deadline", waits, G_N_ELEMENTS (waits));
  print_words (text, "Counters", "counts", effects, G_N_ELEMENTS (effects));
  return g_string_free (text, FALSE);
}
