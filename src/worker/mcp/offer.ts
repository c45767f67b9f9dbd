/**
 * What this server says about itself and offers, in the words of the protocol, the same for every version and SDK.
 *
 * Made once per process: the lists are answered as they are here, always in the same order.
 */
import { PROMPTS } from './prompts.ts';
import type { Tool, ToolAnnotations } from './tool.ts';
import type { ToolTable } from './tool-table.ts';

export interface Offer {
  readonly info: { readonly name: string; readonly title: string; readonly version: string };
  readonly instructions: string;
  readonly tools: readonly ListedTool[];
  readonly prompts: readonly ListedPrompt[];
}

type ListedTool = Pick<Tool, 'name' | 'title' | 'description' | 'inputSchema' | 'outputSchema'> & {
  readonly annotations: ToolAnnotations & { readonly title: string };
};

interface ListedPrompt {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: { name: string; description: string; required: boolean }[];
}

export function createOffer(tools: ToolTable, version: string): Offer {
  return {
    info: { name: 'snowflake-mcp-daemon', title: 'Snowflake', version },
    instructions: instructionsFor(tools),
    tools: [...tools.values()].map(({ name, title, description, inputSchema, outputSchema, annotations }) => {
      return { name, title, description, inputSchema, outputSchema, annotations: { title, ...annotations } };
    }),
    prompts: [...PROMPTS.values()].map(({ name, title, description, arguments: args }) => {
      return { name, title, description, arguments: args.map((argument) => ({ ...argument })) };
    }),
  };
}

function instructionsFor(tools: ToolTable): string {
  return [
    tools.has('execute_statement') ? 'Access to Snowflake.' : 'Read-only access to Snowflake.',
    'Find data with list_databases, list_schemas, list_tables, list_views and search_columns; look at it with describe_table and sample_table; answer questions with execute_query, long ones with query_submit and query_result.',
    'Errors are JSON with code, message and next (what to do); retry tells whether the same call may work later.',
  ].join(' ');
}
