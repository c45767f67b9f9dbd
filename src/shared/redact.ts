/**
 * Takes secrets and SQL literals out of whatever is about to be logged or sent to a client.
 *
 * Keys that name a secret lose their value; texts lose PEM blocks, bearer tokens, passwords in URLs and
 * key=value pairs. SQL is reduced to its shape with `redactSql`.
 */
const SECRET_KEY = /pass(word|phrase|code)?$|secret|token$|api_?keys?$|private_?key$|authorization|cookie|credential/i;
const MASK = '***';
const TEXT_RULES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]+-----[\s\S]*?(-----END [A-Z ]+-----|$)/g, MASK],
  [/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${MASK}`],
  [/\b(smcp_[a-z0-9]{10})_[\w-]{20,}/g, `$1_${MASK}`],
  [/\beyJ[\w-]{10,}\.[\w-]{10,}(\.[\w-]*)?/g, MASK],
  [
    /(?<![a-z0-9])((?:pass(?:word|phrase|code)?|pwd|secret|token|api[_-]?key|private[_-]?key)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&}]+)/gi,
    `$1${MASK}`,
  ],
  [/\b(\w{1,20}:\/\/[^\s:/@]{1,256}):[^\s@/]{1,256}@/g, `$1:${MASK}@`],
];

/** Ids, names and short words, as most facts of a log line are, hold no secret that a rule would find. */
const PLAIN = /^[\w.-]{0,40}$/;

export function redactText(text: string): string {
  if (PLAIN.test(text) && !text.startsWith('eyJ')) return text;
  return TEXT_RULES.reduce((current, [pattern, replacement]) => current.replace(pattern, replacement), text);
}

/** Deep copy without secrets; depth, width and text length are bounded so that a hostile object costs little. */
export function redact(value: unknown, depth = 6): unknown {
  if (typeof value === 'string') return redactText(value.length > 8192 ? `${value.slice(0, 8192)}...` : value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '[deep]';
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Error) return { name: value.name, message: redactText(value.message) };
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redact(item, depth - 1));
  return redactFields(value as Record<string, unknown>, depth - 1);
}

const MAX_FIELDS = 100;

/** Every line that is logged comes by here: no lists are made on the way. */
function redactFields(fields: Readonly<Record<string, unknown>>, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  let left = MAX_FIELDS;
  for (const key of Object.keys(fields)) {
    if (left-- === 0) break;
    const field = fields[key];
    const value = SECRET_KEY.test(key) && field != null && field !== '' ? MASK : redact(field, depth);
    if (key === '__proto__') Object.defineProperty(clean, key, { value, enumerable: true, configurable: true });
    else clean[key] = value;
  }
  return clean;
}

/** The shape of a statement: string, dollar and number literals become `?`, comments go, at most 500 characters. */
export function redactSql(sql: string): string {
  return sql
    .slice(0, 20_000)
    .replace(
      /"(?:[^"]|"")*"|"[\s\S]*$|\/\*[\s\S]*?(\*\/|$)|--[^\n\r]*|\/\/[^\n\r]*|\$\$[\s\S]*?(\$\$|$)|'(?:[^'\\]|\\[\s\S]|'')*('|$)/g,
      (match) => {
        // A quote, dollar or comment mark inside a quoted name opens nothing; a name that never ends hides the rest.
        if (match.startsWith('"')) return match.length > 1 && match.endsWith('"') ? match : '?';
        return match.startsWith("'") || match.startsWith('$$') ? '?' : ' ';
      },
    )
    .replace(/(?<![\w$])\.?\d[\w.]*(?:(?<=[eE])[+-]\d+)?/g, '?')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 500);
}
