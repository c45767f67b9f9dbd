import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../../../src/shared/config/load.ts';
import { readObjectPattern } from '../../../../src/shared/config/object-pattern.ts';
import { openReads, openWrites, policyWarnings } from '../../../../src/shared/config/policy-words.ts';
import { configSchema } from '../../../../src/shared/config/schema.ts';

const policyOf = (section: Readonly<Record<string, unknown>>) => configSchema.parse({ policy: section }).policy;
const reads = (section: Readonly<Record<string, unknown>>) => {
  const policy = policyOf(section);
  return [...openReads(policy.allowed_sql_commands, policy.sql_statement_permissions)];
};

test('policy words: the old forms of ALLOWED_SQL_COMMANDS open what they say', () => {
  expect(reads({})).toEqual(['select', 'show', 'describe', 'explain']);
  expect(reads({ allowed_sql_commands: 'select,show,describe,explain,with,union' })).toEqual([
    'select',
    'show',
    'describe',
    'explain',
  ]);
  expect(reads({ allowed_sql_commands: 'SELECT, SHOW,DESC , Use' })).toEqual(['select', 'show', 'describe', 'use']);
  expect(reads({ allowed_sql_commands: [] })).toEqual([]);
});

test('policy words: a permission list takes the place of the other and opens what is true', () => {
  const permissions = [{ Select: true }, { Describe: true }, { Use: 'False' }, { Drop: false }, { Command: 'True' }];
  expect(reads({ allowed_sql_commands: ['show'], sql_statement_permissions: permissions })).toEqual([
    'select',
    'describe',
    'explain',
    'list',
  ]);
  expect(reads({ sql_statement_permissions: { select: true, show: 'yes' } })).toEqual(['select', 'show']);
  expect(reads({ sql_statement_permissions: [{ All: true }, { List: false }, { Use: false }] })).toEqual([
    'select',
    'show',
    'describe',
    'explain',
  ]);
  expect(reads({ sql_statement_permissions: [{ Select: false }] })).toEqual([]);
});

test('policy words: a permission list that cannot be read is a fault', () => {
  for (const wrong of [[{ Select: 'perhaps' }], [{ Select: 1 }], 7]) {
    expect([wrong, configSchema.safeParse({ policy: { sql_statement_permissions: wrong } }).success]).toEqual([
      wrong,
      false,
    ]);
  }
});

test('policy words: what opens nothing is told, with what to write instead', () => {
  expect(policyWarnings(policyOf({}))).toEqual([]);
  expect(policyWarnings(policyOf({ allowed_sql_commands: ['select', 'insert', 'slect', 'call'] }))).toEqual([
    'policy.allowed_sql_commands: "insert" opens nothing; writes are opened by policy.write_sql_commands',
    'policy.allowed_sql_commands: "slect" opens nothing (did you mean select?)',
    'policy.allowed_sql_commands: "call" opens nothing; it is never allowed',
  ]);
  const permissions = [
    { Select: true },
    { Drop: false },
    { Insert: true },
    { TruncateTable: true },
    { Unknown: false },
    { All: true },
  ];
  expect(policyWarnings(policyOf({ sql_statement_permissions: permissions }))).toEqual([
    'policy.sql_statement_permissions: "Insert" opens nothing; writes are opened by policy.write_sql_commands',
    'policy.sql_statement_permissions: "TruncateTable" opens nothing; writes are opened by policy.write_sql_commands',
    'policy.sql_statement_permissions: All opens every kind of read; writes need policy.write_sql_commands',
  ]);
  expect(policyWarnings(policyOf({ write_sql_commands: ['insert', 'create table', 'upsert', 'updat'] }))).toEqual([
    'policy.write_sql_commands: "upsert" opens nothing (did you mean insert?)',
    'policy.write_sql_commands: "updat" opens nothing (did you mean update?)',
  ]);
});

test('policy words: writes are verbs, or a verb and a type', () => {
  expect([...openWrites(['INSERT', ' Create  Table ', 'select', 'call'])]).toEqual(['insert', 'create table']);
});

/** What loadConfig makes of these values, in a directory without files. */
function load(flags: Record<string, string>, env: Record<string, string> = {}) {
  const cwd = mkdtempSync(join(tmpdir(), 'policy-'));
  try {
    return loadConfig({ cwd, flags, demo: true }, env);
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

test('policy: words that open nothing are told at the start', () => {
  expect(load({}, { ALLOWED_SQL_COMMANDS: 'SELECT,SHOW,INSERT' }).warnings).toContainEqual(
    'policy.allowed_sql_commands: "INSERT" opens nothing; writes are opened by policy.write_sql_commands',
  );
  expect(load({}).warnings.filter((warning) => warning.includes('policy.'))).toEqual([]);
});

test.each([
  ['policy.allowed_objects', 'SALES..ORDERS', /"SALES\.\.ORDERS" is no pattern/],
  ['policy.denied_objects', 'A.B.C.D', /"A\.B\.C\.D" is no pattern/],
  ['policy.allowed_functions', '"half', /is no name such as MY_FUNCTION/],
])('policy: a faulty value of %s is refused before the start', (key, value, words) => {
  expect(() => load({ [key]: value })).toThrow(words);
});

test('policy: the examples of docs/policy.md are a configuration', () => {
  const text = readFileSync(new URL('../../../../docs/policy.md', import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block = '']) => parse(block));
  expect(blocks).toHaveLength(2);
  for (const block of blocks) {
    const { policy } = configSchema.parse(block);
    expect(policyWarnings(policy)).toEqual([]);
    for (const written of [...policy.allowed_objects, ...policy.denied_objects]) {
      expect([written, readObjectPattern(written) !== undefined]).toEqual([written, true]);
    }
  }
});
