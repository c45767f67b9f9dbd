import { expect, test } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import { isInHome, MARK, SERVICE_PATHS, type ServiceSettings, serviceFiles } from '../../../src/cli/service-files.ts';

const SETTINGS = {
  user: 'mcp',
  installDir: '/srv/mcp',
  node: '/usr/local/bin/node',
  program: '/usr/lib/pkg/bin/snowflake-mcp-daemon.js',
  flags: ['--config', '/etc/mcp.yaml'],
};

function textOf(path: string, settings: ServiceSettings = SETTINGS): string {
  return serviceFiles(settings).find((file) => file.path === path)?.text ?? '';
}

test('service files: every path, the account and the flags are filled in', () => {
  const unit = textOf(SERVICE_PATHS.unit);
  const command = '/usr/local/bin/node /usr/lib/pkg/bin/snowflake-mcp-daemon.js';
  expect(unit).toContain(`\nExecStart=${command} start --no-daemon --config /etc/mcp.yaml\n`);
  expect(unit).toContain(`\nExecReload=${command} reload --wait --config /etc/mcp.yaml\n`);
  expect(unit).toContain('\nWorkingDirectory=-/srv/mcp\n');
  expect(unit).toContain('\nEnvironmentFile=-/srv/mcp/.env\n');
  expect(unit).toContain('\nUser=mcp\nGroup=mcp\n');
  expect(unit).not.toContain('/opt/');
  expect(textOf(SERVICE_PATHS.sysusers)).toMatch(/^u mcp - /m);
  expect(textOf(SERVICE_PATHS.tmpfiles)).toContain('\nd /srv/mcp - - - -\n');
});

test('service files: each carries the mark by which uninstall knows it', () => {
  for (const file of serviceFiles(SETTINGS)) expect(file.text.startsWith(`${MARK}\n`)).toBe(true);
});

test('service files: the unit keeps what existing installations rely on', () => {
  const unit = textOf(SERVICE_PATHS.unit);
  const needed = ['Type=notify', 'SyslogFacility=local0', 'Alias=snowflake-mcp-http.service', 'KillMode=mixed'];
  for (const line of [...needed, 'Restart=on-failure', 'WatchdogSec=30', 'OOMPolicy=continue']) {
    expect(unit).toContain(`\n${line}\n`);
  }
  expect(unit).not.toMatch(/^MemoryDenyWriteExecute=/m);
});

test.each([
  { user: 'root; rm' },
  { user: 'Bob' },
  { installDir: 'relative' },
  { installDir: '/srv/my dir' },
  { program: '/usr/lib/100%/x.js' },
  { flags: ['--config', '/etc/a\nExecStop=/bin/sh'] },
])('service files: %j is refused, it would need quoting', (part) => {
  expect(() => serviceFiles({ ...SETTINGS, ...part })).toThrow();
});

test('service files: homes are places a service cannot look into', () => {
  expect(['/home/a/x', '/root', '/run/user/1'].map(isInHome)).toEqual([true, true, true]);
  expect(['/opt/home', '/rooted', '/usr/lib'].map(isInHome)).toEqual([false, false, false]);
});

async function cli(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const note = (text: string) => void err.push(text);
  const terminal = {
    print: (text: string) => void out.push(text),
    note,
    redraw: () => {},
    progress: () => ({ step: note, done: () => {} }),
  };
  const end = () => new AbortController().signal;
  const context = { terminal, cwd: '/', env: {}, interruption: end, endOfReading: end };
  return { code: await runCli(args, context), out: out.join('\n'), err: err.join('\n') };
}

test('install-service: a dry run shows every file and every command and ends with 0', async () => {
  const { code, out } = await cli('install-service', '--dry-run', '--user', 'mcp');
  expect(code).toBe(0);
  const { socket, ...always } = SERVICE_PATHS;
  for (const path of Object.values(always)) expect(out).toContain(`==> ${path}\n`);
  expect(out).not.toContain(socket);
  expect(out).toContain('systemctl enable snowflake-mcp.service');
});

test('install-service: with an address systemd opens the port', async () => {
  const { code, out } = await cli('install-service', '--dry-run', '--listen', '10.0.0.5:443');
  expect(code).toBe(0);
  expect(out).toContain(`==> ${SERVICE_PATHS.socket}\n${MARK}\n`);
  expect(out).toContain('\nListenStream=10.0.0.5:443\n');
  expect(out).toContain('systemctl enable snowflake-mcp.socket snowflake-mcp.service');
});

test.each(['8000', '127.0.0.1:8000', '[::1]:8000'])('service files: %s is an address to listen on', (listen) => {
  expect(textOf(SERVICE_PATHS.socket, { ...SETTINGS, listen })).toContain(`\nListenStream=${listen}\n`);
});

test.each(['localhost:8000', '/run/x.sock', '8000\nAccept=yes', ''])('service files: %j is none', (listen) => {
  expect(() => serviceFiles({ ...SETTINGS, listen })).toThrow('--listen');
});

test('install-service: a pid file of its own is wrong usage', async () => {
  const { code, err } = await cli('install-service', '--dry-run', '--pid-file', '/tmp/x.pid');
  expect(code).toBe(2);
  expect(err).toContain('--pid-file');
});
