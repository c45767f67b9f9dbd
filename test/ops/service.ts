/** The service installed on a machine of a test: its names, its configuration, and what systemd says of it. */
import { generateKeyPairSync } from 'node:crypto';
import { CLI, Machine } from './machine.ts';

export const UNIT = 'snowflake-mcp';
export const UNIT_FILE = `/etc/systemd/system/${UNIT}.service`;
export const DIR = '/opt/snowflake-mcp-server';
export const PID_LINK = '/run/snowflake-mcp.pid';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

/** An account that nobody answers for: the service works, and says that Snowflake is away. */
export const ACCOUNT = [
  'SNOWFLAKE_ACCOUNT=nobody',
  'SNOWFLAKE_USER=service',
  'SNOWFLAKE_AUTHENTICATOR=SNOWFLAKE_JWT',
  `SNOWFLAKE_PRIVATE_KEY_PATH=${DIR}/key.p8`,
  'SERVER_WORKERS=2',
  'SNOWFLAKE_POOL_MAX_SIZE=4',
];

/**
 * A machine with the service installed and configured, not started.
 * @param prepare makes the program that is to be the service. @returns its path
 */
export async function installed(
  dropIn: readonly string[] = [],
  prepare: (machine: Machine) => Promise<string> = async () => CLI,
): Promise<Machine> {
  const machine = await Machine.boot();
  await machine.must('node', await prepare(machine), 'install-service', '--yes');
  await machine.write(`${DIR}/key.p8`, privateKey);
  await writeEnv(machine, ACCOUNT);
  await machine.write(`${DIR}/snowflake-mcp.yaml`, 'workers: { reload_soak: 200ms, restart_delay: 200ms }\n');
  if (dropIn.length > 0) {
    await machine.write(`${UNIT_FILE}.d/test.conf`, ['[Service]', ...dropIn, ''].join('\n'));
    await machine.must('systemctl', 'daemon-reload');
  }
  return machine;
}

export async function writeEnv(machine: Machine, lines: readonly string[]): Promise<void> {
  await machine.write(`${DIR}/.env`, `${lines.join('\n')}\n`);
  await machine.must('chgrp', '-R', UNIT, DIR);
  await machine.must('chmod', '-R', 'u=rwX,g=rX,o=', DIR);
}

export async function show(machine: Machine, ...names: string[]): Promise<Record<string, string>> {
  const text = await machine.must('systemctl', 'show', UNIT, '-p', names.join(','));
  const pairs = text
    .trim()
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  return Object.fromEntries(pairs);
}

/** Pids of the service's processes whose title begins with a word. */
export async function processes(machine: Machine, word = ''): Promise<string[]> {
  const { stdout } = await machine.run('ps', '-u', UNIT, '-o', 'pid=,args=');
  const rows = stdout.split('\n').map((line) => /^\s*(\d+)\s+(.*)$/.exec(line));
  return rows.flatMap((row) => (row?.[2]?.startsWith(word) ? [row[1] ?? ''] : []));
}

export const logOf = (machine: Machine) => machine.must('journalctl', '--no-pager', '-u', UNIT);
