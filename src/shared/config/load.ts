/**
 * Loads the configuration: flags > environment > .env > file of --env > file of --config > connections.toml > default.
 *
 * Every fault of every source is found before anything is thrown, each with its place. The result is complete and
 * frozen; paths in it are absolute: those of flags start in the caller's directory, all others in server.working_dir.
 * Without --config, `snowflake-mcp.yaml` in the caller's directory is read when it is there.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { z } from 'zod';
import { AppError } from '../errors.ts';
import { isLoopback } from '../host-rule.ts';
import type { LaunchSpec } from '../launch.ts';
import { packageFile } from '../package-files.ts';
import { formatDuration } from '../units.ts';
import { connectionLayer, defaultConnectionsFile } from './connections-file.ts';
import { type EnvFile, envFileLayer, readEnvFile, type Variables, variablesLayer } from './env-file.ts';
import { fieldMeta, PATH_UNIT } from './fields.ts';
import { flagOf } from './flags.ts';
import { deepFreeze } from './freeze.ts';
import { emptyLayer, type Given, type Layer } from './layer.ts';
import { configLeaves, type Leaf } from './leaves.ts';
import { PAIR_RULES } from './pairs.ts';
import { policyWarnings } from './policy-words.ts';
import { normalizePrivateKey } from './private-key.ts';
import { type Config, configSchema } from './schema.ts';
import { readSource, type Source } from './source.ts';

const DEFAULT_FILE = 'snowflake-mcp.yaml';
const PACKAGE_CONFIG = packageFile('config/');
const ENVIRONMENTS = ['development', 'staging', 'production'];
/** Of a wrong value, in a fault. */
const SHOWN_CHARACTERS = 80;

type Sources = Pick<LaunchSpec, 'cwd' | 'configFile' | 'environment' | 'flags' | 'demo'>;

export interface LoadedConfig {
  readonly config: Config;
  readonly warnings: string[];
  /** What was read, strongest first. */
  readonly sources: string[];
  /** Key -> where its value was written; keys that have their default are absent. */
  readonly places: ReadonlyMap<string, string>;
}

/** @throws AppError CONFIG_INVALID with all faults, CONFIG_UNREADABLE for a file that cannot be parsed at all. */
export function loadConfig(spec: Sources, env: Variables): LoadedConfig {
  const leaves = configLeaves();
  const layers = readLayers(spec, env, leaves, (error) => {
    throw error;
  });
  const settled = settle(spec, layers, leaves);
  const faults = [...layers.flatMap((layer) => layer.faults), ...settled.faults];
  if (faults.length > 0) throw new AppError('CONFIG_INVALID', { faults });
  const warnings = [...new Set([...layers.flatMap((layer) => layer.warnings), ...adjust(settled)])];
  return {
    config: deepFreeze(settled.tree as unknown as Config),
    warnings,
    sources: layers.filter((layer) => layer.values.size > 0).map((layer) => layer.name),
    places: new Map([...settled.origins].map(([key, given]) => [key, given.place])),
  };
}

/**
 * The sections that tell where a daemon keeps its files, whatever is wrong elsewhere, so that a running daemon can be
 * stopped and asked with a configuration that would not start. `warnings` tell what could not be read.
 */
export function loadLocation(
  spec: Sources,
  env: Variables,
): { config: Pick<Config, 'server' | 'logging' | 'state' | 'auth'>; warnings: string[] } {
  const leaves = configLeaves();
  const warnings: string[] = [];
  const layers = readLayers(spec, env, leaves, (error) => warnings.push(error.message));
  const { tree } = settle(spec, layers, leaves);
  return { config: deepFreeze(tree as unknown as Config), warnings };
}

/** Strongest first. */
function readLayers(
  spec: Sources,
  env: Variables,
  leaves: readonly Leaf[],
  onUnreadable: (error: AppError) => void,
): Layer[] {
  const attempt = <T>(read: () => T | undefined): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      onUnreadable(error);
      return undefined;
    }
  };
  const envFile = attempt(() => readEnvFile(join(spec.cwd, '.env')));
  const chosen = chooseEnvironment(spec, env, envFile);
  const path = spec.configFile ?? (existsSync(join(spec.cwd, DEFAULT_FILE)) ? DEFAULT_FILE : undefined);
  const read = (name: string) => attempt(() => readSource(resolve(spec.cwd, name), leaves, chosen?.name));
  const source = path === undefined ? undefined : read(path);
  const environment = chosen && findEnvironment(spec.cwd, chosen, source);
  const layers = [
    flagLayer(spec.flags, leaves),
    variablesLayer('environment', env, leaves, (name) => `${name} in the environment`),
    envFile && envFileLayer(envFile, leaves),
    environment?.file === undefined ? undefined : read(environment.file)?.layer,
    source?.layer,
  ].filter((layer): layer is Layer => layer !== undefined);
  const connection = spec.demo ? undefined : attempt(() => chosenConnection(spec, env, layers));
  if (connection !== undefined) layers.push(connection);
  if (environment?.warning !== undefined) layers[0]?.warnings.push(environment.warning);
  if (environment?.fault !== undefined) layers[0]?.faults.push(environment.fault);
  return layers;
}

