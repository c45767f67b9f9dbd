/** The answer of a tool as the result of tools/call. */
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { ToolAnswer } from '../call.ts';

export function toResult(answer: ToolAnswer): CallToolResult {
  return {
    content: answer.texts.map((text) => ({ type: 'text' as const, text })),
    ...(answer.structured === undefined ? {} : { structuredContent: answer.structured }),
    ...(answer.isError ? { isError: true } : {}),
  };
}
