import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SqlTextError, tokenize } from '../../../../src/shared/sql/lexer.ts';

/** Kind and value of each token, for short expectations. */
const read = (sql: string): string[] => tokenize(sql).map((token) => `${token.kind} ${token.value}`);

function reasonOf(sql: string, maxTokens?: number): string {
  try {
    tokenize(sql, maxTokens);
  } catch (error) {
    if (error instanceof SqlTextError) return `${error.reason} ${error.offset}`;
  }
  return 'no error';
}

test('lexer: words are folded to upper case, quoted names are not', () => {
  expect(read('select "MixedCase", "a""b"')).toEqual(['word SELECT', 'quoted MixedCase', 'op ,', 'quoted a"b']);
});

test('lexer: a letter whose upper case is ASCII cannot fake a keyword', () => {
  expect(read('ſelect é')).toEqual(['word ſELECT', 'word É']);
});

test('lexer: comments vanish, however they are written', () => {
  expect(read('a -- b\nc // d\ne /* f ; */ g /**/ h')).toEqual(['word A', 'word C', 'word E', 'word G', 'word H']);
});

test('lexer: block comments do not nest', () => {
  expect(read('/* /* */ a')).toEqual(['word A']);
});

test('lexer: a line comment ends at CR and at LF', () => {
  expect(read('--x\ra\n--y\r\nb')).toEqual(['word A', 'word B']);
});

test('lexer: strings undo doubled quotes and backslash escapes', () => {
  const backslash = '\\';
  expect(read(`'it''s' 'a${backslash}'b' 'x${backslash}ny' '${backslash}u0041${backslash}x42${backslash}103'`)).toEqual(
    ["string it's", "string a'b", 'string x\ny', 'string ABC'],
  );
});

test('lexer: a hex string is one token with its prefix in the text', () => {
  expect(tokenize("X'FF'")).toMatchObject([{ kind: 'string', text: "X'FF'", value: 'FF' }]);
});

test('lexer: only $$ opens a dollar string, and nothing inside counts', () => {
  expect(read("$$a ' -- ; $b$$ $tag $1")).toEqual(["dollar a ' -- ; $b", 'variable $tag', 'variable $1']);
});

test('lexer: a colon after a value is an operator, elsewhere it opens a bind', () => {
  expect(read('v:a.b')).toEqual(['word V', 'op :', 'word A', 'op .', 'word B']);
  expect(read('"v":a')).toEqual(['quoted v', 'op :', 'word A']);
  expect(read('f(x):a[0]:b')).toContain('op :');
  expect(read("{'a':1}:a")).toEqual(['op {', 'string a', 'op :', 'number 1', 'op }', 'op :', 'word A']);
  expect(read("{'k':1}")).toEqual(['op {', 'string k', 'op :', 'number 1', 'op }']);
  expect(read('a = :1 and b = :name or c in (:2, ?)').filter((token) => token.startsWith('bind'))).toEqual([
    'bind :1',
    'bind :name',
    'bind :2',
    'bind ?',
  ]);
  expect(read('THEN:1')).toEqual(['word THEN', 'bind :1']);
  expect(read('a::int')).toEqual(['word A', 'op ::', 'word INT']);
});

test('lexer: a stage keeps its path, comment marks in it included', () => {
  expect(read('from @~/a//b.csv (x')).toEqual(['word FROM', 'stage @~/a//b.csv', 'op (', 'word X']);
  expect(read('@%t, @"my db"."s".stage/p;')).toEqual(['stage @%t', 'op ,', 'stage @"my db"."s".stage/p', 'op ;']);
});

test('lexer: numbers, dotted names and the longest operator', () => {
  expect(read('1 1.5e-3 .5 2.')).toEqual(['number 1', 'number 1.5e-3', 'number .5', 'number 2.']);
  expect(read('t.c a->>b x->y p=>1 a||b a<>b a!=b 2**3')).toEqual([
    ...['word T', 'op .', 'word C', 'word A', 'op ->>', 'word B', 'word X', 'op ->', 'word Y', 'word P', 'op =>'],
    ...['number 1', 'word A', 'op ||', 'word B', 'word A', 'op <>', 'word B', 'word A', 'op !=', 'word B'],
    ...['number 2', 'op **', 'number 3'],
  ]);
});

test('lexer: SYSTEM$ names are one word', () => {
  expect(read('system$typeof(1)')[0]).toBe('word SYSTEM$TYPEOF');
});

test('lexer: unusual spaces are tokens of their own', () => {
  expect(read('a\u00a0b')).toEqual(['word A', 'op \u00a0', 'word B']);
  expect(read('\ufeffa')).toEqual(['op \ufeff', 'word A']);
  expect(read('a\u000bb')).toEqual(['word A', 'op \u000b', 'word B']);
});

test('lexer: glued tells whether a token touches the one before', () => {
  expect(tokenize('a. b/**/c').map((token) => token.glued)).toEqual([false, true, false, false]);
});

test('lexer: what does not end is an error that says where, not what', () => {
  expect(reasonOf("a 'b")).toBe('unterminated-string 2');
  expect(reasonOf('a "b')).toBe('unterminated-identifier 2');
  expect(reasonOf('a /* b')).toBe('unterminated-comment 2');
  expect(reasonOf('a $$b')).toBe('unterminated-dollar-string 2');
  expect(reasonOf('a\0')).toBe('nul-byte 1');
  expect(reasonOf('a b c', 2)).toBe('too-many-tokens 4');
});

test('lexer: tokens cover the text in order, and nothing but blanks and comments lies between', () => {
  const piece = fc.constantFrom(
    'a',
    'SELECT',
    ' ',
    '\n',
    "'x'",
    '"y"',
    '$$z$$',
    '->>',
    ':b',
    '1.5',
    ';',
    '(',
    '@s',
    '--c\n',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const sql = pieces.join('');
      let last = 0;
      for (const token of tokenize(sql)) {
        expect(token.text).toBe(sql.slice(token.start, token.end));
        expect(sql.slice(last, token.start)).toMatch(/^(?:[ \n]|--[^\n]*\n?)*$/);
        expect(token.glued).toBe(token.start === last && last > 0);
        last = token.end;
      }
    }),
    { seed: 7, numRuns: 500 },
  );
});
