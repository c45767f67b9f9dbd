/** `restore`: puts the files of a backup back, all or none; what was there before is kept beside them. */
import { rmSync, statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Argv } from 'yargs';
import { loadChecked } from '../../shared/config/checked.ts';
import { AppError } from '../../shared/errors.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import { type OpenedArchive, openArchive } from '../backup/archive.ts';
import { stampOf } from '../backup/archive-name.ts';
import { writeFault } from '../backup/make.ts';
import type { Role } from '../backup/manifest.ts';
import { restoreTargets, type Target } from '../backup/targets.ts';
import type { Command, Context, SharedArgs } from '../command.ts';
import { type DaemonSources, DEFAULT_CONFIG_FILE, daemonSources } from '../daemon-sources.ts';
import { type Swap, swapFiles } from '../file-swap.ts';
import { removeOnSignal } from '../left-copies.ts';
import { isMissing, namedFilesOf } from '../named-files.ts';
import { JSON_OPTION } from '../plain-table.ts';
import { groupId } from '../service-host.ts';
import { tellWarnings } from '../terminal.ts';
import { installedUnit } from '../unit.ts';
import { UsageError } from '../values.ts';
import { PASSPHRASE_OPTION } from './backup.ts';

interface RestoreArgs extends SharedArgs {
  readonly backup: string;
  readonly full: boolean;
  readonly 'config-only': boolean;
  readonly 'dry-run': boolean;
  readonly 'passphrase-file'?: string | undefined;
  readonly json: boolean;
}

export const restoreCommand: Command<RestoreArgs> = {
  words: 'restore <backup>',
  says: 'Puts the files of a backup back after checking all of it; the old ones are kept',
  options: (yargs) =>
    yargs
      .positional('backup', { type: 'string', demandOption: true, describe: 'A file that `backup` wrote' })
      .options({
        'config-only': { type: 'boolean', default: false, describe: 'Configuration and .env alone (the default)' },
        full: { type: 'boolean', default: false, describe: 'Sessions and client keys too; the daemon must be stopped' },
        'dry-run': { type: 'boolean', default: false, describe: 'Check the backup and tell what would be replaced' },
        'passphrase-file': PASSPHRASE_OPTION,
        json: JSON_OPTION,
      })
      .example('$0 restore ARCHIVE --dry-run', 'what would be replaced')
      .example('$0 restore ARCHIVE --full', 'on a new machine, before the first start') as unknown as Argv<RestoreArgs>,
  run: async (args, context) => {
    if (args.full && args['config-only']) throw new UsageError('--full and --config-only exclude each other');
    const file = resolve(context.cwd, args.backup);
    requireFile(file);
    const sources = await daemonSources(args, context);
    if (args.full && sources.found.kind !== 'none') throw stillRunning(sources);
    const unpackTo = await mkdtemp(join(tmpdir(), 'snowflake-mcp-'));
    const remove = () => rmSync(unpackTo, { recursive: true, force: true });
    const forget = removeOnSignal(remove);
    try {
      const passphrase = args['passphrase-file'];
      const passphraseFile = passphrase === undefined ? undefined : resolve(context.cwd, passphrase);
      const opened = await openArchive({ file, passphraseFile, unpackTo });
      const targets = targetsOf(file, opened, sources, args.full);
      const swap = args['dry-run'] ? undefined : replaceFiles(targets, opened, sources, context);
      if (swap !== undefined) tellMissing(sources, context);
      tell({ targets, swap, sources, opened }, args, context);
      return EXIT.ok;
    } catch (error) {
      if (error instanceof AppError) throw error;
      const next = 'Nothing was changed. Make room (the directory of TMPDIR counts too) or correct permissions.';
      throw new AppError('RESTORE_REFUSED', { reason: writeFault(error), next }, { cause: error });
    } finally {
      forget();
      remove();
    }
  },
};

function requireFile(file: string): void {
  const facts = statSync(file, { throwIfNoEntry: false });
  if (facts?.isFile()) return;
  throw new AppError('BACKUP_UNUSABLE', {
    file,
    reason: facts === undefined ? 'there is no such file' : 'it is no file',
  });
}

