/** A daemon whose package is replaced on disk while it runs, as `npm install` does it. */
import { cpSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { daemonHome } from '../../support/daemon.ts';
import { ROOT, run } from '../../support/process.ts';
import { tempDir } from '../../support/temp-dir.ts';

/** A package of its own, with the packages of this one. */
function copyPackage(to: string): void {
  for (const name of ['bin', 'dist', 'config', 'package.json']) {
    cpSync(join(ROOT, name), join(to, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(to, 'node_modules'));
}

/** What another version does: every chunk has another name, those of the running daemon are gone. */
function replaceChunks(root: string): void {
  const dist = join(root, 'dist');
  const chunks = readdirSync(join(dist, 'chunks')).filter((name) => name.endsWith('.js'));
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
  for (const file of files) {
    const text = readFileSync(join(dist, file), 'utf8');
    const next = chunks.reduce((all, name) => all.replaceAll(name, `next-${name}`), text);
    if (next !== text) writeFileSync(join(dist, file), next);
  }
  for (const name of chunks) renameSync(join(dist, 'chunks', name), join(dist, 'chunks', `next-${name}`));
}

test('upgrade: after its files were replaced, a running daemon reloads into the new ones and then stops', async () => {
  await using dir = tempDir();
  copyPackage(dir.path);
  const home = daemonHome();
  const cli = (...words: string[]) =>
    run(join(dir.path, 'bin/snowflake-mcp-daemon.js'), [...words, ...home.flags], { env: home.env, cwd: home.dir });
  const started = await cli('start', '--demo', '--port', '0', '--metrics-port', '0', '--workers', '1');
  expect(started.code, started.stderr).toBe(0);
  try {
    replaceChunks(dir.path);
    const reloaded = await cli('reload', '--wait');
    expect(reloaded.code, reloaded.stderr).toBe(0);
    expect(reloaded.stdout).toContain('generation 1');
  } finally {
    expect((await cli('stop')).code).toBe(0);
  }
});
