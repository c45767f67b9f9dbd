/** What goes into the archives: files of the configuration, of the service and of the state, logs, and what a worker tells. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DaemonPaths } from '../../shared/paths.ts';
import type { DaemonSources } from '../daemon-sources.ts';
import { SERVICE_PATHS } from '../service-files.ts';
import { askWorker } from '../worker-client.ts';
import type { Role } from './manifest.ts';
import type { Staging } from './staging.ts';

const LOGS_MAX_BYTES = 512 * 1024 * 1024;
const ENVIRONMENT_FILE = /^[A-Za-z0-9][\w-]{0,60}\.(ya?ml|json)$/;
const LOG_NAME = /^(?:worker-\d+|audit|application)\.log(?:\.|$)/;

export interface ContentFile {
  readonly path: string;
  readonly role: Role;
  readonly file: string;
}

/** Files of the configuration that are there. */
export function configFiles({ spec, configFile }: Pick<DaemonSources, 'spec' | 'configFile'>): ContentFile[] {
  const { cwd } = spec;
  const environments = list(join(cwd, 'config')).filter((name) => ENVIRONMENT_FILE.test(name));
  const all: ContentFile[] = [
    ...(configFile === undefined
      ? []
      : [{ path: `config/${plainName(configFile)}`, role: 'config' as const, file: configFile }]),
    { path: 'env/.env', role: 'dotenv', file: join(cwd, '.env') },
    { path: 'env/.env.baseline', role: 'dotenv', file: join(cwd, '.env.baseline') },
    ...environments.map((name) => ({
      path: `environment/${name}`,
      role: 'environment' as const,
      file: join(cwd, 'config', name),
    })),
  ];
  return all.filter(({ file }) => existsSync(file));
}

export function unitFiles(): ContentFile[] {
  const dropIns = `${SERVICE_PATHS.unit}.d`;
  const files = [...Object.values(SERVICE_PATHS), ...list(dropIns).map((name) => join(dropIns, name))];
  return files
    .filter((file) => existsSync(file))
    .map((file) => ({ path: `unit/${unitName(file)}`, role: 'unit' as const, file }));
}

/** Those of sysusers.d and tmpfiles.d are called the same. */
function unitName(file: string): string {
  const dir = basename(dirname(file));
  return plainName(dir === 'system' ? file : `${dir}-${basename(file)}`);
}

/** Stores of sessions and what belongs to them, and the keys of clients. */
export function stateFiles(paths: DaemonPaths): { stores: ContentFile[]; keys: ContentFile[] } {
  const stores = list(paths.stateDir).filter((name) => /^[a-z]{1,40}\.lmdb$/.test(name));
  return {
    stores: stores.map((name) => ({ path: `state/${name}`, role: 'state', file: join(paths.stateDir, name) })),
    keys: existsSync(paths.keysFile) ? [{ path: 'keys/keys.json', role: 'keys', file: paths.keysFile }] : [],
  };
}

/** Log files written to since then, the newest first; `tooMuch` are those beyond the bound. */
export function logFiles(paths: DaemonPaths, sinceMs: number): { files: ContentFile[]; tooMuch: string[] } {
  const own = basename(paths.daemonLog);
  const found = list(paths.logDir)
    .filter((name) => LOG_NAME.test(name) || name === own || name.startsWith(`${own}.`))
    .map((name) => join(paths.logDir, name))
    .flatMap((file) => {
      const facts = statSync(file, { throwIfNoEntry: false });
      return facts?.isFile() && facts.mtimeMs >= sinceMs ? [{ file, facts }] : [];
    })
    .sort((a, b) => b.facts.mtimeMs - a.facts.mtimeMs);
  const seen = new Set<number>();
  const files: ContentFile[] = [];
  const tooMuch: string[] = [];
  let bytes = 0;
  for (const { file, facts } of found) {
    // The plain name is a link to the file of the day.
    if (seen.has(facts.ino)) continue;
    seen.add(facts.ino);
    bytes += facts.size;
    if (bytes > LOGS_MAX_BYTES) tooMuch.push(file);
    else files.push({ path: `logs/${plainName(file)}`, role: 'log', file });
  }
  return { files, tooMuch };
}

/** What a running daemon tells of itself; what does not answer is left out by name. */
export async function addFacts(staging: Staging, { found, paths }: DaemonSources): Promise<void> {
  if (found.kind === 'running') staging.addText('facts/status.json', 'facts', jsonText(found.status));
  const asked = [
    ['facts/health.json', '/health/detailed'],
    ['facts/metrics.prom', '/metrics'],
    ['facts/state.json', '/admin/export-state'],
  ] as const;
  for (const [path, url] of asked) {
    try {
      const { body } = await askWorker(paths, { method: 'GET', path: url });
      staging.addText(path, 'facts', typeof body === 'string' ? body : jsonText(body));
    } catch (error) {
      staging.leaveOut(path, error instanceof Error ? error.message : String(error));
    }
  }
}

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function list(dir: string): string[] {
  try {
    return readdirSync(dir).sort();
  } catch {
    return [];
  }
}

/** The last part of a path as the name of a member. */
function plainName(file: string): string {
  return basename(file)
    .replaceAll(/[^\w.@-]/g, '_')
    .replace(/^[.-]/, '_')
    .slice(0, 120);
}
