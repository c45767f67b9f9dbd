/** `audit-secrets`: looks for credentials where they must not be, and tells file, line and kind, never the value. */
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Argv } from 'yargs';
import { loadConfig } from '../../shared/config/load.ts';
import { AppError } from '../../shared/errors.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import { configFiles, logFiles, unitFiles } from '../backup/contents.ts';
import { linesOf } from '../bounded-lines.ts';
import type { Command, Context, SharedArgs } from '../command.ts';
import { configuredSecrets } from '../configured-secrets.ts';
import { type DaemonSources, daemonSources } from '../daemon-sources.ts';
import { JSON_OPTION } from '../plain-table.ts';
import { createScan, type Scan } from '../secret-scan.ts';
import { tellWarnings } from '../terminal.ts';

interface AuditArgs extends SharedArgs {
  readonly paths?: readonly string[] | undefined;
  readonly json: boolean;
}

interface Finding {
  readonly file: string;
  /** 0 for the file itself. */
  readonly line: number;
  readonly what: string;
}

const FINDINGS_MAX = 1000;
const FILES_MAX = 10_000;
const DEPTH_MAX = 8;

export const auditSecretsCommand: Command<AuditArgs> = {
  words: 'audit-secrets [paths..]',
  says: 'Looks for secrets in logs, units and files; exit 1 with their places when there are any',
  options: (yargs) =>
    yargs
      .positional('paths', { type: 'string', array: true, describe: 'More files and directories to look into' })
      .option('json', JSON_OPTION)
      .example(
        '$0 audit-secrets /etc/prometheus',
        'the places of the service, and one more',
      ) as unknown as Argv<AuditArgs>,
  run: async (args, context) => {
    const { terminal } = context;
    const sources = await daemonSources(args, context);
    const scan = createScan(knownOf(sources, context));
    const more = (args.paths ?? []).flatMap((path) => filesBelow(resolve(context.cwd, path), DEPTH_MAX));
    const open = [...unitFiles(), ...logFiles(sources.paths, 0).files].map(({ file }) => file);
    const findings: Finding[] = configFiles(sources).flatMap(({ file }) => exposed(file));
    const unread: string[] = [];
    const files = [...new Set([...open, ...more])].slice(0, FILES_MAX);
    for (const file of files) {
      await look(file, scan, findings).catch((error: NodeJS.ErrnoException) =>
        unread.push(`${file}: ${error.code ?? error.message}`),
      );
    }
    if (args.json) terminal.print(JSON.stringify({ files: files.length, findings, unread }, null, 2));
    else {
      for (const { file, line, what } of findings) terminal.print(`${file}${line === 0 ? '' : `:${line}`}: ${what}`);
      terminal.print(
        `Findings: ${findings.length} in ${files.length} files${findings.length >= FINDINGS_MAX ? ' (more are not told)' : ''}`,
      );
    }
    tellWarnings(
      terminal,
      unread.map((one) => `not read: ${one}`),
    );
    if (findings.length === 0) return EXIT.ok;
    terminal.note('Next: remove them, then change the secrets that others may have read; runbooks/security-breach.md');
    return EXIT.failed;
  },
};

/** Without a configuration that loads only the forms of secrets are known. */
function knownOf({ spec }: DaemonSources, { env, terminal }: Context) {
  try {
    return configuredSecrets(loadConfig({ ...spec, demo: true }, env).config);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    tellWarnings(terminal, [`the configured values are not looked for: ${error.message}`]);
    return [];
  }
}

/** Files of the configuration may hold secrets, as long as not everybody can read them. */
function exposed(file: string): Finding[] {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & 0o007) === 0 || !/\.env/.test(file)
    ? []
    : [
        {
          file,
          line: 0,
          what: `everybody on this machine may read it (mode ${(mode & 0o777).toString(8)}): chmod 600`,
        },
      ];
}

async function look(file: string, scan: Scan, findings: Finding[]): Promise<void> {
  let line = 0;
  for await (const text of linesOf(file)) {
    line += 1;
    for (const what of scan(text)) if (findings.length < FINDINGS_MAX) findings.push({ file, line, what });
  }
}

/** @throws AppError PATH_UNUSABLE for a path that is not there */
function filesBelow(path: string, depth: number): string[] {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts === undefined) throw new AppError('PATH_UNUSABLE', { what: 'path', path, reason: 'there is no such file' });
  if (facts.isFile()) return [path];
  if (!facts.isDirectory() || depth === 0) return [];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isFile()) return [join(path, entry.name)];
    return entry.isDirectory() && entry.name !== 'node_modules' ? filesBelow(join(path, entry.name), depth - 1) : [];
  });
}
