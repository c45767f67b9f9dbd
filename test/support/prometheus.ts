/** The real Prometheus and Alertmanager of Debian on free ports, with their data in a directory of the test. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimPort } from '../../src/primary/port-check.ts';
import { eventually } from './eventually.ts';

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface RuleState {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
}

export interface Prometheus extends AsyncDisposable {
  readonly url: string;
  /** @throws Error with the words of Prometheus when it does not take the expression */
  query(expr: string): Promise<readonly Series[]>;
  rules(): Promise<readonly RuleState[]>;
}

interface Program extends AsyncDisposable {
  readonly url: string;
}

/** Throws when the program is not installed (test/ops/install.sh does that) or not ready in time, with what it wrote. */
async function startProgram(name: string, dir: string, port: number, words: readonly string[]): Promise<Program> {
  const url = `http://127.0.0.1:${port}`;
  const log = join(dir, `${name}.log`);
  const sink = createWriteStream(log);
  await once(sink, 'open');
  const child = spawn(name, words, { stdio: ['ignore', sink, sink], cwd: dir });
  let fault: Error | undefined;
  child.once('error', (error) => {
    fault = new Error(`${name} is not installed: run test/ops/install.sh`, { cause: error });
  });
  const stop = async () => {
    sink.close();
    if (fault !== undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  try {
    await eventually(
      async () => {
        if (fault === undefined && child.exitCode === null) return (await fetch(`${url}/-/ready`)).ok;
        return true;
      },
      { what: `${name} is ready`, deadlineMs: 60_000, everyMs: 100 },
    );
    if (fault !== undefined) throw fault;
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
  } catch (error) {
    await stop();
    throw new Error(`${String(error)}\n${readFileSync(log, 'utf8').slice(-2000)}`, { cause: error });
  }
  return { url, [Symbol.asyncDispose]: stop };
}

/** The port is given, because an Alertmanager may have to be named in the configuration before it starts. */
export const freePort = (): Promise<number> => claimPort('127.0.0.1', 0, 'test');

export async function startAlertmanager(dir: string, port: number, configFile: string): Promise<Program> {
  return startProgram('prometheus-alertmanager', dir, port, [
    `--config.file=${configFile}`,
    `--storage.path=${join(dir, 'alertmanager')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
  ]);
}

export async function startPrometheus(dir: string, configFile: string): Promise<Prometheus> {
  const port = await freePort();
  const program = await startProgram('prometheus', dir, port, [
    `--config.file=${configFile}`,
    `--storage.tsdb.path=${join(dir, 'prometheus')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  const ask = async <T>(path: string): Promise<T> => {
    const answer = (await (await fetch(`${program.url}/api/v1/${path}`)).json()) as { data: T; error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.data;
  };
  return {
    ...program,
    query: async (expr) => {
      const { result } = await ask<{ result: { metric: Record<string, string>; value: [number, string] }[] }>(
        `query?query=${encodeURIComponent(expr)}`,
      );
      return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
    rules: async () => (await ask<{ groups: { rules: RuleState[] }[] }>('rules')).groups.flatMap(({ rules }) => rules),
  };
}
