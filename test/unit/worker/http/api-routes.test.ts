/** The OpenAPI document says what the table says, and the app serves what both say. */
import { expect, test } from 'vitest';
import type { Handlers } from '../../../../src/worker/http/api-handlers.ts';
import { accessInWords, ROUTES, type Route, serviceDocument } from '../../../../src/worker/http/api-routes.ts';
import { createOpsApp } from '../../../../src/worker/http/ops-app.ts';
import { logLines } from '../../../support/log-lines.ts';
import { openApiForm } from '../../../support/openapi-form.ts';
import { textOf } from '../../../support/pages.ts';

const document = openApiForm.parse(serviceDocument('1.2.3'));
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => `${method} ${path}`),
);
const routes: readonly Route[] = Object.values(ROUTES);

test('document: every route of the table, and nothing else, under names of their own', () => {
  expect([...operations].sort()).toEqual(
    routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/, '{$1}')}`).sort(),
  );
  const ids = Object.values(document.paths).flatMap((methods) => Object.values(methods).map((it) => it.operationId));
  expect(new Set(ids).size).toBe(ids.length);
});

test('document: an address with a part to fill in names it', () => {
  expect(document.paths['/api/debug/active-queries/{id}']?.delete?.parameters?.map(({ name }) => name)).toEqual(['id']);
});

test('document: references lead somewhere', () => {
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref);
  expect([...new Set(refs)]).toEqual(['#/components/schemas/Error']);
});

test('app: serves exactly the routes of the document', () => {
  const { log } = logLines();
  const access = { require: async () => ({ id: 'x', scopes: [] }), requireToLook: async () => {} };
  const app = createOpsApp({ handlers: {} as Handlers, access, maxBodyBytes: 1000, log });
  const served = app.router.stack.flatMap(({ route }) =>
    route === undefined || route.path === '/sse'
      ? []
      : route.stack.flatMap(({ method }) => (method ? [`${method} ${route.path.replace(/:(\w+)/, '{$1}')}`] : [])),
  );
  expect([...served].sort()).toEqual([...operations].sort());
});

test('table: what administers needs the admin scope, and loopback alone opens figures', () => {
  for (const { path, access } of routes) {
    if (/^\/(admin|api\/(?!metrics))/.test(path)) expect([path, access]).toEqual([path, { scope: 'admin' }]);
  }
  expect(accessInWords(ROUTES.metrics.access)).toContain('this machine');
});

test('docs: the page of endpoints names every path', () => {
  const page = textOf('docs/endpoints.md');
  const named = (path: string) => page.includes(`\`${path.replace(':id', 'ID')}\``);
  expect(routes.map(({ path }) => path).filter((path) => !named(path))).toEqual([]);
});
