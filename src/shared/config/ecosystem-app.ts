/** One app of a PM2 file as a layer of the configuration. */

import { isMapping, type PmApp } from './ecosystem-apps.ts';
import { readArgs } from './ecosystem-args.ts';
import { ALIASES, ALWAYS_TRUE, IGNORED, READ_ELSEWHERE, TARGETS } from './ecosystem-keys.ts';
import { variablesLayer } from './env-file.ts';
import { emptyLayer, type Layer, suggestion } from './layer.ts';
import type { Leaf } from './leaves.ts';
import { UNUSED_NAMES } from './unused-names.ts';

export interface AppContext {
  readonly file: string;
  readonly index: number;
  readonly leaves: readonly Leaf[];
  /** Name of --env. */
  readonly environment: string | undefined;
}

export interface AppReading {
  readonly layer: Layer;
  readonly dropped: readonly { readonly path: string; readonly reason: string }[];
  readonly environments: readonly string[];
}

const ENV_PREFIX = 'env_';

export function readApp(app: PmApp, context: AppContext): AppReading {
  const reading = new Reading(context);
  reading.takeWorkerCount(app);
  reading.takeVariables(app);
  reading.takeArgs(app);
  reading.takeKeys(app);
  const environments = Object.keys(app)
    .filter((key) => key.startsWith(ENV_PREFIX))
    .map((key) => key.slice(ENV_PREFIX.length));
  return { layer: reading.layer, dropped: reading.dropped, environments };
}

/** The layer while it is put together, weakest part first; it never outlives the call. */
class Reading {
  readonly layer: Layer;
  readonly dropped: { path: string; reason: string }[] = [];
  readonly #context: AppContext;
  #variables: Readonly<Record<string, string>> = {};

  constructor(context: AppContext) {
    this.#context = context;
    this.layer = emptyLayer(context.file);
  }

