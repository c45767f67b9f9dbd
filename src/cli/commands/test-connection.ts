/**
 * `test-connection`: whether Snowflake lets us in, and as whom. A running daemon is asked, since its login is what
 * counts; without one this command logs in itself.
 */
import pc from 'picocolors';
import { ERRORS } from '../../shared/error-table.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import { EXIT, type ExitCode } from '../../shared/exit-codes.ts';
import { type Command, type Context, pathsOf, type SharedArgs } from '../command.ts';
import { DaemonRefusal } from '../control-client.ts';
import { findDaemon } from '../daemon.ts';
import { linkDirectly } from '../mcp-link.ts';
import { JSON_OPTION } from '../plain-table.ts';
import { tellError } from '../terminal.ts';
import { askWorkerFor } from '../worker-client.ts';

interface TestArgs extends SharedArgs {
  readonly json: boolean;
  readonly direct: boolean;
  readonly demo: boolean;
}

type Tested =
  | {
      readonly success: true;
      readonly latency_ms: number;
      readonly account: string;
      readonly user: string;
      readonly role: string | null;
      readonly warehouse: string | null;
      readonly server_version: string;
    }
  | { readonly success: false; readonly error: Pick<ErrorBody, 'code' | 'message' | 'next'> };

const WORKER_MS = 40_000;

export const testConnectionCommand: Command<TestArgs> = {
  words: 'test-connection',
  says: 'Asks Snowflake who we are, through the running daemon or without one (exit 69 when it cannot be reached)',
  options: (yargs) =>
    yargs
      .options({
        direct: { type: 'boolean', default: false, describe: 'Log in here, also when a daemon runs' },
        demo: { type: 'boolean', default: false, describe: 'The embedded Snowflake, when this command logs in itself' },
        json: JSON_OPTION,
      })
      .example('$0 test-connection --config new.yaml --direct', 'before a reload: do the new credentials work?'),
  run: async (args, context) => {
    const paths = pathsOf(args, context);
    const isDirect = args.direct || (await findDaemon(paths)).kind !== 'running';
    const progress = context.terminal.progress(isDirect ? 'Logging in to Snowflake' : 'Asking the running daemon');
    try {
      const question = { method: 'POST', path: '/api/test-connection', timeoutMs: WORKER_MS } as const;
      const tested = isDirect ? await testDirectly(args, context) : await askWorkerFor<Tested>(paths, question);
      progress.done();
      return tell(tested, isDirect ? 'own login' : 'service', args.json, context);
    } finally {
      progress.done();
    }
  },
};

async function testDirectly(args: TestArgs, context: Context): Promise<Tested> {
  const link = await linkDirectly(args, context, args.demo);
  try {
    // The first call may wait for the login; the second one, never answered from memory, tells how far away Snowflake is.
    const me = (await link.call('whoami')) as Record<string, string | null>;
    const startedAt = performance.now();
    await link.call('list_warehouses');
    const latencyMs = Math.round(performance.now() - startedAt);
    return {
      success: true,
      latency_ms: latencyMs,
      account: me.account ?? '',
      user: me.user ?? '',
      role: me.role ?? null,
      warehouse: me.warehouse ?? null,
      server_version: me.snowflake_version ?? '',
    };
  } catch (error) {
    if (!(error instanceof DaemonRefusal)) throw error;
    return { success: false, error: error.body };
  } finally {
    await link.close();
  }
}

function tell(tested: Tested, via: string, isJson: boolean, { terminal }: Context): ExitCode {
  if (isJson) terminal.print(JSON.stringify({ ...tested, via }, null, 2));
  if (!tested.success) {
    if (!isJson) tellError(terminal, tested.error);
    const entry: { readonly exit?: ExitCode } | undefined = ERRORS[tested.error.code];
    return entry?.exit ?? EXIT.failed;
  }
  if (isJson) return EXIT.ok;
  const { account, user, role, warehouse, server_version: version, latency_ms: ms } = tested;
  terminal.print(`${pc.green('Connected')} to ${account} as ${user} in ${ms} ms (${via})`);
  terminal.print(`  role ${role ?? 'none'}, warehouse ${warehouse ?? 'none'}, Snowflake ${version}`);
  if (warehouse === null) terminal.note('Without a warehouse queries fail: set snowflake.warehouse.');
  return EXIT.ok;
}
