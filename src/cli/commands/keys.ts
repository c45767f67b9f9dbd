/** `keys`: makes, lists, revokes and rotates the keys of clients; a running daemon follows at once, none is needed. */
import type { Argv } from 'yargs';
import { addKey, type ClientKey, KEY_NAME, revokeKey, rotateKey } from '../../shared/client-keys.ts';
import { loadConfig } from '../../shared/config/load.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import { changeKeys, forgetUse, lastUsed, readKeys } from '../../shared/keys-file.ts';
import type { LaunchSpec } from '../../shared/launch.ts';
import { SCOPES, type Scope } from '../../shared/principal.ts';
import type { Command, Context, SharedArgs } from '../command.ts';
import { daemonSources } from '../daemon-sources.ts';
import { keysTable, keyView } from '../keys-text.ts';
import { JSON_OPTION } from '../plain-table.ts';
import { span, UsageError, wholeNumber } from '../values.ts';

interface JsonArgs extends SharedArgs {
  readonly json: boolean;
}

interface CreateArgs extends JsonArgs {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expires: number | undefined;
  readonly role: string | undefined;
  readonly identity: string | undefined;
  readonly rate: number | undefined;
  readonly 'max-rows': number | undefined;
  readonly 'max-concurrent': number | undefined;
  readonly 'max-sessions': number | undefined;
  readonly 'query-timeout': number | undefined;
}

const FOREVER = 'never';
const MAX_COUNT = 1_000_000;

const expiry = (value: unknown) => (value === FOREVER ? undefined : span('--expires', '1m', '3650d')(value));
const count = (flag: string) => wholeNumber(flag, 1, MAX_COUNT);

function scopes(value: unknown): readonly Scope[] {
  const words = [
    ...new Set(
      String(value)
        .split(',')
        .map((word) => word.trim().toLowerCase()),
    ),
  ].filter(Boolean);
  const known = SCOPES.filter((scope) => words.includes(scope));
  if (known.length === 0 || known.length !== words.length) {
    throw new UsageError(`--scopes takes ${SCOPES.join(', ')}, separated by commas, not ${String(value)}`);
  }
  return known;
}

function keyName(value: unknown): string {
  if (KEY_NAME.test(String(value))) return String(value);
  throw new UsageError('--name takes up to 64 letters, digits, dots, dashes and underscores');
}

function createOptions(yargs: Argv<SharedArgs>): Argv<CreateArgs> {
  return yargs.options({
    name: { type: 'string', demandOption: true, requiresArg: true, coerce: keyName, describe: 'Whose key it is' },
    scopes: {
      type: 'string',
      default: 'read',
      coerce: scopes,
      describe: `What it opens: ${SCOPES.join(', ')}, separated by commas`,
    },
    expires: {
      type: 'string',
      requiresArg: true,
      coerce: expiry,
      default: '90d',
      describe: `How long it is good: 90d, 12h or ${FOREVER}`,
    },
    role: { type: 'string', requiresArg: true, describe: 'Snowflake role of its statements' },
    identity: { type: 'string', requiresArg: true, describe: 'Login of snowflake.identities of its statements' },
    rate: { coerce: count('--rate'), describe: 'Most requests a minute' },
    'max-rows': { coerce: count('--max-rows'), describe: 'Most rows of one result' },
    'max-concurrent': { coerce: count('--max-concurrent'), describe: 'Most requests at once' },
    'max-sessions': { coerce: count('--max-sessions'), describe: 'Most sessions' },
    'query-timeout': { coerce: optional(span('--query-timeout', '1s', '1d')), describe: 'Longest statement: 30s, 5m' },
    json: JSON_OPTION,
  }) as unknown as Argv<CreateArgs>;
}

function optional<T>(read: (value: unknown) => T): (value: unknown) => T | undefined {
  return (value) => (value === undefined ? undefined : read(value));
}

export const keysCreateCommand: Command<CreateArgs> = {
  words: 'create',
  says: 'Makes a key and prints it, once',
  options: createOptions,
  run: async (args, context) => {
    const { paths, spec } = await daemonSources(args, context);
    const { keysFile } = paths;
    if (args.identity !== undefined) checkIdentity(args.identity, spec, context);
    const now = new Date();
    const { key, secret } = await changeKeys(keysFile, (keys) => addKey(keys, wishesOf(args, now), now));
    tellSecret(key, secret, { file: keysFile, isJson: args.json, context });
    return EXIT.ok;
  },
};

/** A key of a login that is not there would fail with each statement. */
function checkIdentity(identity: string, spec: LaunchSpec, context: Context): void {
  let names: readonly string[];
  try {
    names = Object.keys(loadConfig(spec, context.env).config.snowflake.identities);
  } catch {
    const says = 'the configuration cannot be read, or is wrong; `config check` says why';
    context.terminal.note(`Not checked whether the login ${identity} is there: ${says}.`);
    return;
  }
  if (names.includes(identity)) return;
  const known = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
  throw new UsageError(`--identity takes a login of snowflake.identities: ${known}, not ${identity}`);
}

