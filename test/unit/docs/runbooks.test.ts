/** What the pages promise: links lead somewhere, every alert and error has a page, every command line is one. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import yargs, { type Argv } from 'yargs';
import type { SharedArgs } from '../../../src/cli/command.ts';
import { installsFor, type Register } from '../../../src/cli/command-table.ts';
import { ERRORS } from '../../../src/shared/error-table.ts';
import { AppError } from '../../../src/shared/errors.ts';
import { VERSION } from '../../../src/shared/version.ts';
import { allPages, anchorsOf, brokenLinks, fencesOf, leadsSomewhere, textOf } from '../../support/pages.ts';
import { ROOT } from '../../support/process.ts';

const RULES = join(ROOT, 'deploy/prometheus/rules');
const PARTS = ['Check', 'Fix', 'Verify', 'Prevent', 'Escalate when'];
/** Pages about something that is planned, not something that is seen. */
const PLANNED = ['README', 'routine', 'severity', 'escalation', 'upgrade', 'backup'];

const runbooks = readdirSync(join(ROOT, 'runbooks')).map((name) => name.replace(/\.md$/, ''));

test('links: every one of every page leads to a file and a section that exist', () => {
  expect(allPages().flatMap(brokenLinks)).toEqual([]);
});

test('links: a missing file, and a missing section of a file that is there, are found', () => {
  expect(leadsSomewhere('runbooks/hang.md', 'no-such-page.md')).toBe(false);
  expect(leadsSomewhere('runbooks/hang.md', '#no-such-section')).toBe(false);
  expect(leadsSomewhere('runbooks/hang.md', 'crash-loop.md#fix')).toBe(true);
});

test('runbooks: the first page leads to every other', () => {
  const first = textOf('runbooks/README.md');
  expect(runbooks.filter((name) => name !== 'README' && !first.includes(`(${name}.md)`))).toEqual([]);
});

test('docs: the first page leads to every other', () => {
  const first = textOf('docs/README.md');
  const pages = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter((it) =>
    it.endsWith('.md'),
  );
  expect(pages.filter((page) => page !== 'README.md' && !first.includes(`(${page})`))).toEqual([]);
});

test.each(runbooks.filter((name) => !PLANNED.includes(name)))('runbooks: %s has every part of a page', (name) => {
  const text = textOf(`runbooks/${name}.md`);
  expect(text).toMatch(/^\*\*You see\*\*: .+^\*\*Users\*\*: /ms);
  const titles = [...anchorsOf(`runbooks/${name}.md`)].join(' ');
  for (const part of name === 'security-breach' ? ['Verify', 'Prevent', 'Escalate'] : PARTS) {
    expect(titles).toContain(part.toLowerCase().replaceAll(' ', '-'));
  }
});

interface Rules {
  readonly groups: readonly { readonly rules: readonly AlertRule[] }[];
}
interface AlertRule {
  readonly alert?: string;
  readonly annotations?: { readonly runbook_url?: string };
}

function alerts(): readonly AlertRule[] {
  const files = existsSync(RULES) ? readdirSync(RULES).filter((name) => name.endsWith('.yml')) : [];
  const groups = files.flatMap((name) => (parse(readFileSync(join(RULES, name), 'utf8')) as Rules).groups);
  return groups.flatMap((group) => group.rules).filter((rule) => rule.alert !== undefined);
}

