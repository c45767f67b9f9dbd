/** `backup`: one archive with what a lost machine needs to come back, taken while the daemon runs; it names what is not in it. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Argv } from 'yargs';
import { AppError } from '../../shared/errors.ts';
import { EXIT, type ExitCode } from '../../shared/exit-codes.ts';
import { expiredBackups } from '../backup/archive-name.ts';
import { addFacts, configFiles, logFiles, stateFiles, unitFiles } from '../backup/contents.ts';
import { makeArchive, readBack, writeFault } from '../backup/make.ts';
import type { Manifest } from '../backup/manifest.ts';
import type { Staging } from '../backup/staging.ts';
import type { Command, Context, SharedArgs } from '../command.ts';
import { type DaemonSources, daemonSources } from '../daemon-sources.ts';
import { type NamedFile, namedFilesOf } from '../named-files.ts';
import { JSON_OPTION } from '../plain-table.ts';
import { tellWarnings } from '../terminal.ts';
import { span, UsageError } from '../values.ts';

interface BackupArgs extends SharedArgs {
  readonly dir?: string | undefined;
  readonly verify: boolean;
  readonly encrypt: boolean;
  readonly 'passphrase-file'?: string | undefined;
  readonly keep: number;
  readonly json: boolean;
}

const LOG_DAYS_MS = 7 * 24 * 3_600_000;

/** Units hold paths of one machine: they are kept to be read. */
const UNITS = 'Its unit files are for you to read: `restore` leaves them out, `install-service` writes new ones.';

export const PASSPHRASE_OPTION = {
  type: 'string',
  requiresArg: true,
  describe: 'File whose first line is the passphrase of the backup',
} as const;

export const backupCommand: Command<BackupArgs> = {
  words: 'backup [dir]',
  says: 'Writes configuration, keys, sessions, logs and figures to one archive; the daemon may run',
  options: (yargs) =>
    yargs
      .positional('dir', {
        type: 'string',
        describe: 'Directory to write to (backups in the state directory); with --verify also a backup to check',
      })
      .options({
        verify: { type: 'boolean', default: false, describe: 'Read it back and check every file of it' },
        encrypt: { type: 'boolean', default: false, describe: 'Encrypt it with gpg; needs --passphrase-file' },
        'passphrase-file': PASSPHRASE_OPTION,
        keep: {
          type: 'string',
          default: '30d',
          requiresArg: true,
          coerce: span('--keep', '1d', '3650d'),
          describe: 'Age at which backups in the directory are removed; the newest stays',
        },
        json: JSON_OPTION,
      })
      .example('$0 backup /var/backups/snowflake-mcp --verify', 'each night; read back, old ones removed')
      .example('$0 backup ARCHIVE --verify', 'is this one still whole?') as unknown as Argv<BackupArgs>,
  run: async (args, context) => {
    const given = args.dir === undefined ? undefined : resolve(context.cwd, args.dir);
    if (given !== undefined && statSync(given, { throwIfNoEntry: false })?.isFile()) {
      return checkOnly(given, args, context);
    }
    const passphraseFile = passphraseOf(args, context);
    const sources = await daemonSources(args, context);
    const dir = given ?? join(sources.paths.stateDir, 'backups');
    const progress = context.terminal.progress('Writing the backup');
    try {
      const { file, manifest } = await makeArchive({
        dir,
        kind: 'backup',
        passphraseFile,
        verify: args.verify,
        fill: (staging) => fill(staging, sources),
      });
      const removed = removeExpired(dir, args.keep);
      progress.done();
      tell(
        { file, manifest, isMade: true, removed, elsewhere: namedFilesOf(sources.spec, context.env) },
        args,
        context,
      );
    } finally {
      progress.done();
    }
    return EXIT.ok;
  },
};