function wishesOf(args: CreateArgs, now: Date) {
  const given = {
    maxRows: args['max-rows'],
    queryTimeoutMs: args['query-timeout'],
    requestsPerMinute: args.rate,
    maxConcurrent: args['max-concurrent'],
    maxSessions: args['max-sessions'],
  };
  const limits = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return {
    name: args.name,
    scopes: [...args.scopes],
    ...(args.expires === undefined ? {} : { expires: new Date(now.getTime() + args.expires).toISOString() }),
    ...(args.role === undefined ? {} : { role: args.role }),
    ...(args.identity === undefined ? {} : { identity: args.identity }),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
  };
}

function tellSecret(key: ClientKey, secret: string, to: { file: string; isJson: boolean; context: Context }): void {
  const { terminal } = to.context;
  if (to.isJson) {
    terminal.print(JSON.stringify({ ...keyView(key, undefined, new Date()), key: secret, file: to.file }, null, 2));
    return;
  }
  terminal.print(secret);
  terminal.note(
    `Key ${key.name} (${key.id}), scopes ${key.scopes.join(', ')}, ${expiryText(key)}. It is shown this once.`,
  );
  terminal.note(
    `Clients send it as \`Authorization: Bearer KEY\`. Its hash is in ${to.file}; a running service has it now.`,
  );
  if (!key.scopes.includes('read')) terminal.note('Without the scope read it opens no tool but execute_statement.');
}

const expiryText = (key: ClientKey) => (key.expires === undefined ? 'never expires' : `expires ${key.expires}`);

export const keysListCommand: Command<JsonArgs> = {
  words: 'list',
  says: 'Lists the keys with their state, scopes, expiry and last use',
  options: (yargs) => yargs.option('json', JSON_OPTION),
  run: async (args, context) => {
    const { keysFile } = (await daemonSources(args, context)).paths;
    const now = new Date();
    const views = (readKeys(keysFile) ?? []).map((key) => keyView(key, lastUsed(keysFile, key.id), now));
    context.terminal.print(args.json ? JSON.stringify({ file: keysFile, keys: views }, null, 2) : keysTable(views));
    return EXIT.ok;
  },
};

interface RevokeArgs extends JsonArgs {
  readonly key: string;
  readonly forget: boolean;
}

const whichKey = { type: 'string', demandOption: true, describe: 'Id or name of the key' } as const;

export const keysRevokeCommand: Command<RevokeArgs> = {
  words: 'revoke <key>',
  says: 'Makes a key worthless at once; its open streams end',
  options: (yargs) =>
    yargs
      .positional('key', whichKey)
      .option('forget', { type: 'boolean', default: false, describe: 'Take it off the list too' })
      .option('json', JSON_OPTION),
  run: async (args, context) => {
    const { keysFile } = (await daemonSources(args, context)).paths;
    const { key } = await changeKeys(keysFile, (keys) => {
      const revoked = revokeKey(keys, args.key, new Date());
      return args.forget ? { ...revoked, keys: revoked.keys.filter(({ id }) => id !== revoked.key.id) } : revoked;
    });
    if (args.forget) forgetUse(keysFile, key.id);
    const { terminal } = context;
    if (args.json) terminal.print(JSON.stringify(keyView(key, lastUsed(keysFile, key.id), new Date()), null, 2));
    else terminal.print(`Revoked: ${key.name} (${key.id})`);
    return EXIT.ok;
  },
};

interface RotateArgs extends JsonArgs {
  readonly key: string;
  readonly overlap: number;
  readonly expires: number | undefined;
}

export const keysRotateCommand: Command<RotateArgs> = {
  words: 'rotate <key>',
  says: 'Gives a key a new secret; the old one stays good for a while',
  options: (yargs) =>
    yargs.positional('key', whichKey).options({
      overlap: {
        type: 'string',
        default: '24h',
        coerce: span('--overlap', '0s', '90d'),
        describe: 'How long the old secret stays good; 0s ends it now',
      },
      expires: {
        type: 'string',
        requiresArg: true,
        coerce: optional(span('--expires', '1m', '3650d')),
        describe: 'New time to live; without it the same as before',
      },
      json: JSON_OPTION,
    }) as unknown as Argv<RotateArgs>,
  run: async (args, context) => {
    const { keysFile } = (await daemonSources(args, context)).paths;
    const now = new Date();
    const expires = args.expires === undefined ? undefined : new Date(now.getTime() + args.expires).toISOString();
    const { key, secret } = await changeKeys(keysFile, (keys) =>
      rotateKey(keys, args.key, { overlapMs: args.overlap, expires }, now),
    );
    tellSecret(key, secret, { file: keysFile, isJson: args.json, context });
    if (!args.json && key.previous !== undefined)
      context.terminal.note(`The old secret is good until ${key.previous.until}.`);
    return EXIT.ok;
  },
};
