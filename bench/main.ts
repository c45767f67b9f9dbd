/** `npm run bench`, `npm run bench -- NAME`, `-- --quick`: prints machine, versions, method and ratios of one run. */
import { cpus, totalmem } from 'node:os';
import { VERSION } from '../src/shared/version.ts';

/** Loaded when they are run, so that one bench does not weigh on another. */
const BENCHES: Readonly<Record<string, (quick: boolean) => Promise<void>>> = {
  'query-path': async (quick) => (await import('./query-path.ts')).queryPath(quick),
  latency: async (quick) => (await import('./latency.ts')).latency(quick),
  era: async (quick) => (await import('./era.ts')).era(quick),
  gate: async (quick) => (await import('./gate.ts')).gate(quick),
  rows: async (quick) => (await import('./rows.ts')).rows(quick),
  'sessions-path': async (quick) => (await import('./sessions-path.ts')).sessionsPath(quick),
  scheduling: async (quick) => (await import('./scheduling.ts')).scheduling(quick),
  supervisor: async (quick) => (await import('./supervisor/main.ts')).supervisor(quick),
};

const words = process.argv.slice(2);
const quick = words.includes('--quick');
const names = words.filter((word) => !word.startsWith('--'));
const unknown = names.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. Known: ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}

const [cpu] = cpus();
console.log(
  `snowflake-mcp-daemon ${VERSION}, Node ${process.version}, ${cpus().length} x ${cpu?.model ?? 'processor'}, ${Math.round(totalmem() / 1024 ** 3)} GiB`,
);
console.log('Absolute times vary by machine and load; the ratios are what counts.');
for (const [name, bench] of Object.entries(BENCHES)) {
  if (names.length > 0 && !names.includes(name)) continue;
  console.log(`\n== ${name}`);
  await bench(quick);
}
