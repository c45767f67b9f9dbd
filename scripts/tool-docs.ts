/** Writes docs/tools.md from the tool table; what the table cannot tell (errors, an example) stands here. */

import { tableRow } from '../src/shared/config/reference.ts';
import { configSchema } from '../src/shared/config/schema.ts';
import type { ErrorCode } from '../src/shared/errors.ts';
import type { Tool } from '../src/worker/mcp/tool.ts';
import { createToolTable } from '../src/worker/mcp/tool-table.ts';
import { toolSettings } from '../src/worker/mcp/tools/tool-settings.ts';

interface ToolNotes {
  readonly errors: readonly ErrorCode[];
  readonly example: { readonly arguments: Readonly<Record<string, unknown>>; readonly answer: string };
}

/** Any tool that asks Snowflake may fail with these too. */
const COMMON: readonly ErrorCode[] = [
  'ARGUMENT_INVALID',
  'POOL_TIMEOUT',
  'POOL_FULL',
  'SNOWFLAKE_UNREACHABLE',
  'SNOWFLAKE_AUTH',
  'CONNECTION_LOST',
  'QUERY_TIMEOUT',
  'QUERY_CANCELLED',
];

const QUERY_ID = '01b9c2d4-0001-4a7e-8f3b-5c2d1e0f9a88';
/** SQL_REFUSED where policy.allowed_objects or policy.denied_objects is set. */
const CATALOGUE: readonly ErrorCode[] = ['SQL_ERROR', 'SQL_REFUSED'];
const STATEMENT: readonly ErrorCode[] = ['SQL_REFUSED', 'SQL_ERROR', 'OBJECT_NOT_FOUND'];

