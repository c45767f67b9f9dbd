/** Which scope a message of the protocol needs, so that HTTP can refuse it as OAuth clients expect: before it runs. */
import type { Scope } from '../../shared/principal.ts';
import { scopeOf } from './tool.ts';
import type { ToolTable } from './tool-table.ts';

const READS = new Set(['resources/list', 'resources/read', 'resources/subscribe', 'completion/complete']);

/** Undefined for messages that anybody may send who may use /mcp at all. */
export function neededScope(message: unknown, tools: ToolTable): Scope | undefined {
  const { method, params } = (message ?? {}) as { method?: unknown; params?: { name?: unknown } | null };
  if (method !== 'tools/call') return READS.has(String(method)) ? 'read' : undefined;
  const tool = tools.get(String(params?.name));
  return tool === undefined ? undefined : scopeOf(tool);
}
