/**
 * The image of deploy/docker/Dockerfile, built and run with what Debian has: buildah, podman and runc, as root.
 *
 * Nothing is pulled: the base is the Debian root of these tests with this machine's node and npm in it. Images and
 * containers are in a storage of their own, beside that root, where base and packages are kept for the next run.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { isAlive, ROOT } from '../support/process.ts';
import { prepareRoot } from './machine.ts';

const run = promisify(execFile);
const FILE = join(ROOT, 'deploy/docker/Dockerfile');
const NAME = 'localhost/snowflake-mcp';
/** Stages that a change of the sources does not touch; named, so that they outlive the run. */
const KEPT = ['packages', 'tools'] as const;
/** Of a container: the process of the test that it belongs to. */
const OWNER = 'snowflake-mcp.test';

export interface Image {
  readonly id: string;
  /** The flags that tell buildah and podman where it is. */
  readonly storage: readonly string[];
}

async function called(program: string, words: readonly string[]): Promise<string> {
  const { stdout } = await run(program, words, { maxBuffer: 1 << 26 });
  return stdout.trim();
}

/** What the base is made of; another node or another root make another base. */
function baseName(root: string): string {
  const { mtimeMs } = statSync(join(root, '.complete'));
  const node = statSync(realpathSync(process.execPath));
  return `${NAME}-base:${process.version}-${Math.round(mtimeMs)}-${node.size}`;
}

async function buildBase(storage: readonly string[], root: string): Promise<string> {
  const name = baseName(root);
  const buildah = (...words: string[]) => called('buildah', [...storage, ...words]);
  if ((await buildah('images', '-q', '--filter', `reference=${name}`)) !== '') return name;
  const container = await buildah('from', 'scratch');
  try {
    await buildah('copy', '-q', container, root, '/');
    await buildah('copy', '-q', container, realpathSync(process.execPath), '/usr/bin/node');
    const npm = realpathSync(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim());
    await buildah('copy', '-q', container, dirname(dirname(npm)), '/usr/lib/node_modules/npm');
    const link = 'ln -sf ../lib/node_modules/npm/bin/npm-cli.js /usr/bin/npm';
    await buildah('run', '--isolation', 'chroot', container, 'sh', '-c', link);
    await buildah('commit', '-q', container, name);
    return name;
  } finally {
    await buildah('rm', container);
  }
}

/** Builds the image as the Dockerfile says. The npm settings, packages and certificates of this machine are lent to the build. */
export async function buildImage(): Promise<Image> {
  const root = prepareRoot();
  const place = join(dirname(root), 'containers');
  const storage = ['--root', join(place, 'images'), '--runroot', join(place, 'run')];
  await removeAbandoned(storage);
  const base = await buildBase(storage, root);
  const lent = [join(homedir(), '.npm'), '/etc/ssl/certs', join(homedir(), '.npmrc')].filter((path) =>
    existsSync(path),
  );
  const volumes = lent.flatMap((path) => ['-v', `${path}:${path.replace(homedir(), '/root')}`]);
  const world = ['--isolation', 'chroot', '--network', 'host', '--format', 'docker', '--layers', '-q'];
  const build = (...words: string[]) =>
    called('buildah', [...storage, 'build', ...world, '--build-arg', `BASE=${base}`, ...volumes, '-f', FILE, ...words]);
  for (const stage of KEPT) await build('--target', stage, '-t', `${NAME}-${stage}`, ROOT);
  const id = await build('-t', `${NAME}-test`, ROOT);
  // What earlier runs made of earlier sources has lost its name.
  await called('buildah', [...storage, 'rmi', '--prune']).catch(() => '');
  return { id, storage };
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

async function podman(storage: readonly string[], ...words: string[]) {
  const world = [...storage, '--cgroup-manager=cgroupfs', '--runtime', 'runc'];
  try {
    const { stdout, stderr } = await run('podman', [...world, ...words], { maxBuffer: 1 << 26, timeout: 60_000 });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: number; stdout?: string; stderr?: string };
    return { code: typeof code === 'number' ? code : -1, stdout: stdout ?? '', stderr: stderr ?? String(error) };
  }
}

/** Containers whose test was killed before it could remove them. */
async function removeAbandoned(storage: readonly string[]): Promise<void> {
  const words = ['ps', '-a', '--format', `{{.ID}} {{index .Labels "${OWNER}"}}`];
  const { stdout } = await podman(storage, ...words);
  for (const [, id = '', owner] of stdout.matchAll(/^(\w+) (\d+)$/gm)) {
    if (!isAlive(Number(owner))) await podman(storage, 'rm', '-f', '-v', id);
  }
}

/** Starts it with the limits of compose.yaml, on the machine's own network: give it free ports. */
export async function startContainer(
  { id: image, storage }: Image,
  env: Readonly<Record<string, string>>,
  ...command: string[]
): Promise<Container> {
  const limits = ['--memory', '512m', '--cpus', '2', '--pids-limit', '256', '--ulimit', 'nofile=10000:10000'];
  const walls = ['--read-only', '--cap-drop=all', '--security-opt', 'no-new-privileges', '--ulimit', 'nproc=1000:1000'];
  const places = ['--tmpfs', '/tmp', '--tmpfs', '/run:mode=1777', '--network', 'host', '--health-interval=disable'];
  const settings = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const owner = ['--label', `${OWNER}=${process.pid}`];
  const words = [...owner, ...limits, ...walls, ...places, ...settings, image, ...command];
  const started = await podman(storage, 'run', '-d', ...words);
  if (started.code !== 0) throw new Error(`podman run: ${started.stderr}`);
  const id = started.stdout.trim();
  return {
    exec: (...inside) => podman(storage, 'exec', id, ...inside),
    logs: async () => {
      const { stdout, stderr } = await podman(storage, 'logs', id);
      return stdout + stderr;
    },
    stop: async (graceSeconds) => {
      await podman(storage, 'stop', '-t', String(graceSeconds), id);
      return Number((await podman(storage, 'inspect', id, '--format', '{{.State.ExitCode}}')).stdout);
    },
    healthcheck: async () => (await podman(storage, 'healthcheck', 'run', id)).code,
    [Symbol.asyncDispose]: async () => void (await podman(storage, 'rm', '-f', '-v', id)),
  };
}
