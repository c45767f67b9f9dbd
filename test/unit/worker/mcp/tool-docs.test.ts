/** docs/tools.md tells the truth: every tool has an example its own schema accepts, and errors of the table. */
import { expect, test } from 'vitest';
import { documentedTools, TOOL_NOTES, toolsMarkdown } from '../../../../scripts/tool-docs.ts';
import { ERRORS } from '../../../../src/shared/error-table.ts';
import { AppError } from '../../../../src/shared/errors.ts';
import type { ToolContext } from '../../../../src/worker/mcp/tool.ts';

test('tool docs: they have all tools in the order of the table, and no others', () => {
  expect(Object.keys(TOOL_NOTES)).toEqual(documentedTools().map(({ name }) => name));
  for (const { name } of documentedTools()) expect(toolsMarkdown()).toContain(`\n## ${name}\n`);
});

test.each([...documentedTools()])('tool docs: the example of $name fits its schema, its errors exist', async (tool) => {
  const notes = TOOL_NOTES[tool.name];
  // With an unusable context every accepted call fails later, in another way.
  const failure: unknown = await tool.run(notes?.example.arguments, {} as ToolContext).catch((error: unknown) => error);
  expect(failure instanceof AppError && failure.code === 'ARGUMENT_INVALID').toBe(false);
  for (const code of notes?.errors ?? []) expect(ERRORS).toHaveProperty(code);
});