/** The connection of connections.toml that the other layers choose by its name. */
function chosenConnection(spec: Sources, env: Variables, layers: readonly Layer[]): Layer | undefined {
  const chosen = (key: string) => {
    const value = layers.find((layer) => layer.values.has(key))?.values.get(key)?.value;
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
  };
  const name = chosen('snowflake.connection_name');
  if (name === undefined) return undefined;
  const file = chosen('snowflake.connections_file') ?? defaultConnectionsFile(env.SNOWFLAKE_HOME);
  return connectionLayer(resolve(spec.cwd, file.replace(/^~(?=\/)/, homedir())), name);
}

function flagLayer(flags: Sources['flags'], leaves: readonly Leaf[]): Layer {
  const layer = emptyLayer('flags');
  for (const [key, value] of Object.entries(flags)) {
    if (leaves.some((leaf) => leaf.key === key)) layer.values.set(key, { value, place: flagOf(key) });
    else layer.faults.push(`${flagOf(key)}: ${key} is not a key`);
  }
  return layer;
}

interface ChosenEnvironment {
  readonly name: string;
  /** Where it was chosen. */
  readonly place: '--env' | 'ENVIRONMENT' | 'NODE_ENV';
}

interface Environment {
  readonly file?: string;
  readonly fault?: string;
  readonly warning?: string;
}

/** The name of --env, or of ENVIRONMENT, or of NODE_ENV when that names one of the three of this package. */
function chooseEnvironment(spec: Sources, env: Variables, envFile: EnvFile | undefined): ChosenEnvironment | undefined {
  if (spec.environment !== undefined) return { name: spec.environment, place: '--env' };
  for (const variables of [env, envFile?.variables ?? {}]) {
    const name = variables.ENVIRONMENT?.trim() ?? '';
    if (name !== '') return { name, place: 'ENVIRONMENT' };
    const old = variables.NODE_ENV?.trim() ?? '';
    if (ENVIRONMENTS.includes(old)) return { name: old, place: 'NODE_ENV' };
  }
  return undefined;
}

/**
 * The file of an environment. A PM2 file brings its environments itself (`env_NAME`): beside it only a file of the
 * current directory counts, since the values of this package's own would win over those of the PM2 file.
 */
function findEnvironment(cwd: string, { name, place }: ChosenEnvironment, source: Source | undefined): Environment {
  if (!/^[A-Za-z0-9][\w-]*$/.test(name)) return { fault: `${place}: the name of an environment is one word` };
  const old = `NODE_ENV is an old name: use ENVIRONMENT or --env to choose the environment ${name}`;
  const warning = place === 'NODE_ENV' ? { warning: old } : {};
  const own = ['yaml', 'yml', 'json'].map((ending) => join(cwd, 'config', `${name}.${ending}`));
  const known = source?.environments;
  const candidates = known === undefined ? [...own, join(PACKAGE_CONFIG, `${name}.yaml`)] : own;
  const file = candidates.find((candidate) => existsSync(candidate));
  if (file !== undefined) return { file, ...warning };
  if (known === undefined) {
    return { fault: `${place}: there is no config/${name}.yaml here; the package has ${ENVIRONMENTS.join(', ')}` };
  }
  if (known.includes(name)) return warning;
  // Many environments have a NODE_ENV that was never meant for this file.
  if (place === 'NODE_ENV') return {};
  const has = known.length === 0 ? 'none' : known.map((one) => `env_${one}`).join(', ');
  return {
    fault: `${place}: ${source?.layer.name} has no env_${name} (it has ${has}), and there is no config/${name}.yaml`,
  };
}

interface Settled {
  /** section -> name -> value, complete; a faulty key has its default. */
  readonly tree: Record<string, Record<string, unknown>>;
  readonly origins: ReadonlyMap<string, Given>;
  readonly faults: string[];
}

