/**
 * What this server says about itself and offers, in the words of the protocol, the same for every version and SDK.
 *
 * Made once per process: the lists are answered as they are here, always in the same order.
 */
import { hasScope, type Principal } from '../../shared/principal.ts';
import { PROMPTS } from './prompts.ts';
import { scopeOf, type Tool, type ToolAnnotations } from './tool.ts';
import type { ToolTable } from './tool-table.ts';

export interface Offer {
  readonly info: { readonly name: string; readonly title: string; readonly version: string };
  readonly instructions: string;
  readonly tools: readonly ListedTool[];
  /** Those that a caller may call; always the same object for the same tools. */
  toolsFor(caller: Pick<Principal, 'scopes'>): { readonly tools: ListedTool[] };
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
  const listed = [...tools.values()].map((tool) => {
    const { name, title, description, inputSchema, outputSchema, annotations } = tool;
    return { name, title, description, inputSchema, outputSchema, annotations: { title, ...annotations } };
  });
  // A caller without any scope for tools still sees what reading would offer.
  const reading = { tools: listed.filter((tool) => scopeOf(tool) === 'read') };
  const all = { tools: listed };
  return {
    info: { name: 'snowflake-mcp-daemon', title: 'Snowflake', version },
    instructions: instructionsFor(tools),
    tools: listed,
    toolsFor: (caller) => (hasScope(caller, 'write') ? all : reading),
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
