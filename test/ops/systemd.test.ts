/** The service on a real systemd: each test has a machine of its own. */
import { beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { CLI, Machine, PACKAGE, prepareRoot } from './machine.ts';
import { ACCOUNT, DIR, installed, logOf, PID_LINK, processes, show, UNIT, UNIT_FILE, writeEnv } from './service.ts';

beforeAll(() => void prepareRoot());

test('service: it is installed as shown, verifies without a word, is well shut in, and is removed without a trace', async () => {
  await using machine = await Machine.boot();
  const files = async () =>
    (await machine.run('find', '/etc', '-newer', '/proc/1', '-name', '*snowflake*')).stdout.trim();
  const shown = await machine.must('node', CLI, 'install-service', '--dry-run');
  expect(await machine.must('sh', `${PACKAGE}/deploy/install-systemd.sh`, '--dry-run')).toBe(shown);
  expect(await files()).toBe('');
  const refused = await machine.run('node', CLI, 'install-service');
  expect([refused.code, await files()]).toEqual([2, '']);

  await machine.must('node', CLI, 'install-service', '--yes');
  expect(shown).toContain(await machine.must('cat', UNIT_FILE));
  const verified = await machine.run('systemd-analyze', 'verify', '--man=no', UNIT_FILE);
  expect(verified).toEqual({ code: 0, stdout: '', stderr: '' });
  const security = await machine.must('systemd-analyze', 'security', '--offline=true', '--no-pager', UNIT_FILE);
  const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(security)?.[1]);
  expect(exposure).toBeGreaterThan(0);
  expect(exposure).toBeLessThanOrEqual(2);
  expect((await machine.must('systemctl', 'is-enabled', UNIT)).trim()).toBe('enabled');
  expect(await show(machine, 'Names')).toEqual({ Names: expect.stringContaining('snowflake-mcp-http.service') });
  expect(await machine.must('getent', 'passwd', UNIT)).toContain('/usr/sbin/nologin');
  const again = await machine.run('node', CLI, 'install-service', '--yes');
  expect(again.stderr.match(/leave as it is:/g)).toHaveLength(3);

  await machine.must('node', CLI, 'install-service', '--uninstall', '--yes');
  expect(await files()).toBe('');
  expect((await machine.run('systemctl', 'cat', UNIT)).code).not.toBe(0);
  expect((await machine.run('node', CLI, 'install-service', '--uninstall')).code).toBe(0);
});

test('service: a unit of somebody else is kept beside the new one, and is not removed as ours', async () => {
  await using machine = await Machine.boot();
  const old = '[Service]\nExecStart=/bin/true\n';
  await machine.write(UNIT_FILE, old);
  const { stderr } = await machine.run('node', CLI, 'install-service', '--uninstall', '--yes');
  expect(stderr).toContain(`not written by this command and left: ${UNIT_FILE}`);
  await machine.must('node', CLI, 'install-service', '--yes');
  expect(await machine.must('cat', `${UNIT_FILE}.before`)).toBe(old);
});

test('service: only root installs it', async () => {
  await using machine = await Machine.boot();
  const said = await machine.run('setpriv', '--reuid=nobody', 'node', CLI, 'install-service', '--yes');
  expect(said.code).toBe(1);
  expect(said.stderr).toContain('Only root can install a service');
});

test('service: start is over when it serves, as its own account; stop leaves nothing', async () => {
  await using machine = await installed();
  await machine.must('systemctl', 'start', UNIT);
  const state = await show(machine, 'ActiveState', 'StatusText', 'MainPID', 'NRestarts');
  expect(state).toMatchObject({ ActiveState: 'active', NRestarts: '0' });
  await eventually(async () => (await show(machine, 'StatusText')).StatusText === 'running, 2 of 2 workers ready');
  expect((await machine.must('cat', PID_LINK)).trim()).toBe(state.MainPID);
  const status = await machine.must('node', CLI, 'status');
  expect(status).toContain(`Daemon is running (PID: ${state.MainPID})`);

  const workers = await processes(machine, 'snowflake-mcp-worker');
  expect(workers).toHaveLength(2);
  for (const pid of workers) {
    const environment = await machine.must('cat', `/proc/${pid}/environ`);
    expect(environment).not.toMatch(/NOTIFY_SOCKET|WATCHDOG_/);
    const facts = await machine.must('cat', `/proc/${pid}/status`);
    expect(facts).toMatch(/^CapEff:\s+0+$/m);
    expect(facts).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(facts).toMatch(/^Seccomp:\s+2$/m);
  }

  await machine.must('systemctl', 'stop', UNIT);
  expect(await show(machine, 'ActiveState', 'Result')).toEqual({ ActiveState: 'inactive', Result: 'success' });
  expect(await processes(machine)).toEqual([]);
  expect((await machine.run('ls', '/run/snowflake-mcp')).code).not.toBe(0);
  expect(await logOf(machine)).not.toContain('SIGKILL');
});

