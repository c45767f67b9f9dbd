/** The recovery of a lost machine, under a real systemd: the steps of runbooks/backup.md, run from a directory that has nothing to do with it. */
import { beforeAll, expect, test } from 'vitest';
import { CLI, prepareRoot } from './machine.ts';
import { DIR, installed, logOf, show, UNIT } from './service.ts';

beforeAll(() => void prepareRoot());

test('recovery: configuration, credentials and keys of a backup come to the new service, which can read them', async () => {
  await using machine = await installed();
  const checked = await machine.run('node', CLI, 'config', 'check');
  expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining(`${DIR}/.env`) });
  await machine.must('node', CLI, 'config', 'check', '--env', 'development');
  await machine.must('systemctl', 'start', UNIT);
  await machine.must('node', CLI, 'keys', 'create', '--name', 'ci');
  const made = await machine.must('node', CLI, 'backup', '/root/archives', '--verify', '--json');
  const { file, files } = JSON.parse(made) as { file: string; files: { path: string }[] };
  const names = ['snowflake-mcp.service', 'sysusers.d-snowflake-mcp.conf', 'tmpfiles.d-snowflake-mcp.conf'];
  expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(names.map((name) => `unit/${name}`)));
  await machine.must('node', CLI, 'support-bundle', '/root/archives');

  await machine.must('node', CLI, 'install-service', '--uninstall', '--yes');
  await machine.must('mv', `${DIR}/key.p8`, '/root/key.p8');
  await machine.must('rm', '-r', DIR, '/var/lib/snowflake-mcp', '/var/log/snowflake-mcp');
  await machine.must('node', CLI, 'install-service', '--yes');
  expect((await machine.run('node', CLI, 'stop')).code).toBe(1);
  const restored = await machine.run('node', CLI, 'restore', file, '--full');
  expect(restored).toMatchObject({ code: 0, stderr: expect.stringContaining(`leads to ${DIR}/key.p8`) });
  expect(restored.stdout).toContain(`restored ${DIR}/.env`);
  await machine.must('install', '-m', '0640', '-g', UNIT, '/root/key.p8', `${DIR}/key.p8`);
  const started = await machine.run('node', CLI, 'start');
  expect(started.code, `${started.stderr}${await logOf(machine)}`).toBe(0);
  expect(await show(machine, 'ActiveState', 'NRestarts')).toEqual({ ActiveState: 'active', NRestarts: '0' });
  expect(await machine.must('node', CLI, 'keys', 'list')).toContain('ci');
  expect((await machine.must('stat', '-c', '%a %G', `${DIR}/.env`)).trim()).toBe(`640 ${UNIT}`);
  const read = await machine.run(
    'setpriv',
    '--reuid',
    UNIT,
    '--regid',
    UNIT,
    '--clear-groups',
    'cat',
    `${DIR}/snowflake-mcp.yaml`,
  );
  expect(read.code, read.stderr).toBe(0);
});
