/** The official SDK client, connected to a daemon, with the shape of our tool results. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';

export interface McpClient {
  readonly client: Client;
  readonly sessionId: string;
  call(name: string, args?: Record<string, unknown>, signal?: AbortSignal): Promise<CallToolResult>;
  close(): Promise<void>;
}

export async function connectClient(
  url: string,
  options: { headers?: Record<string, string> } = {},
): Promise<McpClient> {
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', url), {
    requestInit: { headers: options.headers ?? {} },
  });
  const client = new Client({ name: 'test', version: '1.0.0' });
  // The SDK's own types disagree under exactOptionalPropertyTypes.
  await client.connect(transport as Parameters<Client['connect']>[0]);
  return {
    client,
    sessionId: transport.sessionId ?? '',
    call: async (name, args = {}, signal) =>
      (await client.callTool({ name, arguments: args }, undefined, {
        ...(signal ? { signal } : {}),
        timeout: 60_000,
      })) as CallToolResult,
    close: async () => {
      await transport.terminateSession();
      await client.close();
    },
  };
}

/** The text of a result's first content block. */
export function textOf(result: CallToolResult): string {
  const [first] = result.content;
  return first?.type === 'text' ? first.text : '';
}
