/** The daemon itself: whether it runs, what a dead one left, its port, its version, its pool and its login. */
import type { Config } from '../../shared/config/schema.ts';
import { toAppError } from '../../shared/errors.ts';
import type { DaemonPaths } from '../../shared/paths.ts';
import { VERSION } from '../../shared/version.ts';
import { DaemonRefusal } from '../control-client.ts';
import type { Found } from '../daemon.ts';
import type { DetailedHealth } from '../health-verdict.ts';
import { askWorkerFor } from '../worker-client.ts';
import { error, type Finding, ok, warning } from './finding.ts';
import { leftFiles, leftProcesses, removeFiles } from './left-files.ts';
import { lookAtPort } from './port-owner.ts';

const LOGIN_MS = 40_000;

/** @param fix removes what a dead daemon left, and replaces connections that are stuck */
export async function checkDaemon(
  paths: DaemonPaths,
  found: Found,
  config: Pick<Config, 'server' | 'metrics'>,
  fix: boolean,
) {
  if (found.kind === 'running') return checkRunning(paths, found, fix);
  if (found.kind === 'silent') {
    const text = `the daemon (PID ${found.process.pid}) runs but does not answer: ${found.reason.message}`;
    return [error('pid', text, found.reason.next)];
  }
  return [...checkLeft(paths, fix), ...(await checkPorts(config))];
}

function checkLeft(paths: DaemonPaths, fix: boolean): Finding[] {
  const pids = leftProcesses(paths);
  if (pids.length > 0) {
    const text = `the last daemon is gone, but processes of it live on: PID ${pids.join(', ')}`;
    return [error('pid', text, '`snowflake-mcp-daemon start` ends them before it starts its own.')];
  }
  const files = leftFiles(paths);
  if (files.length === 0) return [ok('pid', 'no daemon runs here, and none left files behind')];
  const finding = warning(
    'pid',
    `a daemon that ended badly left ${files.join(', ')}`,
    '`doctor --fix` removes them, `start` too.',
  );
  if (!fix) return [finding];
  const stuck = removeFiles(files);
  return stuck.length === 0
    ? [{ ...finding, fixed: 'removed' }]
    : [
        error(
          'pid',
          `these files cannot be removed: ${stuck.join(', ')}`,
          'Run it as the user of the daemon, or as root.',
        ),
      ];
}

async function checkPorts({ server, metrics }: Pick<Config, 'server' | 'metrics'>): Promise<Finding[]> {
  return Promise.all([
    checkPort('server.port', server.host, server.port),
    checkPort('metrics.port', metrics.host, metrics.port),
  ]);
}

async function checkPort(key: string, host: string, port: number): Promise<Finding> {
  const state = await lookAtPort(host, port);
  const where = `port ${port} on ${host} (${key})`;
  if (state.kind === 'free') return ok('port', `${where} is free`);
  if (state.kind === 'forbidden') {
    const next = 'Choose an address of this machine and a port above 1023, or grant CAP_NET_BIND_SERVICE.';
    return error('port', `${where} cannot be used: ${state.reason}`, next);
  }
  const owner =
    state.owner === undefined ? 'a process of another user' : `PID ${state.owner.pid} (${state.owner.name})`;
  return error(
    'port',
    `${where} is held by ${owner}`,
    `Stop it, or choose another port (\`ss -ltnp sport = :${port}\`).`,
  );
}

async function checkRunning(paths: DaemonPaths, { status }: Extract<Found, { kind: 'running' }>, fix: boolean) {
  const ready = status.workers.filter(({ state }) => state === 'ready').length;
  const text = `the daemon runs (PID ${status.pid}), ${ready} of ${status.workers.length} workers ready, ${status.url}`;
  const next = '`snowflake-mcp-daemon status` tells why; runbooks/crash-loop.md.';
  const findings = [ready === status.workers.length ? ok('pid', text) : warning('pid', text, next)];
  if (status.version !== VERSION) {
    const versions = `the daemon is version ${status.version}, this command ${VERSION}`;
    findings.push(warning('version', versions, '`snowflake-mcp-daemon restart --safe` starts the installed version.'));
  }
  if (status.maintenanceSince !== undefined) {
    findings.push(
      warning('maintenance', `in maintenance since ${status.maintenanceSince}`, '`maintenance off` ends it.'),
    );
  }
  if (ready === 0) return findings;
  const ofPool = await asked('pool', () => checkPool(paths, fix));
  return [...findings, ...ofPool, ...(await asked('login', () => checkLogin(paths)))];
}

/** What no worker answers is a finding of its own; the others are wanted all the more then. */
async function asked(check: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look();
  } catch (thrown) {
    const { message, next } = thrown instanceof DaemonRefusal ? thrown.body : toAppError(thrown, 'a worker').toBody();
    return [error(check, message, next)];
  }
}

async function checkPool(paths: DaemonPaths, fix: boolean): Promise<Finding[]> {
  const detail = await askWorkerFor<DetailedHealth>(paths, { method: 'GET', path: '/health/detailed' });
  const finding = poolFinding(detail);
  if (!fix || finding.level === 'ok') return [finding];
  await askWorkerFor(paths, { method: 'POST', path: '/admin/reset-connection-pool' });
  return [{ ...finding, fixed: 'every worker replaces its connections, lent ones after their statement' }];
}

export function poolFinding({ connection_pool: pool, snowflake_connection: snowflake }: DetailedHealth): Finding {
  const text = `pool: ${pool.active} of ${pool.max} connections in use, ${pool.waiting} calls wait`;
  const next = '`doctor --fix` replaces the connections; `queries` shows what holds them; runbooks/pool-exhausted.md.';
  if (pool.waiting > 0) return warning('pool', text, next);
  return snowflake === 'unhealthy'
    ? warning('pool', `${text}; the last use of a connection failed`, next)
    : ok('pool', text);
}

interface Tested {
  readonly success: boolean;
  readonly latency_ms?: number;
  readonly user?: string;
  readonly error?: { readonly message: string; readonly next: string };
}

async function checkLogin(paths: DaemonPaths): Promise<Finding[]> {
  const question = { method: 'POST', path: '/api/test-connection', timeoutMs: LOGIN_MS } as const;
  const tested = await askWorkerFor<Tested>(paths, question);
  if (tested.error === undefined)
    return [ok('login', `Snowflake answers the daemon in ${tested.latency_ms} ms as ${tested.user}`)];
  return [{ ...error('login', tested.error.message, tested.error.next), isSnowflake: true }];
}
