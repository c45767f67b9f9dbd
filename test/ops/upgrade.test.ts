/** A new version over the old one, under a real systemd: what runs goes on, sessions too, and the new one comes without a lost call. */
import { beforeAll, expect, test } from 'vitest';
import { type Machine, PACKAGE, prepareRoot } from './machine.ts';
import { installed, logOf, processes, show, UNIT } from './service.ts';

const PLACE = '/srv/snowflake-mcp-daemon';
const PROGRAM = `${PLACE}/bin/snowflake-mcp-daemon.js`;
const NEW = '99.0.0';

beforeAll(() => void prepareRoot());

/** A package that can be replaced, with the packages of this one. */
const COPY = `set -e
mkdir ${PLACE}
for name in bin dist config systemd deploy runbooks package.json; do cp -r ${PACKAGE}/$name ${PLACE}/; done
ln -s ${PACKAGE}/node_modules ${PLACE}/node_modules`;

/** As npm does it: the new one takes the name, the files of the old one are gone. */
const REPLACE = `set -e
cp -a ${PLACE} ${PLACE}.new
sed -i 's/"version": "[^"]*"/"version": "${NEW}"/' ${PLACE}.new/package.json
mv ${PLACE} ${PLACE}.old
mv ${PLACE}.new ${PLACE}
rm -r ${PLACE}.old`;

/** One step of a client: `open` prints a new session; else a session, and a statement whose answer is printed. */
const CLIENT = `
const [what, query] = process.argv.slice(1);
const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const post = (body, more) => fetch('http://127.0.0.1:8000/mcp', {
  method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify({ jsonrpc: '2.0', ...body }),
});
if (what === 'open') {
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'ops', version: '1' } };
  const first = await post({ id: 1, method: 'initialize', params });
  await first.text();
  const id = first.headers.get('mcp-session-id');
  await (await post({ method: 'notifications/initialized' }, { 'mcp-session-id': id })).text();
  console.log(id);
} else {
  const params = { name: 'execute_query', arguments: { query } };
  const answer = await post({ id: 2, method: 'tools/call', params }, { 'mcp-session-id': what });
  console.log(answer.status, await answer.text());
}`;

const client = async (machine: Machine, ...words: string[]) =>
  (await machine.must('node', '--input-type=module', '-e', CLIENT, ...words)).trim();

async function versionOf(machine: Machine): Promise<unknown> {
  const status = JSON.parse(await machine.must('node', PROGRAM, 'status', '--json')) as { version: unknown };
  return status.version;
}

test('upgrade: reload takes the new workers, restart --safe the rest; sessions and a running call survive; uninstall leaves nothing', async () => {
  const copy = async (machine: Machine) => {
    await machine.must('sh', '-c', COPY);
    return PROGRAM;
  };
  await using machine = await installed(
    ['ExecStart=', `ExecStart=/usr/bin/node ${PROGRAM} start --no-daemon --demo`],
    copy,
  );
  const started = await machine.run('systemctl', 'start', UNIT);
  expect(started.code, await logOf(machine)).toBe(0);
  const old = await versionOf(machine);
  const { MainPID: main } = await show(machine, 'MainPID');
  const session = await client(machine, 'open');
  expect(await client(machine, session, 'SELECT 40 + 1 AS N')).toContain('41');

  await machine.must('sh', '-c', REPLACE);
  expect(await client(machine, session, 'SELECT 40 + 2 AS N')).toContain('42');
  const workers = await processes(machine, 'snowflake-mcp-worker');
  await machine.must('systemctl', 'reload', UNIT);
  expect(await show(machine, 'MainPID')).toEqual({ MainPID: main });
  expect((await processes(machine, 'snowflake-mcp-worker')).filter((pid) => workers.includes(pid))).toEqual([]);
  expect(await client(machine, session, 'SELECT 40 + 3 AS N')).toContain('43');
  expect(await versionOf(machine)).toBe(old);
  expect((await machine.run('node', PROGRAM, 'doctor')).stdout).toContain(`this command ${NEW}`);

  const many = 'TABLE(GENERATOR(ROWCOUNT => 30000))';
  const running = client(
    machine,
    session,
    `SELECT COUNT(*) AS N FROM ${many} a, ${many} b WHERE HASH(a.SEQ4, b.SEQ4) <> 0`,
  );
  const restarted = await machine.run('node', PROGRAM, 'restart', '--safe');
  expect(restarted).toMatchObject({ code: 0, stdout: expect.stringContaining('Restarted safely') });
  expect(await running).toMatch(/^200 /);
  expect(await versionOf(machine)).toBe(NEW);
  const now = await show(machine, 'ActiveState', 'NRestarts', 'MainPID');
  expect(now).toMatchObject({ ActiveState: 'active', NRestarts: '0' });
  expect(now.MainPID).not.toBe(main);
  expect(await client(machine, session, 'SELECT 40 + 4 AS N')).toContain('44');

  await machine.must('node', PROGRAM, 'install-service', '--uninstall', '--yes');
  expect(await processes(machine)).toEqual([]);
  expect((await machine.run('find', '/etc', '/run', '-name', 'snowflake-mcp*')).stdout.trim()).toBe(
    '/etc/systemd/system/snowflake-mcp.service.d',
  );
});
