/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Strict, bounded reader for JSON from a network (RFC 8259). Pure. */
#include "config.h"

#include "net-json.h"

#include <string.h>

#include "rcast-error.h"

typedef enum
{
  NULL_VALUE,
  FALSE_VALUE,
  TRUE_VALUE,
  NUMBER,                       /* negative, or with a fraction or an exponent */
  WHOLE,
  STRING,
  ARRAY,
  OBJECT,
} Type;

/* Values are in document order: the contents of an array or an object follow directly. */
struct _NetJsonValue
{
  Type type;
  guint next;                   /* distance to the next sibling, 0: last */
  guint length;                 /* of an array or object */
  const gchar *name;            /* of a member; NULL: not a member */
  union
  {
    const gchar *text;
    guint64 number;
  } content;
};

struct _NetJson
{
  gchar *text;                  /* the document; its strings are decoded in place */
  GArray *values;               /* of NetJsonValue */
};

typedef struct
{
  gchar *start, *at, *end;      /* *end is NUL */
  GArray *values;
  guint depth;
  const gchar *fault;           /* the error at @at; NULL: none yet */
} Reader;

/* Reader. Each function returns whether it succeeded, and otherwise sets the fault. */

static gboolean
fail (Reader * reader, const gchar * fault)
{
  if (!reader->fault)
    reader->fault = fault;
  return FALSE;
}

static void
skip_space (Reader * reader)
{
  while (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\r'
      || *reader->at == '\n')
    reader->at++;
}

static gboolean
take (Reader * reader, gchar c)
{
  if (*reader->at != c)
    return FALSE;
  reader->at++;
  return TRUE;
}

static gboolean
take_word (Reader * reader, const gchar * word)
{
  gsize length = strlen (word);

  if (strncmp (reader->at, word, length) != 0)
    return FALSE;
  reader->at += length;
  return TRUE;
}

static gboolean
take_digits (Reader * reader)
{
  if (!g_ascii_isdigit (*reader->at))
    return fail (reader, "no digit");
  while (g_ascii_isdigit (*reader->at))
    reader->at++;
  return TRUE;
}

/* Digits that fit into 64 bits, so that no identifier is changed. */
static gboolean
read_whole (Reader * reader, const gchar * from, gboolean negative,
    NetJsonValue * value)
{
  guint64 number = 0;

  for (const gchar * p = from; p < reader->at; p++) {
    guint digit = *p - '0';

    if (number > (G_MAXUINT64 - digit) / 10)
      return fail (reader, "number is too large");
    number = number * 10 + digit;
  }
  if (negative && number > (guint64) G_MAXINT64 + 1)
    return fail (reader, "number is too large");
  value->type = negative && number > 0 ? NUMBER : WHOLE;
  value->content.number = number;
  return TRUE;
}

static gboolean
read_number (Reader * reader, NetJsonValue * value)
{
  gboolean negative = take (reader, '-'), whole = TRUE;
  const gchar *digits = reader->at;

  if (!take (reader, '0') && !take_digits (reader))
    return FALSE;
  if (take (reader, '.')) {
    whole = FALSE;
    if (!take_digits (reader))
      return FALSE;
  }
  if (take (reader, 'e') || take (reader, 'E')) {
    whole = FALSE;
    if (!take (reader, '+'))
      take (reader, '-');
    if (!take_digits (reader))
      return FALSE;
  }
  value->type = NUMBER;
  return !whole || read_whole (reader, digits, negative, value);
}

/* The four digits of `\u`. */
static gboolean
read_unit (Reader * reader, gunichar * unit)
{
  *unit = 0;
  for (guint i = 0; i < 4; i++, reader->at++) {
    if (!g_ascii_isxdigit (*reader->at))
      return fail (reader, "no four hexadecimal digits");
    *unit = *unit * 16 + g_ascii_xdigit_value (*reader->at);
  }
  return TRUE;
}

/* RFC 8259 7: characters beyond 16 bits are surrogate pairs. NUL is refused, as it would end the
 * string. */
static gboolean
read_code (Reader * reader, gunichar * code)
{
  gunichar low;

  if (!read_unit (reader, code))
    return FALSE;
  if (*code == 0)
    return fail (reader, "NUL in a string");
  if (*code < 0xd800 || *code > 0xdfff)
    return TRUE;
  if (*code > 0xdbff || !take_word (reader, "\\u"))
    return fail (reader, "half of a surrogate pair");
  if (!read_unit (reader, &low))
    return FALSE;
  if (low < 0xdc00 || low > 0xdfff)
    return fail (reader, "half of a surrogate pair");
  *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
  return TRUE;
}

