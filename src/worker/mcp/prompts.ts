/** The prompts this server offers, whatever protocol version carries them. A prompt is text only; it asks nothing of Snowflake. */
import { AppError } from '../../shared/errors.ts';

export interface Prompt {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: readonly { readonly name: string; readonly description: string; readonly required: boolean }[];
  text(args: Readonly<Record<string, string>>): string;
}

const EXPLORE: Prompt = {
  name: 'explore-database',
  title: 'Explore a database',
  description: 'Finds out what a Snowflake database holds and how its tables belong together.',
  arguments: [
    { name: 'database', description: 'Database to explore', required: true },
    { name: 'topic', description: 'What you want to know about', required: false },
  ],
  text: ({ database = '', topic }) =>
    [
      `Explore the Snowflake database ${database}${topic === undefined ? '' : ` with this in mind: ${topic}`}.`,
      '1. List its schemas (list_schemas), then the tables and views of those that matter (list_tables, list_views).',
      '2. Describe the most promising ones (describe_table) and look at a few rows (sample_table).',
      '3. Find how they join: look for shared key columns with search_columns, and check one join with a small count.',
      '4. Report: what each table holds, its grain and size, the joins, and three questions this data can answer, each with its SQL.',
      'Read only what you need: no full scans, aggregates rather than many rows.',
    ].join('\n'),
};

const OPTIMISE: Prompt = {
  name: 'optimise-query',
  title: 'Optimise a query',
  description: 'Makes a Snowflake query cheaper and faster without changing its answer.',
  arguments: [
    { name: 'query', description: 'The SQL query', required: true },
    { name: 'database', description: 'Database for names without one', required: false },
  ],
  text: ({ query = '', database }) =>
    [
      `Optimise this Snowflake query${database === undefined ? '' : ` (database ${database})`} without changing its answer:`,
      '',
      query,
      '',
      '1. Explain it (explain_query): which tables, how many partitions and bytes of how many.',
      '2. Describe the tables (describe_table, get_ddl): clustering keys, types of the joined and filtered columns.',
      '3. Look for: filters that prevent pruning (functions on columns, casts), SELECT *, joins that multiply rows, repeated scans, ORDER BY without LIMIT, DISTINCT that hides a bad join.',
      '4. Write the better query, explain it too, and compare partitions and bytes. Prove that both answers are the same with a small check.',
    ].join('\n'),
};

export const PROMPTS: ReadonlyMap<string, Prompt> = new Map([EXPLORE, OPTIMISE].map((prompt) => [prompt.name, prompt]));

/** @throws AppError ARGUMENT_INVALID for an unknown prompt or a missing argument */
export function promptText(name: string, args: Readonly<Record<string, string>>): { prompt: Prompt; text: string } {
  const prompt = PROMPTS.get(name);
  if (prompt === undefined) throw new AppError('ARGUMENT_INVALID', { faults: ['name: there is no such prompt'] });
  const faults = prompt.arguments
    .filter((argument) => argument.required && (args[argument.name] ?? '').trim() === '')
    .map((argument) => `${argument.name}: is needed`);
  if (faults.length > 0) throw new AppError('ARGUMENT_INVALID', { faults });
  return { prompt, text: prompt.text(args) };
}
