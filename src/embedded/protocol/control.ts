/**
 * The control endpoint of the embedded Snowflake, for tests in other processes: the query log and the fault plans.
 *
 * Every call needs the control token as bearer; when the engine was started without one, every call is refused.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isSame } from './auth.ts';
import { type Faults, readPlans } from './faults.ts';
import { HttpError, readJson, sendJson } from './http.ts';
import type { QueryStore } from './query-store.ts';

export interface ControlParts {
  readonly controlToken: string | undefined;
  readonly store: QueryStore;
  readonly faults: Faults;
}

/** @throws HttpError 403 without the token, 404 for an unknown call, 400 for a plan that cannot be read */
export async function answerControl(
  parts: ControlParts,
  request: IncomingMessage,
  response: ServerResponse,
  pathname: string,
): Promise<void> {
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  if (!isSame(given, parts.controlToken)) throw new HttpError(403, 'the control token is missing or wrong');
  const { faults } = parts;
  switch (`${request.method} ${pathname}`) {
    case 'GET /embedded/queries':
      return sendJson(response, 200, { queries: parts.store.log() });
    case 'GET /embedded/faults':
      return sendJson(response, 200, { faults: faults.list() });
    case 'POST /embedded/faults': {
      const body = await readJson(request);
      try {
        return sendJson(response, 200, { faults: readPlans(body).map((plan) => faults.add(plan)) });
      } catch (error) {
        throw new HttpError(400, error instanceof Error ? error.message : 'the plan cannot be read');
      }
    }
    case 'DELETE /embedded/faults':
      faults.clear();
      return sendJson(response, 200, { faults: [] });
    default:
      throw new HttpError(404, 'no such call');
  }
}
