/**
 * The QUERY_TAG of every statement: JSON that says in Snowflake's query history who asked through what. No SQL, no
 * secrets; each part is bounded, and the whole stays far below Snowflake's 2,000 characters.
 */
export interface TagFacts {
  readonly version: string;
  readonly principal: string;
  readonly session?: string;
  readonly tool: string;
  readonly requestId: string;
}

const PART_MAX = 120;
/** As in the logs: whoever may read the query history must not be able to speak for the session. */
const SESSION_MAX = 8;

export function queryTag(facts: TagFacts): string {
  return JSON.stringify({
    app: 'snowflake-mcp-daemon',
    version: bounded(facts.version),
    principal: bounded(facts.principal),
    ...(facts.session === undefined ? {} : { session: bounded(facts.session.slice(0, SESSION_MAX)) }),
    tool: bounded(facts.tool),
    request_id: bounded(facts.requestId),
  });
}

/** Printable ASCII only: what a client names itself must not need escapes, which would count six times. */
function bounded(text: string): string {
  return text.slice(0, PART_MAX).replace(/[^\x20-\x7e]/g, '?');
}