/** By tool, in the order of the table. */
export const TOOL_NOTES: Readonly<Record<string, ToolNotes>> = {
  list_databases: {
    errors: [],
    example: { arguments: {}, answer: '{"databases":[{"name":"DEMO_DB",...}],"row_count":2}' },
  },
  list_schemas: {
    errors: CATALOGUE,
    example: {
      arguments: { database: 'demo_db' },
      answer: '{"database":"DEMO_DB","schemas":[{"name":"SALES",...}],"row_count":2}',
    },
  },
  list_tables: {
    errors: CATALOGUE,
    example: {
      arguments: { database: 'demo_db', schema: 'sales', name_contains: 'ord' },
      answer: '{"database":"DEMO_DB","tables":[{"schema":"SALES","name":"ORDERS","rows":1000,...}],"row_count":1}',
    },
  },
  list_views: {
    errors: CATALOGUE,
    example: {
      arguments: { database: 'demo_db' },
      answer: '{"database":"DEMO_DB","views":[{"schema":"SALES","name":"TOP_CUSTOMERS",...}],"row_count":5}',
    },
  },
  describe_table: {
    errors: CATALOGUE,
    example: {
      arguments: { database: 'demo_db', schema: 'sales', table: 'orders' },
      answer:
        '{"database":"DEMO_DB","schema":"SALES","table":"ORDERS","columns":[{"name":"ORDER_ID","type":"NUMBER(38,0)","nullable":false,"primary_key":true,...}]}',
    },
  },
  describe_view: {
    errors: CATALOGUE,
    example: {
      arguments: { database: 'demo_db', schema: 'sales', view_name: 'daily_revenue' },
      answer: '{"view":"DAILY_REVENUE","columns":[...],"definition":"create or replace VIEW ..."}',
    },
  },
  search_columns: {
    errors: CATALOGUE,
    example: {
      arguments: { database: 'demo_db', name_contains: 'customer_id' },
      answer:
        '{"database":"DEMO_DB","columns":[{"schema":"SALES","table":"ORDERS","column":"CUSTOMER_ID","type":"NUMBER(38,0)",...}],"row_count":4}',
    },
  },
  sample_table: {
    errors: STATEMENT,
    example: {
      arguments: { database: 'demo_db', schema: 'sales', table: 'orders', rows: 3 },
      answer: '{"columns":[...],"rows":[[812,...],[17,...],[455,...]],"row_count":3,"query_id":"..."}',
    },
  },
  query_view: {
    errors: STATEMENT,
    example: {
      arguments: { database: 'demo_db', schema: 'sales', view_name: 'top_customers', limit: 2 },
      answer: '{"columns":[...],"rows":[[...],[...]],"row_count":2,"truncated":{"limit":"rows","max":2},...}',
    },
  },
  get_ddl: {
    errors: CATALOGUE,
    example: {
      arguments: { object_type: 'table', database: 'demo_db', schema: 'sales', name: 'orders' },
      answer:
        '{"object_type":"table","object":"\\"DEMO_DB\\".\\"SALES\\".\\"ORDERS\\"","ddl":"create or replace TABLE ORDERS (..."}',
    },
  },
  execute_query: {
    errors: [...STATEMENT, 'RESULT_UNREADABLE', 'TRANSACTION_NEEDS_WRITE'],
    example: {
      arguments: { query: 'SELECT STATUS, COUNT(*) AS N FROM DEMO_DB.SALES.ORDERS GROUP BY STATUS', format: 'csv' },
      answer:
        '{"columns":[{"name":"STATUS","type":"TEXT","nullable":true},...],"rows":[["OPEN",100],...],"row_count":4,"query_id":"...","duration_ms":41}',
    },
  },
  explain_query: {
    errors: STATEMENT,
    example: {
      arguments: { query: 'SELECT * FROM ORDERS WHERE ORDERED_ON > 2024', database: 'demo_db', schema: 'sales' },
      answer: '{"columns":[{"name":"step",...},{"name":"operation",...}],"rows":[...],...}',
    },
  },
  query_submit: {
    errors: [...STATEMENT, 'TOO_MANY_HANDLES', 'TOO_MANY_SUBMITTED'],
    example: {
      arguments: { query: 'SELECT * FROM DEMO_DB.SALES.ORDERS' },
      answer: `{"query_id":"${QUERY_ID}","state":"running","kind":"select","submitted_at":"2026-11-21T10:00:00.000Z"}`,
    },
  },
  query_status: {
    errors: ['QUERY_UNKNOWN'],
    example: {
      arguments: { query_id: QUERY_ID, wait_seconds: 10 },
      answer: `{"query_id":"${QUERY_ID}","state":"succeeded","submitted_at":"2026-11-21T10:00:00.000Z","elapsed_seconds":12}`,
    },
  },
  query_result: {
    errors: ['QUERY_UNKNOWN', 'RESULT_UNREADABLE'],
    example: {
      arguments: { query_id: QUERY_ID, page_size: 300 },
      answer: `{"query_id":"${QUERY_ID}","state":"succeeded","columns":[...],"rows":[...],"row_count":300,"total_rows":1000,"next_cursor":"MDFiOWMyZDQuMzAw"}`,
    },
  },
  query_cancel: {
    errors: ['QUERY_UNKNOWN'],
    example: { arguments: { query_id: QUERY_ID }, answer: `{"query_id":"${QUERY_ID}","state":"cancelled"}` },
  },
  list_warehouses: {
    errors: [],
    example: {
      arguments: {},
      answer:
        '{"warehouses":[{"name":"DEMO_WH","state":"STARTED","size":"X-Small","running":1,"queued":0,...}],"row_count":1}',
    },
  },
  whoami: {
    errors: [],
    example: {
      arguments: {},
      answer:
        '{"account":"EMBEDDED","user":"DEMO","role":"DEMO_ROLE","statement_kinds":["select",...],"write_kinds":[],...}',
    },
  },
  execute_statement: {
    errors: [...STATEMENT, 'WRITE_DECLINED', 'WRITE_UNCONFIRMED', 'WRITE_OUTCOME_UNKNOWN'],
    example: {
      arguments: {
        statement: "UPDATE ORDERS SET STATUS = 'SHIPPED' WHERE ORDER_ID = 7",
        database: 'demo_db',
        schema: 'sales',
      },
      answer: '{"columns":[{"name":"number of rows updated",...}],"rows":[[1]],"row_count":1,...}',
    },
  },
};