function passphraseOf(args: BackupArgs, { cwd }: Context): string | undefined {
  const file = args['passphrase-file'];
  if (args.encrypt && file === undefined) throw new UsageError('--encrypt needs --passphrase-file FILE');
  if (file !== undefined && !args.encrypt) throw new UsageError('--passphrase-file needs --encrypt');
  return file === undefined ? undefined : resolve(cwd, file);
}

async function checkOnly(file: string, args: BackupArgs, context: Context): Promise<ExitCode> {
  if (!args.verify || args.encrypt)
    throw new UsageError(`${file} is a file: give a directory, or --verify to check it`);
  const passphrase = args['passphrase-file'];
  const passphraseFile = passphrase === undefined ? undefined : resolve(context.cwd, passphrase);
  const manifest = await readBack(file, passphraseFile, context.env.TMPDIR ?? '/tmp');
  tell({ file, manifest, isMade: false, removed: [], elsewhere: [] }, args, context);
  return EXIT.ok;
}

async function fill(staging: Staging, sources: DaemonSources): Promise<void> {
  for (const { path, role, file } of [...configFiles(sources), ...unitFiles()]) staging.addFile(path, role, file);
  const { stores, keys } = stateFiles(sources.paths);
  for (const { path, role, file } of keys) staging.addFile(path, role, file);
  if (stores.length > 0) {
    const { copyStore } = await import('../backup/store-copy.ts');
    for (const { path, role, file } of stores) await staging.addMade(path, role, (copy) => copyStore(file, copy));
  }
  await addFacts(staging, sources);
  const { files, tooMuch } = logFiles(sources.paths, Date.now() - LOG_DAYS_MS);
  for (const { path, role, file } of files) staging.addFile(path, role, file);
  for (const file of tooMuch) staging.leaveOut(file, 'the logs are too large');
}

function removeExpired(dir: string, keepMs: number): string[] {
  const expired = expiredBackups(readdirSync(dir), Date.now(), keepMs);
  try {
    for (const name of expired) rmSync(join(dir, name));
  } catch (error) {
    throw new AppError('PATH_UNUSABLE', { what: 'old backup in', path: dir, reason: writeFault(error) });
  }
  return expired;
}

interface Told {
  readonly file: string;
  readonly manifest: Manifest;
  /** Just now, and not only looked at. */
  readonly isMade: boolean;
  readonly removed: readonly string[];
  readonly elsewhere: readonly NamedFile[];
}

function tell({ file, manifest, isMade, removed, elsewhere }: Told, args: BackupArgs, { terminal }: Context): void {
  const { files, left_out, backup_date, version, hostname } = manifest;
  const bytes = statSync(file).size;
  if (args.json) {
    const named = elsewhere.map((one) => ({ key: one.key, file: one.file }));
    const what = { file, bytes, backup_date, version, hostname, verified: args.verify, removed };
    const facts = { ...what, left_out, not_included: named, files };
    terminal.print(JSON.stringify(facts, null, 2));
    return;
  }
  const deed = isMade ? `Written${args.verify ? ' and checked' : ''}` : 'Checked';
  terminal.print(`${deed}: ${file} (${files.length} files, ${bytes} bytes)`);
  const counts = [...new Set(files.map(({ role }) => role))].map(
    (role) => `${files.filter((one) => one.role === role).length} ${role}`,
  );
  terminal.print(`  of ${hostname}, version ${version}, ${backup_date}: ${counts.join(', ')}`);
  for (const name of removed) terminal.print(`  removed, older than is kept: ${name}`);
  tellWarnings(
    terminal,
    left_out.map((what) => `left out: ${what}`),
  );
  if (elsewhere.length > 0) terminal.note('Not in it, keep them elsewhere:');
  for (const one of elsewhere) terminal.note(`  ${one.file} (${one.key})`);
  if (files.some(({ role }) => role === 'unit')) terminal.note(UNITS);
  if (!file.endsWith('.gpg')) terminal.note('It holds credentials in clear text: keep it private, or use --encrypt.');
}