/* Reads the rest of an escape. Writes to @out and advances it. */
static gboolean
read_escape (Reader * reader, gchar ** out)
{
  static const gchar letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
  const gchar *letter = *reader->at ? strchr (letters, *reader->at) : NULL;
  gunichar code;

  if (letter) {
    reader->at++;
    *(*out)++ = meant[letter - letters];
    return TRUE;
  }
  if (!take (reader, 'u'))
    return fail (reader, "unknown escape");
  if (!read_code (reader, &code))
    return FALSE;
  *out += g_unichar_to_utf8 (code, *out);
  return TRUE;
}

/* Decodes in place: no escape is shorter than its character. */
static gboolean
read_string (Reader * reader, const gchar ** text)
{
  gchar *out;

  if (!take (reader, '"'))
    return fail (reader, "no string");
  out = reader->at;
  *text = out;
  while (*reader->at != '"') {
    if ((guchar) * reader->at < 0x20)
      return fail (reader, reader->at == reader->end ? "string without an end"
          : "control character in a string");
    if (*reader->at != '\\') {
      *out++ = *reader->at++;
      continue;
    }
    reader->at++;
    if (!read_escape (reader, &out))
      return FALSE;
  }
  reader->at++;
  *out = '\0';
  return TRUE;
}

static NetJsonValue *
get_value (Reader * reader, guint index)
{
  return &g_array_index (reader->values, NetJsonValue, index);
}

static gboolean read_value (Reader * reader, const gchar * name);

/* Refuses duplicate names, as parsers disagree on which member counts. */
static gboolean
check_name (Reader * reader, guint object, const gchar * name)
{
  const NetJsonValue *value = get_value (reader, object + 1);

  for (guint i = 0; i < get_value (reader, object)->length; i++) {
    if (g_str_equal (value->name, name))
      return fail (reader, "two members of the same name");
    value += value->next;
  }
  return TRUE;
}

static gboolean
read_name (Reader * reader, guint object, const gchar ** name)
{
  if (get_value (reader, object)->length == NET_JSON_MAX_MEMBERS)
    return fail (reader, "too many members");
  if (!read_string (reader, name) || !check_name (reader, object, *name))
    return FALSE;
  skip_space (reader);
  return take (reader, ':') || fail (reader, "no colon");
}

/* Reads elements or members up to the closing bracket. Meanwhile, `next` of each value is the
 * distance to the next one, also for the last value. */
static gboolean
read_list (Reader * reader, guint list, gchar close)
{
  guint last = 0;

  skip_space (reader);
  if (take (reader, close))
    return TRUE;
  do {
    const gchar *name = NULL;

    skip_space (reader);
    last = reader->values->len;
    if ((close == '}' && !read_name (reader, list, &name))
        || !read_value (reader, name))
      return FALSE;
    get_value (reader, last)->next = reader->values->len - last;
    get_value (reader, list)->length++;
    skip_space (reader);
  } while (take (reader, ','));
  get_value (reader, last)->next = 0;
  return take (reader, close) || fail (reader, "neither comma nor end");
}

static gboolean
read_nested (Reader * reader, guint list)
{
  gboolean object = *reader->at == '{';
  gboolean ok;

  if (reader->depth == NET_JSON_MAX_DEPTH)
    return fail (reader, "nested too deep");
  reader->depth++;
  reader->at++;
  get_value (reader, list)->type = object ? OBJECT : ARRAY;
  ok = read_list (reader, list, object ? '}' : ']');
  reader->depth--;
  return ok;
}

static gboolean
read_scalar (Reader * reader, NetJsonValue * value)
{
  if (*reader->at == '"') {
    value->type = STRING;
    return read_string (reader, &value->content.text);
  }
  if (*reader->at == '-' || g_ascii_isdigit (*reader->at))
    return read_number (reader, value);
  if (take_word (reader, "true"))
    value->type = TRUE_VALUE;
  else if (take_word (reader, "false"))
    value->type = FALSE_VALUE;
  else if (take_word (reader, "null"))
    value->type = NULL_VALUE;
  else
    return fail (reader, "no value");
  return TRUE;
}

/* @name: (nullable): of a member. Recurses at most NET_JSON_MAX_DEPTH times. */
static gboolean
read_value (Reader * reader, const gchar * name)
{
  guint index = reader->values->len;
  NetJsonValue value = {.name = name };

  if (index == NET_JSON_MAX_VALUES)
    return fail (reader, "too many values");
  g_array_append_val (reader->values, value);
  skip_space (reader);
  if (*reader->at == '{' || *reader->at == '[')
    return read_nested (reader, index);
  return read_scalar (reader, get_value (reader, index));
}