test('service: reload replaces the workers by ones with the new .env, and fails aloud when that is wrong', async () => {
  await using machine = await installed();
  await machine.must('systemctl', 'start', UNIT);
  const first = await processes(machine, 'snowflake-mcp-worker');
  const main = await show(machine, 'MainPID');
  await machine.must('systemctl', 'reload', UNIT);
  const second = await processes(machine, 'snowflake-mcp-worker');
  expect(second).toHaveLength(2);
  expect(second.filter((pid) => first.includes(pid))).toEqual([]);
  expect(await show(machine, 'MainPID')).toEqual(main);

  await writeEnv(
    machine,
    ACCOUNT.map((line) => line.replace('MAX_SIZE=4', 'MAX_SIZE=many')),
  );
  expect((await machine.run('systemctl', 'reload', UNIT)).code).not.toBe(0);
  expect(await logOf(machine)).toContain('pool.max_size');
  expect(await processes(machine, 'snowflake-mcp-worker')).toEqual(second);
  await eventually(async () => (await show(machine, 'ActiveState')).ActiveState === 'active', { what: 'it serves on' });
});

test('service: a wrong configuration fails the start with its reason and is not tried again', async () => {
  await using machine = await installed();
  await writeEnv(machine, [...ACCOUNT, 'SERVER_PORT=none']);
  expect((await machine.run('systemctl', 'start', UNIT)).code).not.toBe(0);
  expect(await logOf(machine)).toContain('server.port');
  const state = await show(machine, 'ActiveState', 'ExecMainStatus', 'NRestarts');
  expect(state).toEqual({ ActiveState: 'failed', ExecMainStatus: '78', NRestarts: '0' });
});

const CALL = `
const url = 'http://127.0.0.1:8000/mcp';
const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const post = (body, more = {}) =>
  fetch(url, { method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify({ jsonrpc: '2.0', ...body }) });
const clientInfo = { name: 'ops', version: '1' };
const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
const first = await post({ id: 1, method: 'initialize', params });
const session = { 'mcp-session-id': first.headers.get('mcp-session-id') };
await first.text();
await (await post({ method: 'notifications/initialized' }, session)).text();
const call = { name: 'execute_query', arguments: { query: 'SELECT 6 * 7 AS ANSWER' } };
console.log(await (await post({ id: 2, method: 'tools/call', params: call }, session)).text());
`;

test('service: shut in as it is, it answers a query over MCP through the Snowflake driver', async () => {
  const command = `ExecStart=/usr/bin/node ${CLI} start --no-daemon --demo`;
  await using machine = await installed(['ExecStart=', command]);
  await machine.must('systemctl', 'start', UNIT);
  const answer = await machine.must('node', '--input-type=module', '-e', CALL);
  expect(answer).toContain('ANSWER');
  expect(answer).toContain('42');
});

