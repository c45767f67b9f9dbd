/** The whole page: landmarks, headings and tables, with the parts of a frame in their places. */
import { CHART_PLACES } from './charts.ts';
import type { Frame } from './frame.ts';

/** Address of a file of the page, and the hash that its text must have. */
export interface Linked {
  readonly path: string;
  readonly integrity: string;
}

const WORKER_COLUMNS = [
  ['Worker', ''],
  ['State', ''],
  ['Uptime', 'number'],
  ['Restarts', 'number'],
  ['Reasons', ''],
  ['Sessions', 'number'],
  ['In flight', 'number'],
  ['CPU', 'number'],
  ['Memory', 'number'],
  ['Loop lag', 'number'],
  ['Process', 'number'],
  ['Incarnation', 'number'],
] as const;

const QUERY_COLUMNS = [
  ['Query', ''],
  ['Tool', ''],
  ['Worker', ''],
  ['State', ''],
  ['Runs for', 'number'],
] as const;

export function pageDocument(
  frame: Frame,
  links: { readonly script: Linked; readonly style: Linked; readonly icon: string },
): string {
  const part = (id: string) => frame[id] ?? '';
  const charts = CHART_PLACES.map(
    ({ id, title }) =>
      `<figure class="card"><figcaption>${title}</figcaption><div id="${id}">${part(id)}</div></figure>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>snowflake-mcp status</title>
<noscript><meta http-equiv="refresh" content="5"></noscript>
<link rel="icon" href="${links.icon}" type="image/svg+xml">
<link rel="stylesheet" href="${links.style.path}" integrity="${links.style.integrity}">
<script type="module" src="${links.script.path}" integrity="${links.script.integrity}"></script>
</head>
<body>
<a class="skip" href="#main">Skip to the workers</a>
<header>
<div class="title"><h1>snowflake-mcp</h1><span id="state">${part('state')}</span>
<p id="live" class="live" role="status" aria-live="polite">Loads anew every 5 seconds</p></div>
<dl id="facts" class="facts">${part('facts')}</dl>
</header>
<main id="main" tabindex="-1">
<div id="notices" class="notices">${part('notices')}</div>
<section aria-labelledby="now"><h2 id="now" class="hidden">Now</h2><dl id="figures" class="tiles">${part('figures')}</dl></section>
<section aria-labelledby="workers-title"><h2 id="workers-title">Workers</h2>
${table('workers', 'workers-title', WORKER_COLUMNS, part('workers'))}</section>
<section aria-labelledby="charts-title"><h2 id="charts-title">Last 15 minutes</h2><div class="charts">${charts.join('')}</div></section>
<div class="pair">
<section aria-labelledby="queries-title"><h2 id="queries-title">Queries that run now</h2>
${table('queries', 'queries-title', QUERY_COLUMNS, part('queries'))}</section>
<section aria-labelledby="events-title"><h2 id="events-title">Recent events <small>UTC</small></h2>
<ol id="events" class="card events" tabindex="0" aria-labelledby="events-title">${part('events')}</ol></section>
</div>
</main>
<footer><nav aria-label="For machines">For machines: <a href="status">/status</a> <a href="metrics">/metrics</a> <a href="livez">/livez</a> <a href="readyz">/readyz</a> <a href="openapi.json">/openapi.json</a></nav></footer>
<p id="announce" class="hidden" aria-live="polite"></p>
</body>
</html>
`;
}

function table(id: string, title: string, columns: readonly (readonly [string, string])[], rows: string): string {
  const head = columns.map(([name, kind]) => `<th scope="col"${kind === '' ? '' : ` class="${kind}"`}>${name}</th>`);
  return `<div class="card scroll" role="region" tabindex="0" aria-labelledby="${title}"><table><thead><tr>${head.join('')}</tr></thead><tbody id="${id}">${rows}</tbody></table></div>`;
}
