/** `warehouse`: state and queue of the warehouses, through the running service, or by a login of its own without one. */
import { EXIT } from '../../shared/exit-codes.ts';
import { type Command, type Context, pathsOf, type SharedArgs } from '../command.ts';
import { findDaemon } from '../daemon.ts';
import { linkDirectly, linkToWorker, type McpLink } from '../mcp-link.ts';
import { JSON_OPTION, plainTable } from '../plain-table.ts';

interface WarehouseArgs extends SharedArgs {
  readonly json: boolean;
  readonly demo: boolean;
}

interface Warehouse {
  readonly name: string;
  readonly state: string | null;
  readonly size: string | null;
  readonly running: number | null;
  readonly queued: number | null;
  readonly auto_suspend: number | null;
  readonly is_current: boolean;
}

export const warehouseCommand: Command<WarehouseArgs> = {
  words: 'warehouse',
  says: 'Tells state and queue of the warehouses the role may see; works without a running daemon too',
  options: (yargs) =>
    yargs
      .option('json', JSON_OPTION)
      .option('demo', { type: 'boolean', default: false, describe: 'Without a daemon: the embedded Snowflake' })
      .example('$0 warehouse', 'why queries wait: `queued` above 0'),
  run: async (args, context) => {
    const { link, via } = await openLink(args, context);
    try {
      const { warehouses } = (await link.call('list_warehouses')) as { warehouses: readonly Warehouse[] };
      if (args.json) context.terminal.print(JSON.stringify({ via, warehouses }, null, 2));
      else tell(warehouses, context);
    } finally {
      await link.close();
    }
    return EXIT.ok;
  },
};

/** To the running service, else to Snowflake itself. */
export async function openLink(
  args: SharedArgs & { readonly demo: boolean },
  context: Context,
): Promise<{ readonly link: McpLink; readonly via: 'service' | 'own login' }> {
  const paths = pathsOf(args, context);
  if ((await findDaemon(paths)).kind === 'running') return { link: await linkToWorker(paths), via: 'service' };
  context.terminal.note('Daemon is not running: asking Snowflake with a login of this command');
  return { link: await linkDirectly(args, context, args.demo), via: 'own login' };
}

function tell(warehouses: readonly Warehouse[], { terminal }: Context): void {
  if (warehouses.length === 0) {
    terminal.print('No warehouse is visible. Next: GRANT USAGE ON WAREHOUSE ... TO ROLE of snowflake.role');
    return;
  }
  const rows = warehouses.map((it) => [
    it.is_current ? `${it.name} *` : it.name,
    it.state,
    it.size,
    it.running,
    it.queued,
    it.auto_suspend === null ? null : `${it.auto_suspend}s`,
  ]);
  terminal.print(plainTable(['warehouse', 'state', 'size', 'running', 'queued', 'suspends after'], rows));
  const waiting = warehouses.filter(({ queued }) => (queued ?? 0) > 0);
  for (const { name, queued } of waiting) {
    terminal.print(
      `${queued} statements wait for ${name}: use a larger or multi-cluster warehouse, or see \`queries\`.`,
    );
  }
}
