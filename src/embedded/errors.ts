/**
 * Failures of the embedded engine in Snowflake's words: six-digit code, SQLSTATE and message.
 *
 * `fromDuckDb` reads DuckDB's message text, the only thing its errors carry. The table goes from special
 * to general and the first match wins; what nothing matches is 000603. Codes and wordings follow what
 * Snowflake is known to answer; none was compared with a live account.
 */

export class SnowflakeError extends Error {
  override readonly name = 'SnowflakeError';
  /** Six digits as text, such as `002003`. */
  readonly code: string;
  readonly sqlState: string;

  constructor(code: string, sqlState: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.sqlState = sqlState;
  }
}

/** Where DuckDB points at, counted as Snowflake does: lines from 1, positions from 0. */
interface Place {
  readonly line: number;
  readonly position: number;
  /** The word is not in the client's text: what the translation added met an end it did not expect. */
  readonly isAtEnd?: boolean;
}

/** `at` is "error line 1 at position 7" with a leading space, or empty when DuckDB gave no place. */
type Wording = (found: readonly string[], at: string, place: Place | undefined) => string;

interface Rule {
  readonly match: RegExp;
  /** `code/sqlState`; empty when the first two groups of the match hold them. */
  readonly key: string;
  readonly text: Wording;
}

const rule = (match: RegExp, key: string, text: Wording): Rule => ({ match, key, text });

const COMPILE = 'SQL compilation error:';
const missing = (what: string, name: string | undefined) =>
  `${COMPILE}\n${what} '${name ?? ''}' does not exist or not authorized.`;
const unknownColumn = ([, name]: readonly string[], at: string) =>
  `${COMPILE}${at}\ninvalid identifier '${name ?? ''}'`;
const unexpected = (token: string, place: Place | undefined) =>
  `${COMPILE}\nsyntax error line ${place?.line ?? 1} at position ${place?.position ?? 0} unexpected '${place?.isAtEnd ? '<EOF>' : token}'.`;