static gboolean
read_document (Reader * reader)
{
  if (!g_utf8_validate (reader->start, reader->end - reader->start, NULL))
    return fail (reader, "no UTF-8");
  if (!read_value (reader, NULL))
    return FALSE;
  skip_space (reader);
  return reader->at == reader->end || fail (reader, "something follows");
}

/**
 * net_json_parse:
 * @text: bytes from a network
 * @size: of @text; at most NET_JSON_MAX_SIZE
 * @error: %GST_RCAST_ERROR_INVALID_DATA; it quotes nothing of @text
 *
 * Any @text results in a document or an error. The parser is strict: it refuses comments,
 * extra commas, lone surrogates, NUL in strings, integers beyond 64 bits, and duplicate
 * names.
 *
 * Returns: (transfer full): the document, %NULL with @error if @text is invalid
 */
NetJson *
net_json_parse (const gchar * text, gsize size, GError ** error)
{
  g_autoptr (NetJson) json = NULL;
  Reader reader = { NULL };

  if (size > NET_JSON_MAX_SIZE) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "not JSON: more than %u bytes", NET_JSON_MAX_SIZE);
    return NULL;
  }
  json = g_new0 (NetJson, 1);
  json->text = g_malloc (size + 1);
  if (size > 0)
    memcpy (json->text, text, size);
  json->text[size] = '\0';
  json->values = g_array_new (FALSE, FALSE, sizeof (NetJsonValue));
  reader.start = reader.at = json->text;
  reader.end = json->text + size;
  reader.values = json->values;
  if (read_document (&reader))
    return g_steal_pointer (&json);
  g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
      "not JSON: %s at byte %" G_GSIZE_FORMAT, reader.fault,
      (gsize) (reader.at - reader.start));
  return NULL;
}

/* Takes NULL. */
void
net_json_free (NetJson * json)
{
  if (!json)
    return;
  g_array_unref (json->values);
  g_free (json->text);
  g_free (json);
}

const NetJsonValue *
net_json_get_root (const NetJson * json)
{
  return &g_array_index (json->values, NetJsonValue, 0);
}

/* Values */

static const NetJsonValue *
get_member (const NetJsonValue * object, const gchar * name)
{
  const NetJsonValue *value;

  if (!net_json_is_object (object) || object->length == 0)
    return NULL;
  value = object + 1;
  while (!g_str_equal (value->name, name)) {
    if (value->next == 0)
      return NULL;
    value += value->next;
  }
  return value;
}

static const NetJsonValue *
get_typed (const NetJsonValue * object, const gchar * name, Type type)
{
  const NetJsonValue *value = get_member (object, name);

  return value && value->type == type ? value : NULL;
}

gboolean
net_json_has (const NetJsonValue * object, const gchar * name)
{
  return get_member (object, name) != NULL;
}

const NetJsonValue *
net_json_get_object (const NetJsonValue * object, const gchar * name)
{
  return get_typed (object, name, OBJECT);
}

const NetJsonValue *
net_json_get_array (const NetJsonValue * object, const gchar * name)
{
  return get_typed (object, name, ARRAY);
}

/* Returns: (nullable): valid UTF-8 that lives as long as the document */
const gchar *
net_json_get_text (const NetJsonValue * object, const gchar * name)
{
  const NetJsonValue *value = get_typed (object, name, STRING);

  return value ? value->content.text : NULL;
}

/* Returns: whether there is an integer from 0 on; otherwise @number is unchanged */
gboolean
net_json_get_number (const NetJsonValue * object, const gchar * name,
    guint64 * number)
{
  const NetJsonValue *value = get_typed (object, name, WHOLE);

  if (value)
    *number = value->content.number;
  return value != NULL;
}

/* Returns: whether it is `true` */
gboolean
net_json_get_flag (const NetJsonValue * object, const gchar * name)
{
  return get_typed (object, name, TRUE_VALUE) != NULL;
}

guint
net_json_get_length (const NetJsonValue * array)
{
  return array && array->type == ARRAY ? array->length : 0;
}

const NetJsonValue *
net_json_get_first (const NetJsonValue * array)
{
  return net_json_get_length (array) > 0 ? array + 1 : NULL;
}

/* Returns: (nullable): the element after @element */
const NetJsonValue *
net_json_get_next (const NetJsonValue * element)
{
  return element->next > 0 ? element + element->next : NULL;
}

gboolean
net_json_is_object (const NetJsonValue * value)
{
  return value && value->type == OBJECT;
}

/* Returns: whether it is the string @text */
gboolean
net_json_is_text (const NetJsonValue * value, const gchar * text)
{
  return value && value->type == STRING
      && g_str_equal (value->content.text, text);
}