test('alerts: each names a page that exists, that names the alert, and the first page does too', () => {
  const first = textOf('runbooks/README.md');
  expect(alerts().length).toBeGreaterThan(20);
  for (const { alert = '', annotations } of alerts()) {
    const page = /runbooks\/[\w-]+\.md(#[\w-]+)?$/.exec(annotations?.runbook_url ?? '')?.[0] ?? `none of ${alert}`;
    expect(leadsSomewhere('README.md', page), `${alert}: ${page}`).toBe(true);
    expect(textOf(page.split('#')[0] ?? ''), page).toContain(`\`${alert}\``);
    expect(first).toContain(`\`${alert}\``);
  }
});

describe('errors', () => {
  const texts = runbooks.map((name) => textOf(`runbooks/${name}.md`));

  test('errors: every code is on a page of the runbooks', () => {
    const missing = Object.keys(ERRORS).filter((code) => !texts.some((text) => text.includes(`\`${code}\``)));
    expect(missing, 'name them on the page of runbooks/ that tells what to do').toEqual([]);
  });

  test.each(Object.entries(ERRORS))('errors: the next step of %s leads to a page that exists', (_code, { next }) => {
    const named = next.match(/(runbooks|docs)\/[\w/-]+\.md(#[\w-]+)?/g) ?? [];
    expect(named).not.toEqual([]);
    expect(named.filter((page) => !leadsSomewhere('README.md', page))).toEqual([]);
  });

  test('errors: a next step of one case alone keeps the page of its code', () => {
    const own = new AppError('RESTORE_REFUSED', { reason: 'so', next: 'Nothing was changed.' }).toBody().next;
    expect(own).toBe('Nothing was changed. More: runbooks/backup.md');
    const more = new AppError('BAD_REQUEST', { reason: 'so', next: 'See docs/tools.md.' }).toBody().next;
    expect(more).toBe('See docs/tools.md.');
  });
});

const COMMAND = /(?<![\w/.-])snowflake-mcp-daemon(?= )([^`|;&<>()#]*)/g;
/** A word that the reader replaces. */
const PLACE: Readonly<Record<string, string>> = { N: '1', S: '60' };

/** Every command line that the pages show, in blocks and between backticks. */
function commandLines(page: string): readonly string[] {
  const text = textOf(page);
  const inline = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  const fenced = fencesOf(page).flatMap(({ language, lines }) => (language === 'text' ? [] : lines));
  const indented = text.match(/^ {4}\S.*$/gm) ?? [];
  const lines = [...fenced, ...indented, ...inline].flatMap((line) => [...line.matchAll(COMMAND)]);
  return lines.map(([, words = '']) => words.trim()).filter((words) => /^[a-z-]/.test(words));
}

/**
 * The real commands with their real options; what they would do is left out. A sentence may name a command without what
 * it needs.
 */
async function complaint(words: string): Promise<string | undefined> {
  const args = words.split(/\s+/).map((word) => PLACE[word] ?? word.replaceAll(/^['"]|['"]$/g, ''));
  const bare = yargs(args).options({
    config: { type: 'string' },
    env: { type: 'string' },
    'pid-file': { type: 'string' },
  });
  const register: Register = (parser, command) =>
    parser.command(command.words, command.says, command.options as never, () => {}) as unknown as typeof parser;
  const parser = (await installsFor(args)).reduce((rest, install) => install(rest, register), bare as Argv<SharedArgs>);
  try {
    await parser
      .strict()
      .demandCommand(1)
      .version(VERSION)
      .exitProcess(false)
      .showHelpOnFail(false)
      .fail(rethrow)
      .parseAsync(args, {}, () => {});
    return undefined;
  } catch (error) {
    const isFine = /Missing required argument|Not enough non-option/.test(String(error));
    return isFine ? undefined : `${words}: ${String(error)}`;
  }
}

function rethrow(message: string, error: Error | undefined): never {
  throw error ?? new Error(message);
}

test('commands: every command line of every page is one that the program takes', async () => {
  const lines = new Set(allPages().flatMap(commandLines));
  expect(lines.size).toBeGreaterThan(20);
  const complaints = await Promise.all([...lines].map(complaint));
  expect(complaints.filter((it) => it !== undefined)).toEqual([]);
});

/** Names of events that the sources give to a log, and those of audit lines. */
function eventsOfSources(): ReadonlySet<string> {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.ts$/.test(name),
  );
  const texts = files.filter((name) => !/^(cli|page)\//.test(name)).map((name) => textOf(`src/${name}`));
  const told = /\.(?:debug|info|warn|error)\(\s*(?:\w+ \? )?'([a-z_.]+)'(?: : '([a-z_.]+)')?,/g;
  const audited = /\bevent: '((?:statement|login)[a-z_.]*|tool_call)'/g;
  const others = /\b(?:order|printedLine)\('([a-z_.]+)'/g;
  const found = texts.flatMap((text) => [told, audited, others].flatMap((form) => [...text.matchAll(form)]));
  const rollouts = ['reload.step', 'reload.done', 'reload.aborted', 'rollback.step', 'worker.exited', 'error'];
  return new Set(
    [...found.flatMap(([, one, other]) => [one, other]), ...rollouts].filter((name) => name !== undefined),
  );
}

test('logs: the page tells every event that the program logs, and no other', () => {
  const [, section = ''] = textOf('docs/logs.md').split(/^## Events$/m);
  const [events = ''] = section.split(/^## /m);
  const rows = events.match(/^\| `.+?(?= \| )/gm) ?? [];
  const named = new Set(rows.flatMap((row) => [...row.matchAll(/`([a-z_.]+[a-z])`/g)].map(([, name = '']) => name)));
  const last = [...events.matchAll(/`(config\.warning|stdio\.close_failed)`/g)].map(([, name = '']) => name);
  const logged = eventsOfSources();
  expect(logged.size).toBeGreaterThan(90);
  expect([...logged].filter((name) => !named.has(name) && !last.includes(name))).toEqual([]);
  const tables = ['daemon.log', 'worker-', 'audit.log'];
  expect([...named].filter((name) => !logged.has(name) && !tables.includes(name))).toEqual([]);
});

test.each(['strat', 'start --no-such-flag', 'logs --level loud', 'keys crate --name x'])(
  'commands: `%s` on a page would be found',
  async (words) => {
    expect(await complaint(words)).toContain(words);
  },
);

test('settings: the table shows what the files of the environments say', () => {
  const rows = textOf('docs/settings.md').matchAll(/^\| `([\w.]+)` \|(.+)\|$/gm);
  const files = ['default', 'development', 'staging', 'production'].map(
    (name) => parse(readFileSync(join(ROOT, `config/${name}.yaml`), 'utf8')) as Tree,
  );
  const table = new Map(
    [...rows].map(([, key = '', cells = '']) => [
      key,
      cells
        .split('|')
        .map((cell) => cell.trim())
        .slice(0, 4),
    ]),
  );
  const named = files.slice(1).flatMap(keysOf);
  expect([...table.keys()].sort()).toEqual([...new Set(named)].sort());
  for (const [key, cells] of table) expect(cells, key).toEqual(files.map((file) => shown(file, key)));
});

type Tree = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const keysOf = (tree: Tree) =>
  Object.entries(tree).flatMap(([section, keys]) => Object.keys(keys).map((key) => `${section}.${key}`));

function shown(tree: Tree, path: string): string {
  const [section = '', key = ''] = path.split('.');
  const value = tree[section]?.[key];
  if (value === undefined) return '=';
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : value.join(', ');
  return String(value);
}
