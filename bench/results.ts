/**
 * bench/RESULTS.md: what the benches measured last, each between two marks of its own, so that one can be run alone.
 * The file is generated; only full runs write it.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { VERSION } from '../src/shared/version.ts';

const FILE = fileURLToPath(new URL('./RESULTS.md', import.meta.url));
const TITLE = `# Results of the benches

Written by \`npm run bench\`; see the files of this directory for what each one does. Absolute numbers vary by machine and
load; the ratios are what counts.
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
export function writeResults(name: string, results: Results): void {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const section = [
    begin,
    `## ${name}`,
    '',
    `${machineText()}; ${new Date().toISOString().slice(0, 10)}.`,
    '',
    ...results.method,
    '',
    line(results.head),
    line(results.head.map(() => '---')),
    ...results.rows.map(line),
    end,
  ].join('\n');
  const old = existsSync(FILE) ? readFileSync(FILE, 'utf8') : TITLE;
  const [from, to] = [old.indexOf(begin), old.indexOf(end)];
  const text = from < 0 || to < 0 ? `${old}\n${section}\n` : old.slice(0, from) + section + old.slice(to + end.length);
  writeFileSync(FILE, text);
}