  /** PM2 starts one process when `instances` is absent, in both modes. */
  takeWorkerCount(app: PmApp): void {
    const mode = app.exec_mode;
    const isKnown = mode === undefined || ['fork', 'fork_mode', 'cluster', 'cluster_mode'].includes(String(mode));
    if (!isKnown) this.#fault('exec_mode', `${shown(mode)} is not fork or cluster`);
    this.layer.values.set('workers.count', { value: 1, place: this.#place('instances (absent, so 1)') });
  }

  /** `env` with `env_NAME` over it, as an environment of its own. */
  takeVariables(app: PmApp): void {
    const { environment, leaves } = this.#context;
    const parts = ['env', ...(environment === undefined ? [] : [`${ENV_PREFIX}${environment}`])];
    const origin = new Map<string, string>();
    const variables: Record<string, string> = {};
    for (const part of parts) {
      const content = Object.hasOwn(app, part) ? app[part] : undefined;
      if (content === undefined || content === null) continue;
      if (!isMapping(content)) {
        this.#fault(part, 'must hold variables');
        continue;
      }
      for (const [name, value] of Object.entries(content)) {
        if (value === null || value === undefined) continue;
        if (typeof value === 'object' || typeof value === 'function') {
          this.#fault(`${part}.${name}`, 'must be a text, a number, true or false');
          continue;
        }
        variables[name] = String(value);
        origin.set(name, `${part}.${name}`);
      }
    }
    this.#variables = variables;
    const pathOf = (name: string) => origin.get(name) ?? name;
    const layer = variablesLayer(this.#context.file, variables, leaves, (name) => this.#place(pathOf(name)));
    for (const [key, given] of layer.values) this.layer.values.set(key, given);
    this.layer.warnings.push(...layer.warnings.map((warning) => `${this.#context.file}: ${warning}`));
    const known = new Set([...leaves.flatMap((leaf) => leaf.meta.env ?? []), ...Object.keys(UNUSED_NAMES)]);
    for (const name of Object.keys(variables)) {
      if (!known.has(name) && name !== app.increment_var) this.#drop(pathOf(name), reasonOfVariable(name));
    }
  }

  takeArgs(app: PmApp): void {
    if (app.args === undefined || app.args === null) return;
    const args = readArgs(app.args);
    if (args === undefined) {
      this.#fault('args', 'must be a text or a list of texts');
      return;
    }
    for (const [key, { flag, value }] of args.values) {
      this.layer.values.set(key, { value, place: this.#place(`args ${flag}`) });
    }
    for (const flag of args.unknown) this.#drop(`args ${flag}`, 'this server has no such flag');
  }

  takeKeys(app: PmApp): void {
    const seen = new Map<string, string>();
    const entries = Object.entries(app).filter(([, value]) => value !== undefined && value !== null);
    // log_file wins over out_file: it comes last, whatever the order in the file is.
    const last = ([written]: [string, unknown]) => (nameOf(written) === 'log_file' ? 1 : 0);
    for (const [written, value] of entries.sort((a, b) => last(a) - last(b))) {
      const name = nameOf(written);
      const before = seen.get(name);
      if (before !== undefined) this.#fault(written, `means the same as ${before}`);
      seen.set(name, written);
      if (name === 'log_file' && seen.has('out_file')) {
        this.#drop(seen.get('out_file') ?? 'out_file', 'log_file is taken: all lines are in one file');
      }
      this.#takeKey(written, name, value);
    }
  }

  #takeKey(written: string, name: string, value: unknown): void {
    if (READ_ELSEWHERE.includes(name) || name.startsWith(ENV_PREFIX)) return;
    const reason = Object.hasOwn(IGNORED, name) ? IGNORED[name] : undefined;
    if (reason !== undefined) {
      if (!(ALWAYS_TRUE.includes(name) && value === true)) this.#drop(written, reason);
      return;
    }
    const key = Object.hasOwn(TARGETS, name) ? TARGETS[name] : undefined;
    if (key === undefined) {
      const known = [...Object.keys(TARGETS), ...Object.keys(IGNORED), ...READ_ELSEWHERE];
      this.#fault(written, `is not a key of a PM2 app${suggestion(name, known)}`);
      return;
    }
    const form = FORMS[name];
    const read = form === undefined ? { value } : form(value, this.#variables);
    if ('reason' in read) this.#drop(written, read.reason);
    else if (read.value !== undefined) this.layer.values.set(key, { value: read.value, place: this.#place(written) });
  }

  #drop(path: string, reason: string): void {
    this.dropped.push({ path: `apps[${this.#context.index}].${path}`, reason });
  }

  #fault(path: string, words: string): void {
    this.layer.faults.push(`${this.#place(path)}: ${words}`);
  }

  #place(path: string): string {
    return `${this.#context.file}: apps[${this.#context.index}].${path}`;
  }
}

type Form = (value: unknown, variables: Readonly<Record<string, string>>) => { value: unknown } | { reason: string };

const logFile: Form = (value) =>
  value === '/dev/null' || value === 'NULL' ? { reason: 'logs are always kept, and rotated' } : { value };

/** Keys whose values PM2 writes in ways of its own. */
const FORMS: Readonly<Record<string, Form>> = {
  watch: (value) => ({ value: value === true ? ['.'] : value === false ? [] : value }),
  // PM2 switches it off with 0 or false.
  cron_restart: (value) => ({ value: value === 0 || value === '0' || value === false ? undefined : value }),
  // PM2 counts up from the value the variable has in `env`.
  increment_var: (value, variables) => {
    const from = typeof value === 'string' && Object.hasOwn(variables, value) ? variables[value] : undefined;
    return { value: from === undefined ? value : `${String(value)}=${from}` };
  },
  log_file: logFile,
  out_file: logFile,
};

const nameOf = (written: string): string => (Object.hasOwn(ALIASES, written) ? (ALIASES[written] ?? written) : written);

function reasonOfVariable(name: string): string {
  return name === 'NODE_ENV' || name === 'ENVIRONMENT'
    ? 'the name of the environment: --env chooses it'
    : 'no setting of this server: a variable for its libraries belongs into the environment it is started in';
}

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 60) ?? String(value);
}