test('service: root starts, restarts and stops it with the command line, and it stays a service of systemd', async () => {
  await using machine = await installed();
  await machine.must('node', CLI, 'start');
  const first = await show(machine, 'ActiveState', 'MainPID');
  expect(first.ActiveState).toBe('active');
  const second = await machine.run('node', CLI, 'start');
  expect([second.code, second.stdout.trim()]).toEqual([1, 'Daemon is already running']);
  await machine.must('node', CLI, 'restart');
  const restarted = await show(machine, 'ActiveState', 'MainPID');
  expect(restarted.ActiveState).toBe('active');
  expect(restarted.MainPID).not.toBe(first.MainPID);
  expect((await machine.run('node', CLI, 'restart', '--port', '9000')).code).toBe(2);
  await machine.write(`${DIR}/snowflake-mcp.yaml`, 'workers: { restart_delay: soon }\n');
  const wrong = await machine.run('node', CLI, 'restart');
  expect(wrong).toMatchObject({ code: 78, stderr: expect.stringContaining('workers.restart_delay') });
  expect(await show(machine, 'ActiveState', 'MainPID')).toEqual(restarted);
  await machine.must('rm', `${DIR}/snowflake-mcp.yaml`);
  await machine.write(`${UNIT_FILE}.d/refuse.conf`, '[Unit]\nRefuseManualStop=yes\n');
  await machine.must('systemctl', 'daemon-reload');
  expect((await machine.run('node', CLI, 'restart', '--safe')).code).toBe(1);
  expect((await machine.must('node', CLI, 'maintenance', 'status')).trim()).toBe('Maintenance is off');
  await machine.must('rm', `${UNIT_FILE}.d/refuse.conf`);
  await machine.must('systemctl', 'daemon-reload');
  expect((await machine.must('node', CLI, 'stop')).trim()).toBe('Daemon stopped successfully');
  expect((await show(machine, 'ActiveState')).ActiveState).toBe('inactive');
});

test('service: a daemon that root starts without systemd has its pid where older scripts look, while it runs', async () => {
  await using machine = await Machine.boot();
  await machine.must('node', CLI, 'start', '--demo', '--workers', '1', '--port', '0', '--metrics-port', '0');
  const status = JSON.parse(await machine.must('node', CLI, 'status', '--json')) as { pid: number };
  expect((await machine.must('cat', `/var${PID_LINK}`)).trim()).toBe(String(status.pid));
  await machine.must('node', CLI, 'stop');
  expect((await machine.run('test', '-L', PID_LINK)).code).toBe(1);
});

/** Connects again and again until a file is there; prints how often, and what came instead of 200. */
const KNOCK = `
import { existsSync } from 'node:fs';
let count = 0;
const wrong = [];
do {
  const answer = await fetch('http://127.0.0.1:8080/healthz', { headers: { connection: 'close' } }).catch((error) => error.cause);
  if (answer.status !== 200) wrong.push(answer.status ?? answer.code);
  count += 1;
} while (!existsSync(process.argv[1]));
console.log(JSON.stringify({ count, wrong }));
`;

test('service: with a socket of systemd connections during a restart wait and are answered; uninstall removes both', async () => {
  await using machine = await installed();
  await machine.must('node', CLI, 'install-service', '--yes', '--listen', '127.0.0.1:8080');
  const verified = await machine.run('systemd-analyze', 'verify', '--man=no', `/etc/systemd/system/${UNIT}.socket`);
  expect(verified).toEqual({ code: 0, stdout: '', stderr: '' });
  await machine.must('systemctl', 'start', `${UNIT}.socket`, UNIT);
  const before = await show(machine, 'MainPID', 'TriggeredBy');
  expect(before.TriggeredBy).toBe(`${UNIT}.socket`);
  expect(await machine.must('node', CLI, 'status')).toContain('127.0.0.1:8080');
  const knocking = machine.must('node', '--input-type=module', '-e', KNOCK, '/tmp/restarted');
  await machine.must('systemctl', 'restart', UNIT);
  await machine.write('/tmp/restarted', '');
  const { count, wrong } = JSON.parse(await knocking) as { count: number; wrong: unknown[] };
  expect(wrong).toEqual([]);
  expect(count).toBeGreaterThan(1);
  expect((await show(machine, 'MainPID')).MainPID).not.toBe(before.MainPID);

  await machine.must('systemctl', 'stop', UNIT);
  const woken = await machine.must('node', '--input-type=module', '-e', KNOCK, '/tmp/restarted');
  expect(JSON.parse(woken)).toEqual({ count: 1, wrong: [] });
  await machine.must('node', CLI, 'install-service', '--uninstall', '--yes');
  expect(await processes(machine)).toEqual([]);
  expect((await machine.run('systemctl', 'cat', `${UNIT}.socket`)).code).not.toBe(0);
});
