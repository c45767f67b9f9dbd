/**
 * Tables of routes as OpenAPI 3.1 documents. A route says what it answers by a zod schema, which is also the type of the
 * view, so that the document cannot say anything else than the program.
 */
import { z } from 'zod';

/** Every error that a port answers in JSON. */
export const errorView = z.strictObject({
  error: z.strictObject({
    code: z.string(),
    message: z.string(),
    next: z.string().meta({ description: 'What to do, with the runbook where there is one.' }),
  }),
});

export interface RouteDoc {
  readonly method: 'get' | 'post' | 'delete';
  /** As express writes it: `/things/:id`. */
  readonly path: string;
  /** Who may ask, in words. */
  readonly access: string;
  readonly says: string;
  /** Of the answer; a text of this media type when it is not JSON. */
  readonly view: z.ZodType | { readonly text: string };
  /** Further statuses with the view's form, e.g. 503 of a health check. */
  readonly alsoViewAt?: Readonly<Record<number, string>>;
  /** Statuses of errors beside those of every route. */
  readonly errors?: Readonly<Record<number, string>>;
}

export interface DocumentFacts {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  /** Statuses that every route may answer with an error. */
  readonly everyError: Readonly<Record<number, string>>;
}

const JSON_TYPE = 'application/json';

export function openApiDocument(facts: DocumentFacts, routes: readonly RouteDoc[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(facts, route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: facts.title, version: facts.version, description: facts.description },
    paths,
    components: { schemas: { Error: plainSchema(errorView) } },
  };
}

function operation(facts: DocumentFacts, route: RouteDoc): Record<string, unknown> {
  const { view } = route;
  const content = 'text' in view ? { [view.text]: { schema: { type: 'string' } } } : jsonContent(plainSchema(view));
  const responses: Record<string, unknown> = { 200: { description: 'The answer.', content } };
  for (const [status, description] of Object.entries(route.alsoViewAt ?? {})) {
    responses[status] = { description, content };
  }
  const failure = jsonContent({ $ref: '#/components/schemas/Error' });
  for (const [status, description] of Object.entries({ ...facts.everyError, ...route.errors })) {
    responses[status] ??= { description, content: failure };
  }
  const parameters = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => {
    return { name, in: 'path', required: true, schema: { type: 'string' } };
  });
  return {
    operationId: `${route.method}${route.path.replaceAll(/[^A-Za-z0-9]+(\w)?/g, (_all, next: string | undefined) => (next ?? '').toUpperCase())}`,
    summary: route.says,
    description: `Access: ${route.access}`,
    ...(parameters.length === 0 ? {} : { parameters }),
    responses,
  };
}

function jsonContent(schema: unknown): Record<string, unknown> {
  return { [JSON_TYPE]: { schema } };
}

function plainSchema(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'output' });
  return rest;
}