const RULES: readonly Rule[] = [
  // A macro raises a coded error with error('[100051/22012] Division by zero').
  rule(/^Invalid Input Error: \[(\d{6})\/(\w{5})\] ([\s\S]*)/, '', ([, , , text]) => text ?? ''),
  rule(/^INTERRUPT Error/, '000604/57014', () => 'SQL execution canceled'),
  rule(
    /^Out of Memory Error/,
    '000603/XX000',
    () => 'SQL execution internal error: the embedded engine has reached its memory limit.',
  ),
  rule(
    /unterminated (?:quoted|\/\*|dollar)/,
    '001003/42000',
    (_f, _a, place) =>
      `${COMPILE}\nparse error line ${place?.line ?? 1} at position ${place?.position ?? 0} near '<EOF>'.`,
  ),
  rule(/syntax error at end of input/, '001003/42000', (_f, _a, place) => unexpected('<EOF>', place)),
  rule(/syntax error at or near "([\s\S]*?)"(?:\n|$)/, '001003/42000', ([, token], _a, place) =>
    unexpected(token ?? '', place),
  ),
  rule(/^Parser Error: ([^\n]*)/, '001003/42000', ([, text], at) => `${COMPILE}${at}\n${text}`),

  rule(
    /SET schema: No catalog|SET search_path/,
    '002043/02000',
    () => `${COMPILE}\nObject does not exist, or operation cannot be performed.`,
  ),
  rule(/schema "([^"\n]+)" does not exist|Schema with name "?([^"\n]+?)"? does not exist/, '002003/02000', ([, a, b]) =>
    missing('Schema', a ?? b),
  ),
  rule(/(?:Catalog|Database)(?: with name)? "?([^"\n ]+?)"? does not exist/, '002003/02000', ([, name]) =>
    missing('Database', name),
  ),
  rule(/(?:Table|View|Sequence|Type|Index) with name "?([^"\n]+?)"? does not exist/, '002003/42S02', ([, name]) =>
    missing('Object', name),
  ),
  rule(
    /Function with name "?([^"\n]+?)"? does not exist/,
    '002140/42601',
    ([, name]) => `${COMPILE}\nUnknown function ${(name ?? '').toUpperCase()}.`,
  ),
  rule(/Existing object ([^\n]+?) is of type/, '002003/42S02', ([, name]) => missing('Object', name)),
  rule(
    /(?:Table|View|Sequence|Schema|Type|Index|Function|Macro \w*) ?with name "?([^"\n]+?)"? already exists|[Dd]atabase (?:with name )?"([^"\n]+)" (?:already exists|is already attached)/,
    '002002/42710',
    ([, a, b]) => `${COMPILE}\nObject '${a ?? b ?? ''}' already exists.`,
  ),

  rule(
    /Ambiguous reference to column name "([^"\n]+)"/,
    '002028/42601',
    ([, name], at) => `${COMPILE}${at}\nambiguous column name '${name ?? ''}'`,
  ),
  rule(
    /Ambiguous reference to table "([^"\n]+)"/,
    '002027/42601',
    ([, name]) => `${COMPILE}\nduplicate alias '${(name ?? '').replace(/^.*\./, '')}'`,
  ),
  rule(/Referenced (?:update )?column "?([^"\n ]+?)"? not found/, '000904/42000', unknownColumn),
  rule(/Referenced table "([^"\n]+)" not found/, '000904/42000', unknownColumn),
  rule(
    /(?:does not have a column with name|Column with name|does not have a column named) "?([^"\n ]+)"?/,
    '000904/42000',
    unknownColumn,
  ),
  rule(/Cannot extract field '([^'\n]+)'/, '000904/42000', unknownColumn),
  rule(
    /column "([^"\n]+)" must appear in the GROUP BY/,
    '000979/42601',
    ([, name], at) => `${COMPILE}${at}\n'${name ?? ''}' is not a valid group by expression`,
  ),
  rule(
    /No function matches the given name and argument types '([^\n(]+)\(([^\n]*)\)'/,
    '001044/42P13',
    ([, name, types], at) =>
      `${COMPILE}${at}\nInvalid argument types for function '${(name ?? '').toUpperCase()}': (${plainTypes(types ?? '')})`,
  ),
  rule(
    /Macro .*? does not support|does not support the supplied arguments/,
    '001044/42P13',
    (_f, at) => `${COMPILE}${at}\nInvalid argument types for function`,
  ),
  rule(
    /has (\d+) columns but (\d+) values were supplied/,
    '002054/42601',
    ([, expected, got]) =>
      `${COMPILE}\nInsert value list does not match column list expecting ${expected} but got ${got}`,
  ),
  rule(
    /Expected (\d+) parameters?, but|Values were not provided for the following prepared statement parameters/,
    '002049/42601',
    () => `${COMPILE}\nBind variable ? not set.`,
  ),

  rule(/NOT NULL constraint failed/, '100072/22000', () => 'NULL result in a non-nullable column'),
  rule(/(?:PRIMARY KEY or UNIQUE|[Dd]uplicate key)/, '200001/22000', () => 'A primary key already exists.'),
  rule(
    /More than one row returned by a subquery/,
    '100090/22000',
    () => 'Single-row subquery returns more than one row.',
  ),
  rule(/[Dd]ivision by zero|[Dd]ivide by zero/, '100051/22012', () => 'Division by zero'),
  rule(/Malformed JSON[^\n]*?: ([^\n]*?)\. {2}Input/, '100069/22P02', ([, why]) => `Error parsing JSON: ${why ?? ''}`),
  rule(
    /invalid date field format: "([^"\n]*)"|date field value out of range: "([^"\n]*)"/,
    '100040/22007',
    ([, a, b]) => `Date '${a ?? b ?? ''}' is not recognized`,
  ),
  rule(
    /(?:invalid timestamp field format|timestamp field value out of range)[^"]*"([^"\n]*)"/,
    '100035/22007',
    ([, value]) => `Timestamp '${value ?? ''}' is not recognized`,
  ),
  rule(
    /(?:invalid time field format|time field value out of range)[^"]*"([^"\n]*)"/,
    '100108/22007',
    ([, value]) => `Time '${value ?? ''}' is not recognized`,
  ),
  rule(
    /Could not parse string "([^"\n]*)" according to format specifier "([^"\n]*)"/,
    '100096/22007',
    ([, value, format]) => `Can't parse '${value ?? ''}' as date with format '${format ?? ''}'`,
  ),
  rule(
    /Could not convert string ['"]([^\n]*?)['"] to BOOL/,
    '100037/22018',
    ([, value]) => `Boolean value '${value ?? ''}' is not recognized`,
  ),
  rule(
    /Could not convert string ['"]([^\n]*?)['"] to|Could not cast (?:value )?['"]([^\n]*?)['"] to/,
    '100038/22018',
    ([, a, b]) => `Numeric value '${a ?? b ?? ''}' is not recognized`,
  ),
  rule(/hex escape code|blob conversion/, '100115/22P03', () => 'The value is not a legal hex-encoded string'),
  rule(
    /with value (\S+) can't be cast|Could not cast value (\S+) to DECIMAL/,
    '100039/22003',
    ([, a, b]) => `Numeric value '${a ?? b ?? ''}' is out of range`,
  ),
  rule(/^Out of Range Error: (?:Overflow|[^\n]*overflow)/, '100046/22003', () => 'Number out of representable range'),
  rule(/^Conversion Error: ([^\n]*)/, '100038/22018', ([, text]) => text ?? ''),

  rule(
    /^Permission Error|configuration has been locked|disabled (?:by|through) configuration/,
    '003001/42501',
    () => 'SQL access control error:\nInsufficient privileges to operate outside the embedded engine.',
  ),
  rule(/^Not implemented Error: ([^\n]*)/, '000002/0A000', ([, what]) => `Unsupported feature: ${what}`),
  rule(/^TransactionContext Error: ([^\n]*)/, '000625/57014', ([, text]) => `Transaction error: ${text}`),
  rule(
    /^Binder Error: ([^\n]*)|^Catalog Error: ([^\n]*)/,
    '001007/22023',
    ([, a, b], at) => `${COMPILE}${at}\n${a ?? b ?? ''}`,
  ),
  rule(/^(?:Invalid Input|Out of Range|Constraint|Invalid) Error: ([^\n]*)/, '100183/22000', ([, text]) => text ?? ''),
];

/**
 * The Snowflake error for a failure of DuckDB; a SnowflakeError passes through as it is.
 *
 * `sourceSql` is the statement as the client sent it: with it, lines and positions are those of the word
 * in the client's text nearest to where DuckDB points, not those of the translated text.
 */
export function fromDuckDb(error: unknown, sourceSql?: string): SnowflakeError {
  if (error instanceof SnowflakeError) return error;
  const message = (error instanceof Error ? error.message : String(error)).replace(/^Failed to [a-z ]+: /, '');
  for (const rule of RULES) {
    const found = rule.match.exec(message);
    if (found === null) continue;
    const place = placeOf(message, found[1], sourceSql);
    const at = place === undefined ? '' : ` error line ${place.line} at position ${place.position}`;
    const [code = '000603', sqlState = 'XX000'] = rule.key === '' ? found.slice(1, 3) : rule.key.split('/');
    return new SnowflakeError(code, sqlState, rule.text(found, at, place), { cause: error });
  }
  return new SnowflakeError('000603', 'XX000', 'SQL execution internal error: the embedded engine failed.', {
    cause: error,
  });
}

/** Reads DuckDB's `LINE n: text` and the caret under it. */
function placeOf(message: string, word: string | undefined, sourceSql: string | undefined): Place | undefined {
  const found = /LINE (\d+): ([^\n]*)\n( *)\^/.exec(message);
  if (found === null) return undefined;
  const line = Number(found[1]);
  const position = Math.max(0, (found[3] ?? '').length - `LINE ${line}: `.length);
  if (sourceSql === undefined) return { line, position };
  const offset = sourceSql
    .split('\n')
    .slice(0, line - 1)
    .reduce((sum, text) => sum + text.length + 1, position);
  const nearest = nearestIndex(sourceSql.toUpperCase(), (word ?? '').toUpperCase(), offset);
  const before = sourceSql.slice(0, nearest).split('\n');
  const isAtEnd = nearest === undefined;
  return { line: before.length, position: (before.at(-1) ?? '').length, isAtEnd };
}

function nearestIndex(text: string, word: string, offset: number): number | undefined {
  if (word === '') return undefined;
  let best: number | undefined;
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    if (best !== undefined && Math.abs(at - offset) >= Math.abs(best - offset)) break;
    best = at;
  }
  return best;
}

/** DuckDB's type names as Snowflake writes them. */
function plainTypes(types: string): string {
  return types
    .replaceAll('STRING_LITERAL', 'VARCHAR')
    .replace(/\b(?:INTEGER_LITERAL|U?(?:TINY|SMALL|BIG|HUGE)INT|INTEGER)\b/g, 'NUMBER(38,0)')
    .replace(/\bDECIMAL\(/g, 'NUMBER(')
    .replace(/\bDOUBLE\b/g, 'FLOAT')
    .replace(/\bJSON\b/g, 'VARIANT')
    .replace(/\bTIMESTAMP\b(?! WITH)/g, 'TIMESTAMP_NTZ(9)');
}
