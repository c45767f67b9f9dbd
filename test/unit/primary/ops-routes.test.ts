/** The OpenAPI document of the primary's port says what its table says, and people find every path in the docs. */
import { expect, test } from 'vitest';
import { opsDocument } from '../../../src/primary/ops-document.ts';
import { OPS_ROUTES, type OpsRoute, opsRouteAt } from '../../../src/primary/ops-routes.ts';
import { openApiForm } from '../../support/openapi-form.ts';
import { textOf } from '../../support/pages.ts';

const routes = Object.values<OpsRoute>(OPS_ROUTES);
const document = openApiForm.parse(opsDocument('1.2.3'));

test('document: every route of the table under its path, each with a name of its own', () => {
  expect(Object.keys(document.paths).sort()).toEqual(routes.map(({ path }) => path).sort());
  const ids = Object.values(document.paths).map(({ get }) => get?.operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

test('document: the answer of /status is described to its last field', () => {
  const { responses } = document.paths['/status']?.get ?? {};
  const schema = JSON.stringify(responses?.['200']);
  for (const field of ['"generation"', '"workers"', '"lastExit"', '"oldestWaitMs"', '"lastReload"']) {
    expect(schema).toContain(field);
  }
  expect(schema).toContain('"additionalProperties":false');
});

test('table: probes and the document are open, everything else asks for the token', () => {
  const open = routes.filter(({ access }) => access === 'open').map(({ path }) => path);
  expect(open).toEqual(['/livez', '/readyz', '/openapi.json']);
  expect(['/status', '/', '/__proto__', 'constructor', '/status/'].map(opsRouteAt)).toEqual([
    'status',
    'page',
    undefined,
    undefined,
    undefined,
  ]);
});

test('docs: the page of endpoints names every path', () => {
  const page = textOf('docs/endpoints.md');
  expect(routes.map(({ path }) => path).filter((path) => !page.includes(`\`${path}\``))).toEqual([]);
});
