/**
 * The commands as clients of MCP, with the official SDK: over a worker's own socket (the operator), over the service port
 * (as any client), or to a `snowflake-mcp` of their own when no daemon runs.
 */
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { CallToolResult, Tool } from '@modelcontextprotocol/sdk/types.js';
import { requireCredentials } from '../shared/config/credentials.ts';
import { loadConfig } from '../shared/config/load.ts';
import { AppError, type ErrorBody } from '../shared/errors.ts';
import { packageFile } from '../shared/package-files.ts';
import type { DaemonPaths } from '../shared/paths.ts';
import { VERSION } from '../shared/version.ts';
import { type Context, type SharedArgs, specOf } from './command.ts';
import { askStatus, DaemonRefusal } from './control-client.ts';
import { type Door, doorFetch } from './door-fetch.ts';
import { tellWarnings } from './terminal.ts';

export interface McpLink {
  tools(): Promise<readonly Tool[]>;
  /** The structured result. @throws DaemonRefusal with the error that the tool answered */
  call(tool: string, args?: Record<string, unknown>): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

const CALL_MS = 60_000;

/** @throws AppError NOT_RUNNING, CONTROL_SILENT, NO_WORKER_READY */
export async function linkToWorker(paths: Pick<DaemonPaths, 'controlSocket' | 'pidFile'>): Promise<McpLink> {
  const { workers } = await askStatus(paths);
  const ready = workers.find(({ state, socket }) => state === 'ready' && socket !== '');
  if (ready === undefined) throw new AppError('NO_WORKER_READY', { workers: workers.length });
  return linkToService('http://localhost', { door: { socketPath: ready.socket } });
}

/** @param url of the service, without /mcp */
export async function linkToService(
  url: string,
  options: { readonly door?: Door | undefined; readonly key?: string | undefined } = {},
): Promise<McpLink> {
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
  const headers = options.key === undefined ? {} : { Authorization: `Bearer ${options.key}` };
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', url), {
    requestInit: { headers },
    ...(options.door === undefined ? {} : { fetch: doorFetch(options.door) }),
  });
  // The SDK's own types disagree under exactOptionalPropertyTypes.
  return connect(transport as Transport, () => transport.terminateSession());
}

/**
 * A server of this command's own, which logs in to Snowflake as the daemon would.
 * @throws AppError as `start` does when configuration or credentials are wrong
 */
export async function linkDirectly(args: SharedArgs, context: Context, isDemo: boolean): Promise<McpLink> {
  const { config, warnings } = loadConfig({ ...specOf({ ...args }, context), demo: isDemo }, context.env);
  tellWarnings(context.terminal, warnings);
  if (!isDemo) requireCredentials(config);
  const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js');
  const words = [
    ...(args.config === undefined ? [] : ['--config', args.config]),
    ...(args.env === undefined ? [] : ['--env', args.env]),
    ...(isDemo ? ['--demo'] : []),
  ];
  const given = Object.entries(context.env).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [packageFile('bin/snowflake-mcp.js'), '--log-level', 'error', ...words],
    env: Object.fromEntries(given),
    cwd: context.cwd,
    stderr: 'ignore',
  });
  return connect(transport, async () => {});
}

async function connect(transport: Transport, leave: () => Promise<void>): Promise<McpLink> {
  const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
  const client: Client = new Client({ name: 'snowflake-mcp-daemon', version: VERSION });
  await client.connect(transport, { timeout: CALL_MS });
  return {
    tools: async () => (await client.listTools()).tools,
    call: async (name, args = {}) => {
      const result = (await client.callTool({ name, arguments: args }, undefined, {
        timeout: CALL_MS,
      })) as CallToolResult;
      if (result.isError === true) throw new DaemonRefusal(errorOf(result));
      return result.structuredContent ?? {};
    },
    close: async () => {
      await leave().catch(() => {});
      await client.close();
    },
  };
}

/** What a tool of this server answers when it fails. */
function errorOf({ content: [first] }: CallToolResult): ErrorBody {
  const text = first?.type === 'text' ? first.text : '';
  try {
    return JSON.parse(text) as ErrorBody;
  } catch {
    return { ...new AppError('INTERNAL', { where: 'the tool' }).toBody(), message: text.slice(0, 500) };
  }
}
