/** From who the front door let in to who tools and statements know: the same for every protocol version. */
import type { Principal } from '../../shared/principal.ts';
import type { Caller } from './tool.ts';

export function callerFor(principal: Principal, requestId: string, session?: string): Caller {
  const { id, scopes, role, identity, limits } = principal;
  return {
    requestId,
    principal: id,
    scopes,
    ...(session === undefined ? {} : { session }),
    ...(role === undefined ? {} : { role }),
    ...(identity === undefined ? {} : { identity }),
    ...(limits === undefined ? {} : { limits }),
  };
}
