/**
 * The image of deploy/docker/Dockerfile, built and run with what Debian has: buildah, podman and runc, as root.
 *
 * Nothing is pulled: the base is the Debian root of these tests with this machine's node and npm in it.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../support/process.ts';
import { prepareRoot } from './machine.ts';

const run = promisify(execFile);
const BASE = 'localhost/snowflake-mcp-base';
export const IMAGE = 'localhost/snowflake-mcp-test';

async function buildah(...words: string[]): Promise<string> {
  const { stdout } = await run('buildah', words, { maxBuffer: 1 << 26 });
  return stdout.trim();
}

async function buildBase(): Promise<void> {
  const container = await buildah('from', 'scratch');
  try {
    await buildah('copy', '-q', container, prepareRoot(), '/');
    await buildah('copy', '-q', container, realpathSync(process.execPath), '/usr/bin/node');
    const npm = realpathSync(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim());
    await buildah('copy', '-q', container, dirname(dirname(npm)), '/usr/lib/node_modules/npm');
    const link = 'ln -sf ../lib/node_modules/npm/bin/npm-cli.js /usr/bin/npm';
    await buildah('run', '--isolation', 'chroot', container, 'sh', '-c', link);
    await buildah('commit', '-q', container, BASE);
  } finally {
    await buildah('rm', container);
  }
}

/** Builds the image as the Dockerfile says. The npm settings and certificates of this machine are lent to the build. */
export async function buildImage(): Promise<void> {
  await buildBase();
  const lent = [join(homedir(), '.npm'), '/etc/ssl/certs', join(homedir(), '.npmrc')].filter((path) =>
    existsSync(path),
  );
  const volumes = lent.flatMap((path) => ['-v', `${path}:${path.replace(homedir(), '/root')}`]);
  const words = ['build', '--isolation', 'chroot', '--network', 'host', '--format', 'docker'];
  const file = ['-f', join(ROOT, 'deploy/docker/Dockerfile'), '-t', IMAGE, ROOT];
  await buildah(...words, '--build-arg', `BASE=${BASE}`, ...volumes, ...file);
}

export interface Container extends AsyncDisposable {
  /** Runs a program inside, as the container's user. */
  exec(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  /** What process 1 printed. */
  logs(): Promise<string>;
  /** As a `docker stop` does. @returns the exit code of process 1 */
  stop(graceSeconds: number): Promise<number>;
  healthcheck(): Promise<number>;
}

async function podman(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const world = ['--cgroup-manager=cgroupfs', '--runtime', 'runc'];
  try {
    const { stdout, stderr } = await run('podman', [...world, ...words], { maxBuffer: 1 << 26, timeout: 60_000 });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: number; stdout?: string; stderr?: string };
    return { code: typeof code === 'number' ? code : -1, stdout: stdout ?? '', stderr: stderr ?? String(error) };
  }
}

/** Starts it with the limits of compose.yaml, on the machine's own network: give it free ports. */
export async function startContainer(env: Readonly<Record<string, string>>, ...command: string[]): Promise<Container> {
  const limits = ['--memory', '512m', '--cpus', '2', '--pids-limit', '256', '--ulimit', 'nofile=10000:10000'];
  const walls = ['--read-only', '--cap-drop=all', '--security-opt', 'no-new-privileges', '--ulimit', 'nproc=1000:1000'];
  const places = ['--tmpfs', '/tmp', '--tmpfs', '/run:mode=1777', '--network', 'host', '--health-interval=disable'];
  const settings = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const started = await podman('run', '-d', ...limits, ...walls, ...places, ...settings, IMAGE, ...command);
  if (started.code !== 0) throw new Error(`podman run: ${started.stderr}`);
  const id = started.stdout.trim();
  return {
    exec: (...words) => podman('exec', id, ...words),
    logs: async () => {
      const { stdout, stderr } = await podman('logs', id);
      return stdout + stderr;
    },
    stop: async (graceSeconds) => {
      await podman('stop', '-t', String(graceSeconds), id);
      return Number((await podman('inspect', id, '--format', '{{.State.ExitCode}}')).stdout);
    },
    healthcheck: async () => (await podman('healthcheck', 'run', id)).code,
    [Symbol.asyncDispose]: async () => void (await podman('rm', '-f', '-v', id)),
  };
}