function settle(spec: Sources, layers: readonly Layer[], leaves: readonly Leaf[]): Settled {
  const tree = Object.fromEntries(Object.keys(configSchema.shape).map((name) => [name, {}])) as Settled['tree'];
  const origins = new Map<string, Given>();
  const faults: string[] = [];
  const faulty = new Set<string>();
  const fromFlags = new Set<string>();
  for (const leaf of leaves) {
    const layer = layers.find((candidate) => candidate.values.has(leaf.key));
    const given = layer?.values.get(leaf.key);
    const read = given === undefined ? undefined : leaf.schema.safeParse(given.value);
    if (given !== undefined) origins.set(leaf.key, given);
    if (layer?.name === 'flags') fromFlags.add(leaf.key);
    if (given !== undefined && read !== undefined && !read.success) {
      faulty.add(leaf.key);
      faults.push(`${given.place}: ${leaf.key}: ${wordsOf(read.error.issues, leaf, given.value)}`);
    }
    const section = tree[leaf.section];
    if (section) section[leaf.name] = read?.success ? read.data : leaf.schema.parse(undefined);
  }
  makeAbsolute(spec.cwd, tree, leaves, fromFlags);
  return { tree, origins, faults: [...faults, ...pairFaults(tree, origins, faulty, spec.demo)] };
}

/** A fault in words, with the value; that of a secret never shows, for such a field only its kind can be wrong. */
function wordsOf(issues: readonly z.core.$ZodIssue[], leaf: Leaf, value: unknown): string {
  const flat = issues.flatMap((issue) => (issue.code === 'invalid_union' ? issue.errors.flat() : [issue]));
  const told = flat.find((issue) => issue.code !== 'invalid_type' && issue.code !== 'invalid_union');
  const isText = leaf.meta.unit === 'text' || leaf.meta.unit === PATH_UNIT;
  const kind = isText ? 'must be a text (put it in quotes)' : `must be: ${leaf.meta.unit}`;
  const words = told?.message ?? kind;
  const shown = leaf.meta.secret ? '' : (JSON.stringify(value) ?? String(value)).slice(0, SHOWN_CHARACTERS);
  return words.includes(shown) || /^-?\d/.test(words) ? words : `${shown} ${words}`;
}

function makeAbsolute(
  cwd: string,
  tree: Settled['tree'],
  leaves: readonly Leaf[],
  fromFlags: ReadonlySet<string>,
): void {
  const expand = (base: string, path: string) =>
    resolve(base, path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path);
  const server = tree.server ?? {};
  const workingDir = typeof server.working_dir === 'string' ? expand(cwd, server.working_dir) : cwd;
  for (const leaf of leaves) {
    const section = tree[leaf.section];
    const path = section?.[leaf.name];
    if (section === undefined || leaf.meta.unit !== PATH_UNIT || typeof path !== 'string') continue;
    const base = fromFlags.has(leaf.key) || leaf.key === 'server.working_dir' ? cwd : workingDir;
    section[leaf.name] = expand(base, path);
  }
}

function pairFaults(
  tree: Settled['tree'],
  origins: ReadonlyMap<string, Given>,
  faulty: ReadonlySet<string>,
  demo: boolean,
): string[] {
  const config = tree as unknown as Config;
  return PAIR_RULES.filter(
    (rule) => !(demo && rule.credentials) && !rule.keys.some((key) => faulty.has(key)) && rule.isWrong(config),
  ).map((rule) => {
    const places = rule.keys.flatMap((key) => origins.get(key)?.place ?? []);
    return `${places.length > 0 ? `${places.join(' and ')}: ` : ''}${rule.says(config)}`;
  });
}

/** What is corrected rather than refused; returns a warning for each correction of a value that somebody wrote. */
function adjust({ tree, origins }: Settled): string[] {
  const warnings: string[] = [];
  const { workers, server, snowflake, metrics, policy } = tree as unknown as Config;
  const least = server.keep_alive_timeout + 1000;
  if (workers.kill_timeout < least) {
    Object.assign(workers, { kill_timeout: least });
    const given = origins.get('workers.kill_timeout');
    const standard = fieldMeta(configSchema.shape.workers.unwrap().shape.kill_timeout)?.standard;
    if (given !== undefined && given.value !== standard) {
      warnings.push(
        `${given.place}: workers.kill_timeout is raised to ${formatDuration(least)} (server.keep_alive_timeout + 1s)`,
      );
    }
  }
  if (!isLoopback(metrics.host) && metrics.token === undefined) {
    warnings.push(
      `metrics.host ${metrics.host} is reachable from other machines; its pages ask for no key (metrics.token makes them)`,
    );
  }
  warnings.push(...policyWarnings(policy));
  if (snowflake.private_key !== undefined) {
    Object.assign(snowflake, { private_key: normalizePrivateKey(snowflake.private_key) });
  }
  return warnings;
}