/** The tools as a server has them that allows a write, so that all of them are there. */
export function documentedTools(): readonly Tool[] {
  const config = configSchema.parse({ policy: { write_sql_commands: ['insert', 'update', 'delete', 'merge'] } });
  return [...createToolTable(toolSettings(config)).values()];
}

interface Property {
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

function typeOf({ type, enum: values, minimum, maximum }: Property): string {
  if (values !== undefined) return values.map((value) => `\`${String(value)}\``).join(' ');
  const isBounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (type !== 'integer') return Array.isArray(type) ? type.join(' or ') : String(type ?? 'any');
  return isBounded ? `integer, ${minimum} to ${maximum}` : `integer from ${minimum}`;
}

function propertiesOf(schema: Tool['inputSchema']): Readonly<Record<string, Property>> {
  return (schema.properties ?? {}) as Readonly<Record<string, Property>>;
}

function argumentRows(tool: Tool): string[] {
  const required = (tool.inputSchema.required ?? []) as readonly string[];
  return Object.entries(propertiesOf(tool.inputSchema)).map(([name, property]) => {
    const standard = property.default === undefined ? '' : `\`${String(property.default)}\``;
    const need = required.includes(name) ? 'required' : standard;
    return tableRow([`\`${name}\``, typeOf(property), need, property.description ?? '']);
  });
}

function section(tool: Tool): string {
  const notes = TOOL_NOTES[tool.name];
  const { readOnlyHint, destructiveHint, idempotentHint } = tool.annotations;
  const nature = [
    readOnlyHint ? 'reads only' : destructiveHint ? 'may destroy' : 'changes no data',
    idempotentHint ? 'repeatable' : 'not repeatable',
  ];
  const rows = argumentRows(tool);
  const table =
    rows.length === 0
      ? 'No arguments.'
      : `| argument | type | default | |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
  const results = Object.entries(propertiesOf(tool.outputSchema)).map(([name, { description }]) =>
    description === undefined ? `\`${name}\`` : `\`${name}\` (${description.replace(/\.$/, '')})`,
  );
  const errors = notes?.errors.map((code) => `\`${code}\``).join(', ') ?? '';
  return `## ${tool.name}

${tool.description} (${nature.join(', ')})

${table}

Result: ${results.join(', ')}.${errors === '' ? '' : `\n\nErrors: ${errors}.`}

\`\`\`json
${JSON.stringify(notes?.example.arguments ?? {})}
\`\`\`
\`\`\`text
${notes?.example.answer ?? ''}
\`\`\`
`;
}

export function toolsMarkdown(): string {
  return `# Tools

Every tool answers twice: \`structuredContent\` by its output schema, and a text (a markdown table unless \`format\` says csv or
json). A failure is an answer with \`isError\` whose text is JSON with \`code\`, \`message\`, \`next\` and \`retry\`; the codes are in
[errors.md](errors.md). Beside those named at each tool, any may fail with ${COMMON.map((code) => `\`${code}\``).join(', ')}.

Names of databases, schemas and tables are not case-sensitive unless written in double quotes; they reach Snowflake quoted.
Lists come in a stable order and a page at a time: \`next_cursor\` of one page is \`cursor\` of the next. What is cut at a limit
says so in \`truncated\`. Answers about the catalogue may be as old as \`limits.catalog_ttl\`.

A \`query_id\` of query_submit belongs to the principal that submitted it: nobody else can see, read or cancel it, and
\`limits.max_handles\` counts for each principal. While authentication is off, all clients are one principal (anonymous)
and share theirs.

${documentedTools().map(section).join('\n')}
## Resources and prompts

\`snowflake://{database}/{schema}/{object}\` is a table or view as JSON: its columns and its DDL. \`resources/list\` shows those of
\`snowflake.database\`, or all without it, a page at a time; each part of the address can be completed. Prompts:
\`explore-database\` (database, topic) and \`optimise-query\` (query, database).
`;
}
