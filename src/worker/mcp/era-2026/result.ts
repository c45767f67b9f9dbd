/** The answer of a tool as the result of tools/call. */
import type { CallToolResult } from '@modelcontextprotocol/server';
import type { ToolAnswer } from '../call.ts';

export function toResult({ texts, structured, isError }: ToolAnswer): CallToolResult {
  return {
    content: texts.map((text) => ({ type: 'text' as const, text })),
    ...(structured === undefined ? {} : { structuredContent: structured }),
    ...(isError ? { isError: true } : {}),
  };
}