function stillRunning({ found }: DaemonSources): AppError {
  const pid = found.kind === 'none' ? '' : ` (PID: ${found.process.pid})`;
  return new AppError('RESTORE_REFUSED', {
    reason: `the daemon is running${pid}, and its sessions and keys would be replaced under it`,
    next: 'Nothing was changed. Run `stop`, then this again, then `start`; --config-only works while it runs.',
  });
}

function targetsOf(file: string, { manifest }: OpenedArchive, sources: DaemonSources, isFull: boolean): Target[] {
  if (manifest.kind !== 'backup') throw new AppError('BACKUP_UNUSABLE', { file, reason: 'it is a support bundle' });
  const { spec, configFile, paths } = sources;
  const standardConfig = join(spec.cwd, DEFAULT_CONFIG_FILE);
  const targets = restoreTargets(manifest, { cwd: spec.cwd, configFile, paths, standardConfig }, isFull);
  if (targets.length === 0) throw new AppError('BACKUP_UNUSABLE', { file, reason: 'it holds nothing to restore' });
  return targets;
}

/** What root puts where the service reads it has to be open to the group of the service. */
const READ_BY_SERVICE: readonly Role[] = ['config', 'environment', 'dotenv'];

function groupOfService({ paths, spec }: DaemonSources): number | undefined {
  const unit = installedUnit(paths);
  return unit?.spec.cwd === spec.cwd ? groupId(unit.group) : undefined;
}

/** Replaces the files; a configuration that cannot be loaded afterwards is taken back. */
function replaceFiles(
  targets: readonly Target[],
  opened: OpenedArchive,
  sources: DaemonSources,
  context: Context,
): Swap {
  const group = groupOfService(sources);
  const changes = targets.map(({ member, target }) => {
    const isRead = group !== undefined && READ_BY_SERVICE.includes(member.role);
    return { target, source: opened.fileOf(member), ...(isRead ? { mode: 0o640, group } : {}) };
  });
  const swap = swapFiles(changes, stampOf(new Date()));
  try {
    loadChecked(sources.spec, context.env);
  } catch (error) {
    if (error instanceof AppError && error.code !== 'CONFIG_INVALID' && error.code !== 'CONFIG_UNREADABLE') {
      tellWarnings(context.terminal, [`${error.message}. ${error.toBody().next}`]);
    } else {
      swap.undo();
      throw error;
    }
  }
  for (const { target, member } of targets) if (member.role === 'state') rmSync(`${target}-lock`, { force: true });
  return swap;
}

/** What the restored configuration leads to and no backup holds. */
function tellMissing({ spec }: DaemonSources, { env, terminal }: Context): void {
  const missing = namedFilesOf(spec, env).filter(isMissing);
  tellWarnings(
    terminal,
    missing.map(({ key, file }) => `${key} leads to ${file}, which is not here: bring it, it is part of no backup`),
  );
}

interface Told {
  readonly targets: readonly Target[];
  readonly swap: Swap | undefined;
  readonly sources: DaemonSources;
  readonly opened: OpenedArchive;
}

function tell({ targets, swap, sources, opened }: Told, args: RestoreArgs, { terminal }: Context): void {
  const { backup_date, version, hostname } = opened.manifest;
  const restored = targets.map(({ target }) => target);
  if (args.json) {
    const facts = { backup_date, version, hostname, changed: swap !== undefined, restored, kept: swap?.kept ?? [] };
    terminal.print(JSON.stringify(facts, null, 2));
    return;
  }
  terminal.print(`Backup of ${hostname}, version ${version}, ${backup_date}: every file of it is as it was written`);
  for (const target of restored) terminal.print(`  ${swap === undefined ? 'would replace' : 'restored'} ${target}`);
  for (const { kept } of swap?.kept ?? []) terminal.print(`  kept the old one as ${kept}`);
  const units = opened.manifest.files.filter(({ role }) => role === 'unit').map(({ path }) => path);
  if (args.full && units.length > 0) {
    terminal.print(
      `Left out: ${units.join(', ')}. \`install-service\` writes the unit; carry your own drop-ins over by hand.`,
    );
  }
  if (swap === undefined) return;
  if (!args.full) terminal.print('Sessions and client keys were left as they are (--full restores them).');
  terminal.note(sources.found.kind === 'none' ? 'Next: `start`' : 'Next: `config check`, then `reload --wait`');
}
