/**
 * The door to gpg: encrypts and decrypts a stream with a passphrase from a file, in a key ring of its own that is gone
 * afterwards, so that nothing of the user's gpg is read or started.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { AppError } from '../../shared/errors.ts';

const PASSPHRASE_MAX_BYTES = 4096;
const SAID_MAX = 500;

export interface GpgStream {
  readonly input: Writable;
  readonly output: Readable;
  /** Resolves with its exit code and what it said. */
  readonly ended: Promise<{ readonly code: number; readonly said: string }>;
  close(): void;
}

export type GpgDeed = 'encrypt' | 'decrypt';

/** Starts gpg. @throws AppError PATH_UNUSABLE for the file of the passphrase, ENCRYPTION_FAILED */
export function startGpg(deed: GpgDeed, passphraseFile: string): GpgStream {
  requirePassphrase(passphraseFile);
  const home = mkdtempSync(join(tmpdir(), 'smcp-gpg-'));
  const common = ['--homedir', home, '--batch', '--yes', '--no-tty', '--quiet', '--pinentry-mode', 'loopback'];
  const deeds = {
    encrypt: ['--symmetric', '--cipher-algo', 'AES256', '--compress-algo', 'none'],
    decrypt: ['--decrypt'],
  };
  const passphrase = openSync(passphraseFile, 'r');
  const child = spawn('gpg', [...common, '--passphrase-fd', '3', ...deeds[deed]], {
    stdio: ['pipe', 'pipe', 'pipe', passphrase],
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
  });
  closeSync(passphrase);
  const { stdin: input, stdout: output } = child;
  if (input === null || output === null) throw new AppError('ENCRYPTION_FAILED', { reason: 'it has no pipes' });
  // What gpg does not take, because it ends early, shows in its exit code.
  input.on('error', () => {});
  return {
    input,
    output,
    ended: endOf(child),
    close: () => {
      if (child.exitCode === null) child.kill('SIGKILL');
      spawnSync('gpgconf', ['--homedir', home, '--kill', 'gpg-agent'], { stdio: 'ignore' });
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function endOf(child: ChildProcess): GpgStream['ended'] {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < SAID_MAX) said += text;
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 127, said: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, said: said.trim().slice(0, SAID_MAX) }));
  });
}

function requirePassphrase(file: string): void {
  const unusable = (reason: string) =>
    new AppError('PATH_UNUSABLE', { what: 'file of the passphrase', path: file, reason });
  let text: string;
  try {
    if (statSync(file).size > PASSPHRASE_MAX_BYTES) throw unusable(`it is larger than ${PASSPHRASE_MAX_BYTES} bytes`);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw unusable((error as NodeJS.ErrnoException).code ?? String(error));
  }
  if ((text.split('\n')[0] ?? '').trim() === '') throw unusable('its first line is empty');
}
