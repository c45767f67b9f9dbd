/** What `start` prints at the end: where the service is and one line for each usual client. */
import type { Ready } from './daemon-launch.ts';

const KEY_HEADER = 'Authorization: Bearer YOUR_KEY';

export function connectHints(ready: Ready, needsKey: boolean): string[] {
  const url = `${ready.url}/mcp`;
  const headerFlag = needsKey ? ` --header "${KEY_HEADER}"` : '';
  const entry = {
    name: 'snowflake',
    type: 'http',
    url,
    ...(needsKey ? { headers: { Authorization: 'Bearer YOUR_KEY' } } : {}),
  };
  const workers = `${ready.workers} worker${ready.workers === 1 ? '' : 's'}`;
  const lines = [
    `Ready: ${url} (${workers}, PID: ${ready.pid})`,
    `  logs     ${ready.logFile}`,
    `  metrics  ${ready.metricsUrl}/metrics`,
    '',
    'Connect a client:',
    `  Claude Code    claude mcp add --transport http snowflake ${url}${headerFlag}`,
    `  VS Code        code --add-mcp '${JSON.stringify(entry)}'`,
    `  MCP Inspector  npx @modelcontextprotocol/inspector --cli ${url} --transport http --method tools/list${headerFlag}`,
  ];
  if (!ready.demo) return lines;
  return [
    ...lines,
    '',
    'Then ask, for example:',
    '  "Which databases are there, and which views does DEMO_DB have?"',
    '  "Which five customers in SNOWFLAKE_SAMPLE_DATA.TPCH_SF001 spent the most?"',
  ];
}
