/** `support-bundle`: what somebody who helps needs to see, without secrets: masked first, then looked through again. */
import { statfsSync, statSync } from 'node:fs';
import { arch, cpus, freemem, loadavg, release, totalmem, uptime } from 'node:os';
import { join, resolve } from 'node:path';
import type { Argv } from 'yargs';
import { readEnvFile } from '../../shared/config/env-file.ts';
import { type LoadedConfig, loadConfig } from '../../shared/config/load.ts';
import { maskedConfig } from '../../shared/config/masked.ts';
import { AppError } from '../../shared/errors.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import { addFacts, jsonText, logFiles, unitFiles } from '../backup/contents.ts';
import { makeArchive } from '../backup/make.ts';
import type { Role } from '../backup/manifest.ts';
import type { Staging } from '../backup/staging.ts';
import { linesOf } from '../bounded-lines.ts';
import type { Command, Context, SharedArgs } from '../command.ts';
import { configuredSecrets } from '../configured-secrets.ts';
import { type DaemonSources, daemonSources } from '../daemon-sources.ts';
import { createLineFilter } from '../log-filter.ts';
import { JSON_OPTION } from '../plain-table.ts';
import { createMask, createScan, type KnownSecret } from '../secret-scan.ts';
import { tellWarnings } from '../terminal.ts';

interface BundleArgs extends SharedArgs {
  readonly dir: string;
  readonly json: boolean;
}

const LOG_SPAN_MS = 2 * 3_600_000;
/** Of one log file; the last ones are taken. */
const LINES_MAX = 50_000;

export const supportBundleCommand: Command<BundleArgs> = {
  words: 'support-bundle [dir]',
  says: 'Collects system, service, configuration, two hours of logs, health and figures, without secrets',
  options: (yargs) =>
    yargs
      .positional('dir', { type: 'string', default: '.', describe: 'Directory to write to' })
      .option('json', JSON_OPTION)
      .example(
        '$0 support-bundle /tmp',
        'one file to send on; it is checked for secrets before it is written',
      ) as unknown as Argv<BundleArgs>,
  run: async (args, context) => {
    const { terminal } = context;
    const sources = await daemonSources(args, context);
    const progress = terminal.progress('Collecting');
    try {
      const { file, manifest } = await makeArchive({
        dir: resolve(context.cwd, args.dir),
        kind: 'support',
        verify: true,
        fill: (staging) => fill(staging, sources, context),
      });
      progress.done();
      const { files, left_out } = manifest;
      if (args.json) terminal.print(JSON.stringify({ file, files, left_out }, null, 2));
      else
        terminal.print(
          `Written: ${file} (${files.length} files, ${statSync(file).size} bytes, looked through for secrets)`,
        );
      tellWarnings(
        terminal,
        left_out.map((what) => `left out: ${what}`),
      );
    } finally {
      progress.done();
    }
    return EXIT.ok;
  },
};

async function fill(staging: Staging, sources: DaemonSources, context: Context): Promise<void> {
  const loaded = loadedOf(sources, context);
  const known = loaded instanceof AppError ? [] : configuredSecrets(loaded.config);
  const clean = cleanStaging(staging, known);
  clean.addText('system/machine.json', 'facts', jsonText(machineFacts(sources)));
  clean.addText(
    'service/daemon.json',
    'facts',
    jsonText({ found: sources.found.kind, paths: sources.paths, launch: sources.spec }),
  );
  for (const { path, role, file } of unitFiles()) clean.addText(path, role, (await lines(file, () => true)).join('\n'));
  const config = loaded instanceof AppError ? { fault: loaded.message } : shown(loaded);
  clean.addText('config/effective.json', 'facts', jsonText(config));
  clean.addText(
    'config/variables.json',
    'facts',
    jsonText(Object.keys(readEnvFile(join(sources.spec.cwd, '.env'))?.variables ?? {})),
  );
  await addFacts(clean, sources);
  for (const { path, role, file } of logFiles(sources.paths, Date.now() - LOG_SPAN_MS).files) {
    const recent = createLineFilter({ sinceMs: Date.now() - LOG_SPAN_MS });
    try {
      clean.addText(path.replace(/\.gz$/, ''), role, `${(await lines(file, recent)).join('\n')}\n`);
    } catch (error) {
      staging.leaveOut(file, (error as NodeJS.ErrnoException).code ?? String(error));
    }
  }
}

/** Masks every text; one in which a secret is found even so ends the whole. */
function cleanStaging(staging: Staging, known: readonly KnownSecret[]): Staging {
  const mask = createMask(known);
  const scan = createScan(known);
  const addText = (path: string, role: Role, text: string) => {
    const masked = text.split('\n').map(mask);
    masked.forEach((line, at) => {
      const [what] = scan(line);
      if (what !== undefined) throw new AppError('SECRET_LEFT', { place: `${path}:${at + 1}`, what });
    });
    staging.addText(path, role, masked.join('\n'));
  };
  return { ...staging, addText };
}

async function lines(file: string, accepts: (line: string) => boolean): Promise<string[]> {
  let kept: string[] = [];
  for await (const line of linesOf(file)) {
    if (accepts(line)) kept.push(line);
    if (kept.length > 2 * LINES_MAX) kept = kept.slice(-LINES_MAX);
  }
  return kept.slice(-LINES_MAX);
}

function loadedOf({ spec }: DaemonSources, { env }: Context): LoadedConfig | AppError {
  try {
    return loadConfig(spec, env);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

function shown({ config, sources, warnings, places }: LoadedConfig) {
  return { sources, warnings, places: Object.fromEntries(places), config: maskedConfig(config) };
}

function machineFacts({ paths }: DaemonSources): unknown {
  const disk = (path: string) => {
    try {
      const { bavail, blocks, bsize } = statfsSync(path);
      return { path, free_bytes: bavail * bsize, total_bytes: blocks * bsize };
    } catch (error) {
      return { path, fault: (error as NodeJS.ErrnoException).code };
    }
  };
  return {
    os: { platform: process.platform, release: release(), arch: arch(), uptime_seconds: Math.round(uptime()) },
    processors: cpus().length,
    load: loadavg(),
    memory: { total_bytes: totalmem(), free_bytes: freemem() },
    node: process.version,
    user: { uid: process.getuid?.(), gid: process.getgid?.() },
    time: { now: new Date().toISOString(), zone: Intl.DateTimeFormat().resolvedOptions().timeZone },
    disks: [paths.runDir, paths.stateDir, paths.logDir].map(disk),
  };
}
