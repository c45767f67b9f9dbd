/**
 * bench/RESULTS.md: what the benches measured last, each between two marks of its own, so that one can be run alone, and
 * before them one table of what has a target. The file is generated; quick runs do not write it.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { VERSION } from '../src/shared/version.ts';
import { FINDING_HEAD, type Finding, findingCells } from './finding.ts';
import { GOALS } from './goals.ts';

const FILE = fileURLToPath(new URL('./RESULTS.md', import.meta.url));
const TITLE = `# Results of the benches

Written by \`npm run bench\`; see the files of this directory for what each one does. Absolute numbers vary by machine and
load; the ratios are what counts.

<!-- summary: begin -->
<!-- summary: end -->
`;

export interface Results {
  readonly method: readonly string[];
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Node, processor and memory of this machine, and the version of the package. */
export function machineText(): string {
  const [cpu] = cpus();
  const machine = `${cpus().length} x ${cpu?.model ?? 'processor'}, ${Math.round(totalmem() / 1024 ** 3)} GiB`;
  return `snowflake-mcp-daemon ${VERSION}, Node ${process.version}, ${machine}`;
}

/** Puts the section of one bench in the place of its last one. */
export function writeResults(name: string, { method, head, rows }: Results): void {
  const date = new Date().toISOString().slice(0, 10);
  replaceSection(name, [`## ${name}`, '', `${machineText()}; ${date}.`, '', ...method, '', ...tableLines(head, rows)]);
}

/** Findings as the section of a bench. */
export function writeFindings(name: string, method: readonly string[], findings: readonly Finding[]): void {
  writeResults(name, { method, head: FINDING_HEAD, rows: findings.map(findingCells) });
}

/** One row for each finding that shows a goal, in the order of the goals. */
export function summaryRows(found: ReadonlyMap<string, readonly Finding[]>): Pick<Results, 'head' | 'rows'> {
  const rows = GOALS.flatMap(({ bench, shownBy }) =>
    (found.get(bench) ?? [])
      .filter(({ what, target }) => shownBy.test(what) && target !== '')
      .map((finding) => {
        const seen = finding.ratio === '' ? finding.ours : finding.ratio;
        return [bench, finding.what, finding.target, seen, findingCells(finding).at(-1) ?? ''];
      }),
  );
  return { head: ['bench', 'what', 'target', 'seen', ''], rows };
}

/** Makes the table at the top anew from the sections. */
export function writeSummary(): void {
  const { head, rows } = summaryRows(readFindings(readResults()));
  const missed = rows.filter((cells) => cells.at(-1) === 'MISSED').length;
  const text = `${rows.length} figures with a target, ${missed} missed; each section below names its method and what it was compared with.`;
  replaceSection('summary', ['## Summary', '', text, '', ...tableLines(head, rows)]);
}

function readResults(): string {
  return existsSync(FILE) ? readFileSync(FILE, 'utf8') : TITLE;
}

/** The findings of each section that has them. */
function readFindings(text: string): Map<string, Finding[]> {
  const found = new Map<string, Finding[]>();
  for (const [, name = '', body = ''] of text.matchAll(/<!-- ([\w-]+): begin -->\n([\s\S]*?)<!-- \1: end -->/g)) {
    const lines = body.split('\n').filter((line) => line.startsWith('| '));
    if (lines[0] !== lineOf(FINDING_HEAD)) continue;
    found.set(name, lines.slice(2).map(findingOf));
  }
  return found;
}

function findingOf(line: string): Finding {
  const cells = line.slice(2, -2).split(/ \| /);
  const [what = '', ours = '', theirs = '', ratio = '', target = '', verdict = ''] = cells.map((cell) =>
    cell.replaceAll('\\|', '|').trim(),
  );
  return { what, ours, theirs, ratio, target, ...(verdict === '' ? {} : { isMet: verdict === 'met' }) };
}

const lineOf = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

function tableLines(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [lineOf(head), lineOf(head.map(() => '---')), ...rows.map(lineOf)];
}

function replaceSection(name: string, lines: readonly string[]): void {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const section = [begin, ...lines, end].join('\n');
  const old = readResults();
  const [from, to] = [old.indexOf(begin), old.indexOf(end)];
  const text = from < 0 || to < 0 ? `${old}\n${section}\n` : old.slice(0, from) + section + old.slice(to + end.length);
  writeFileSync(FILE, text);
}
