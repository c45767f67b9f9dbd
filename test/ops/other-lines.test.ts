/**
 * The lines of the `console` blocks that call the programs of others, as far as no cluster, engine or second machine is
 * needed: the shell must read each block, kubectl and podman (the flags of docker) must take each line, and what a line says to our own
 * program inside must be a command of it. npm packs and installs for real.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allPages, fencesOf } from '../support/pages.ts';
import { ROOT } from '../support/process.ts';
import { tempDir } from '../support/temp-dir.ts';

const BLOCKS = allPages()
  .flatMap(fencesOf)
  // A crontab and what is typed into Snowflake are no shell.
  .filter(({ language, lines }) => language === 'console' && !/^(SELECT|\d+ \d+ \*) /.test(lines[0] ?? ''));
const LINES = [...new Set(BLOCKS.flatMap(({ lines }) => lines.join('\n').replaceAll('\\\n', ' ').split('\n')))];
const linesOf = (start: string) => LINES.filter((line) => line.startsWith(start));

function tried(program: string, words: readonly string[], cwd = ROOT): { code: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(program, words, { cwd, encoding: 'utf8', timeout: 60_000 });
  return { code: status, text: stdout + stderr };
}

test.each(BLOCKS.map(({ page, lines }) => [`${page}: ${lines[0]}`, lines] as const))('shell: %s', (_title, lines) => {
  expect(spawnSync('bash', ['-n'], { input: lines.join('\n'), encoding: 'utf8' })).toMatchObject({
    status: 0,
    stderr: '',
  });
});

/** No server is there: a line that gets so far as to ask for it has been understood. */
function kubectl(words: readonly string[], cwd: string) {
  if (words[0] === 'apply') return tried('kubectl', ['kustomize', join(ROOT, words.at(-1) ?? '')]);
  if (words.includes('create')) return tried('kubectl', [...words, '--dry-run=client', '-o', 'name'], cwd);
  const asked = tried('kubectl', ['--server=http://127.0.0.1:9', '--request-timeout=2s', ...words], cwd);
  return { ...asked, code: /connection .*was refused/.test(asked.text) ? 0 : 1 };
}

test.each(linesOf('kubectl '))('%s: kubectl takes it', async (line) => {
  await using dir = tempDir();
  writeFileSync(
    join(dir.path, '.env'),
    'SNOWFLAKE_ACCOUNT=a\n# comment\nSNOWFLAKE_PRIVATE_KEY=LS0t\nSNOWFLAKE_ROLE=\n',
  );
  const words = line.split(' ').slice(1);
  expect(kubectl(words, dir.path)).toMatchObject({ code: 0 });
  expect(
    kubectl(['--no-such-flag', ...words.slice(0, -1), '--no-such-flag=1'], dir.path).code,
    'a wrong flag',
  ).not.toBe(0);
  const [, kind = '', name = ''] = / (deployment)\/(\S+)/.exec(line) ?? [];
  const base = tried('kubectl', ['kustomize', join(ROOT, 'deploy/kubernetes/base')]).text;
  if (kind !== '') expect(base).toMatch(new RegExp(`kind: Deployment\nmetadata:(\n  .*)*\n  name: ${name}\n`));
});

test.each(linesOf('docker '))('%s: its flags and files exist', (line) => {
  const [, command = '', ...words] = line.split(/\s+/);
  if (command === 'compose') {
    const at = words.findIndex((word) => ['up', 'exec'].includes(word));
    expect(existsSync(join(ROOT, words[words.indexOf('-f') + 1] ?? ''))).toBe(true);
    expect(tried('docker-compose', [words[at] ?? '', '--help']).code).toBe(0);
    return;
  }
  const known = tried('podman', [command, '--help']).text;
  const image = words.indexOf('snowflake-mcp', words.indexOf('--name') + 2);
  for (const flag of words.slice(0, image).filter((word) => /^--?[a-z]/.test(word))) {
    expect(known, flag).toMatch(new RegExp(`(^|\\s)${flag}[,\\s]`, 'm'));
  }
  if (command === 'build') expect(existsSync(join(ROOT, words[words.indexOf('-f') + 1] ?? ''))).toBe(true);
});

test('lines for other machines: what they say to our program is a command of it', () => {
  const inside = LINES.filter((line) => !/^(sudo )?snowflake-mcp-daemon /.test(line)).flatMap((line) =>
    [...line.matchAll(/\bsnowflake-mcp-daemon ([a-z-]+)/g)].map(([, word = '']) => word),
  );
  const help = tried(process.execPath, [join(ROOT, 'bin/snowflake-mcp-daemon.js'), '--help']).text;
  expect(new Set(inside).size).toBeGreaterThan(3);
  for (const word of new Set(inside)) expect(help).toContain(`snowflake-mcp-daemon ${word}`);
});

test('pm2: the commands of the migration guide are commands of it', () => {
  const words = linesOf('pm2 ').flatMap((line) => [...line.matchAll(/pm2 (\w+)/g)].map(([, word = '']) => word));
  const help = tried(process.execPath, [join(ROOT, 'node_modules/pm2/bin/pm2'), '--help']).text;
  expect(words.length).toBeGreaterThan(0);
  for (const word of words) expect(help).toMatch(new RegExp(`^\\s+(\\w+\\|)*${word}\\b`, 'm'));
});

test('npm install --global: the packed package gives the commands, which start without anything of this directory', async () => {
  await using dir = tempDir();
  const npm = (...words: string[]) => execFileSync('npm', words, { cwd: dir.path, encoding: 'utf8', stdio: 'pipe' });
  npm('pack', '--ignore-scripts', '--silent', '--pack-destination', dir.path, ROOT);
  const [file = ''] = readdirSync(dir.path).filter((name) => name.endsWith('.tgz'));
  const global = ['--global', '--prefix', join(dir.path, 'g'), '--no-audit', '--no-fund'];
  npm('install', ...global, '--prefer-offline', join(dir.path, file));
  const bin = join(dir.path, 'g/bin');
  expect(readdirSync(bin).sort()).toEqual(['snowflake-mcp', 'snowflake-mcp-daemon', 'snowflake-mcp-http']);
  expect(tried(join(bin, 'snowflake-mcp-daemon'), ['config', 'check', '--demo'], dir.path)).toMatchObject({ code: 0 });
  expect(existsSync(join(dir.path, 'g/lib/node_modules/snowflake-mcp-daemon/deploy/production.env'))).toBe(true);
  npm('uninstall', ...global, 'snowflake-mcp-daemon');
  expect(readdirSync(bin)).toEqual([]);
}, 300_000);
