/**
 * Finds and masks secrets in lines of text: the configured values themselves, forms that credentials have, values beside
 * a name that says what they are, and words too random to be anything else. A finding never carries the value.
 */

export interface KnownSecret {
  /** Where it is configured, such as snowflake.password. */
  readonly name: string;
  readonly value: string;
}

export type Scan = (line: string) => readonly string[];

const MASK = '***';
/** Shorter ones are words of any text. */
const KNOWN_MIN = 6;
const RANDOM_MIN = 28;
/** Bits a character; English has about 4, base64 of random bytes 5 and more. */
const RANDOM_BITS = 4.4;

/** The last group is the secret. */
const FORMS: readonly (readonly [string, RegExp])[] = [
  ['a private key', /(-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----.*)/g],
  ['a client key', /\b(smcp_[a-z0-9]{10}_[\w-]{20,})/g],
  ['a JSON web token', /\b(eyJ[\w-]{10,}\.[\w-]{10,}(?:\.[\w-]*)?)/g],
  ['a bearer token', /\bbearer\s+(?!\*\*\*)([\w.~+/=-]{8,})/gi],
  ['a Snowflake token', /Snowflake Token=\\?"(?!\*\*\*)([^"\\]+)/gi],
  ['a key of AWS', /\b((?:AKIA|ASIA)[A-Z0-9]{16})\b/g],
  ['a token of GitHub', /\b(gh[pousr]_\w{30,})/g],
  ['a password in a URL', /\b\w{1,20}:\/\/[^\s:/@]{0,256}:(?!\*\*\*)([^\s@/]{1,256})@/g],
  [
    'a value named as a secret',
    /(?:pass(?:word|phrase|code)?|pwd|secret|token|api[_-]?keys?|private[_-]?key)\\?["']?\s*[=:]\s*\\?["']?(?!\*\*\*|\$|<|\[|\{|null\b|true\b|false\b|undefined\b)([^\s"'\\,;&}]{6,})/gi,
  ],
];
const WORD = /[A-Za-z0-9+/_=-]{28,}/g;

/** What is found in a line, in words, each once. */
export function createScan(known: readonly KnownSecret[]): Scan {
  const needles = needlesOf(known);
  return (line) => {
    const found = needles.filter(({ value }) => line.includes(value)).map(({ name }) => `the value of ${name}`);
    for (const [what, form] of FORMS) if (new RegExp(form).test(line)) found.push(what);
    if ((line.match(WORD) ?? []).some(isRandom)) found.push('a random word, perhaps a key');
    return [...new Set(found)];
  };
}

/** The line without anything that a scan would find. */
export function createMask(known: readonly KnownSecret[]): (line: string) => string {
  const needles = needlesOf(known);
  return (line) => {
    let masked = line;
    for (const { value } of needles) masked = masked.replaceAll(value, MASK);
    for (const [, form] of FORMS) {
      masked = masked.replace(form, (whole: string, secret: string) => whole.replace(secret, MASK));
    }
    return masked.replace(WORD, (word) => (isRandom(word) ? MASK : word));
  };
}

/** The forms a value takes in files: as it is, in JSON, in a URL, in base64; of a text of lines its longest line. */
function needlesOf(known: readonly KnownSecret[]): KnownSecret[] {
  const needles = known.flatMap(({ name, value }) => {
    const longest = value.split('\n').reduce((best, line) => (line.length > best.length ? line : best), '');
    const forms = [longest, JSON.stringify(longest).slice(1, -1), encodeURIComponent(longest)];
    const encoded = Buffer.from(value).toString('base64');
    return [...new Set([...forms, encoded])].map((form) => ({ name, value: form.trim() }));
  });
  return needles.filter(({ value }) => value.length >= KNOWN_MIN).sort((a, b) => b.value.length - a.value.length);
}

/** Capital and small letters with digits, none of them often; hexadecimal ids and words joined by dashes are not. */
function isRandom(word: string): boolean {
  if (word.length < RANDOM_MIN || /^[0-9a-f-]+$/i.test(word)) return false;
  if (!/[a-z]/.test(word) || !/[A-Z]/.test(word) || !/\d/.test(word)) return false;
  if (word.split(/[-_/=]/).some((part) => /^[A-Za-z]{5,}$/.test(part))) return false;
  return entropyBits(word) >= Math.min(RANDOM_BITS, Math.log2(word.length) * 0.88);
}

/** Shannon's measure of the letters of a word. */
export function entropyBits(word: string): number {
  const counts = new Map<string, number>();
  for (const letter of word) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  return [...counts.values()].reduce((bits, count) => bits - (count / word.length) * Math.log2(count / word.length), 0);
}
