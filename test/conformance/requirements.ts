/**
 * The sentences of the specification that this server answers for with tests of its own, beside the official suites.
 *
 * Each has an id, the sentence, and where it stands. `verifies` ties a test to ids; coverage.test.ts fails for an id
 * without one. What the official suites alone prove is not repeated here.
 */

export interface Requirement {
  readonly revision: '2025-11-25' | '2026-07-28';
  readonly says: string;
  /** Page and anchor below the revision's specification. */
  readonly at: string;
}

const of =
  (revision: Requirement['revision']) =>
  (at: string, says: string): Requirement => ({ revision, says, at });
const r25 = of('2025-11-25');
const r26 = of('2026-07-28');

export const REQUIREMENTS = {
  // 2025-11-25: base and lifecycle
  '25-response-id': r25(
    'basic#responses',
    'Result responses MUST include the same ID as the request they correspond to.',
  ),
  '25-error-shape': r25(
    'basic#error-responses',
    'Error responses MUST include an error field with a code and message; error codes MUST be integers.',
  ),
  '25-version-same': r25(
    'basic/lifecycle#version-negotiation',
    'If the server supports the requested protocol version, it MUST respond with the same version.',
  ),
  '25-version-other': r25(
    'basic/lifecycle#version-negotiation',
    'Otherwise, the server MUST respond with another protocol version it supports. This SHOULD be the latest.',
  ),
  '25-capabilities': r25('server/tools#capabilities', 'Servers that support tools MUST declare the tools capability.'),
  '25-ping': r25(
    'basic/utilities/ping#behavior-requirements',
    'The receiver MUST respond promptly with an empty response.',
  ),
  // 2025-11-25: Streamable HTTP
  '25-origin': r25(
    'basic/transports#security-warning',
    'If the Origin header is present and invalid, servers MUST respond with HTTP 403 Forbidden.',
  ),
  '25-accepted': r25(
    'basic/transports#sending-messages-to-the-server',
    'If the server accepts a notification or response, it MUST return HTTP status code 202 Accepted with no body.',
  ),
  '25-not-accepted': r25(
    'basic/transports#sending-messages-to-the-server',
    'If the server cannot accept the input, it MUST return an HTTP error status code.',
  ),
  '25-answer-kind': r25(
    'basic/transports#sending-messages-to-the-server',
    'The server MUST either return Content-Type: text/event-stream or application/json.',
  ),
  '25-stream-ends': r25(
    'basic/transports#sending-messages-to-the-server',
    'After the JSON-RPC response has been sent, the server SHOULD terminate the SSE stream.',
  ),
  '25-get-stream': r25(
    'basic/transports#listening-for-messages-from-the-server',
    'The server MUST either return text/event-stream in response to a GET, or else HTTP 405.',
  ),
  '25-one-stream': r25(
    'basic/transports#multiple-connections',
    'The server MUST send each of its JSON-RPC messages on only one of the connected streams.',
  ),
  '25-disconnect': r25(
    'basic/transports#sending-messages-to-the-server',
    'Disconnection SHOULD NOT be interpreted as the client cancelling its request.',
  ),
  // 2025-11-25: sessions
  '25-session-ascii': r25(
    'basic/transports#session-management',
    'The session ID MUST only contain visible ASCII characters.',
  ),
  '25-session-unique': r25(
    'basic/transports#session-management',
    'The session ID SHOULD be globally unique and cryptographically secure.',
  ),
  '25-session-missing': r25(
    'basic/transports#session-management',
    'Requests without a session id (other than initialization) SHOULD be answered with HTTP 400.',
  ),
  '25-session-ended': r25(
    'basic/transports#session-management',
    'After a session is terminated the server MUST respond to requests with its ID with HTTP 404.',
  ),
  '25-session-delete': r25(
    'basic/transports#session-management',
    'Clients SHOULD send an HTTP DELETE with the session id to terminate the session.',
  ),
  '25-version-header': r25(
    'basic/transports#protocol-version-header',
    'With an invalid or unsupported MCP-Protocol-Version the server MUST respond with 400 Bad Request.',
  ),
  '25-version-absent': r25(
    'basic/transports#protocol-version-header',
    'Without the header and no other way to identify the version, the server SHOULD assume 2025-03-26.',
  ),
  // 2025-11-25: utilities
  '25-cancel-stops': r25(
    'basic/utilities/cancellation#behavior-requirements',
    'Receivers of cancellation notifications SHOULD stop processing the cancelled request and free its resources.',
  ),
  '25-cancel-silent': r25(
    'basic/utilities/cancellation#behavior-requirements',
    'Receivers SHOULD NOT send a response for the cancelled request.',
  ),
  '25-cancel-unknown': r25(
    'basic/utilities/cancellation#error-handling',
    'Invalid cancellation notifications SHOULD be ignored.',
  ),
  '25-progress-token': r25(
    'basic/utilities/progress#behavior-requirements',
    'Progress notifications MUST only reference tokens provided in an active request.',
  ),
  '25-progress-grows': r25(
    'basic/utilities/progress#progress-flow',
    'The progress value MUST increase with each notification.',
  ),
  '25-progress-stops': r25(
    'basic/utilities/progress#implementation-notes',
    'Progress notifications MUST stop after completion.',
  ),
  '25-cursor': r25(
    'server/utilities/pagination#error-handling',
    'Invalid cursors SHOULD result in an error with code -32602.',
  ),
  // 2025-11-25: features
  '25-tool-names': r25(
    'server/tools#tool-names',
    'Tool names SHOULD be 1 to 128 characters of A-Z, a-z, 0-9, _, - and ., unique within a server.',
  ),
  '25-tool-schema': r25('server/tools#tool', 'inputSchema MUST be a valid JSON Schema object.'),
  '25-tool-errors': r25(
    'server/tools#error-handling',
    'Input validation errors are tool execution errors with isError: true.',
  ),
  '25-tool-structure': r25(
    'server/tools#output-schema',
    'Servers MUST provide structured results that conform to the output schema.',
  ),
  '25-tool-text': r25(
    'server/tools#structured-content',
    'A tool that returns structured content SHOULD also return it as a text block.',
  ),
  '25-resource-missing': r25(
    'server/resources#error-handling',
    'Servers SHOULD return -32002 for a resource that is not found.',
  ),
  '25-subscribe': r25(
    'server/resources#subscriptions',
    'Clients can subscribe to a resource and receive notifications/resources/updated when it changes, until they unsubscribe.',
  ),
  '25-list-changed': r25(
    'server/resources#list-changed-notification',
    'When the list of resources changes, servers that declared listChanged SHOULD send a notification.',
  ),
  '25-log-capability': r25(
    'server/utilities/logging#capabilities',
    'Servers that emit log message notifications MUST declare the logging capability.',
  ),
  '25-log-level': r25(
    'server/utilities/logging#setting-log-level',
    'After logging/setLevel only messages of this level and worse are sent.',
  ),
  '25-log-invalid': r25(
    'server/utilities/logging#error-handling',
    'An invalid log level SHOULD be answered with the error code -32602.',
  ),
  '25-prompt-invalid': r25(
    'server/prompts#error-handling',
    'Invalid prompt names and missing required arguments: -32602.',
  ),
  '25-completion-max': r25('server/utilities/completion#completion-results', 'Maximum 100 items per response.'),
  // 2026-07-28: base
  '26-response-id': r26(
    'basic#responses',
    'Result responses MUST include the same ID as the request they correspond to.',
  ),
  '26-error-id': r26(
    'basic#error-responses',
    'Error responses MUST include the same ID as the request they correspond to.',
  ),
  '26-result-type': r26('basic#result-responses', 'The result MUST include a resultType field.'),
  '26-server-info': r26('basic#_meta', 'Servers SHOULD include io.modelcontextprotocol/serverInfo in every result.'),
  '26-stateless': r26(
    'basic#statelessness',
    'Servers MUST NOT rely on prior requests over the same connection to establish context.',
  ),
  '26-any-process': r26(
    'basic#statelessness',
    'Servers SHOULD NOT require that a client reuse the same connection or process.',
  ),
  '26-meta-required': r26(
    'basic#_meta',
    'A request without the required _meta fields is answered -32602, on HTTP with 400 Bad Request.',
  ),
  '26-client-info': r26('basic#_meta', 'clientInfo SHOULD be sent, so a request without it is served.'),
  '26-version-unsupported': r26(
    'basic/versioning#protocol-version-negotiation',
    'An unsupported version MUST be answered by an UnsupportedProtocolVersionError with the versions it supports.',
  ),
  '26-discover': r26('server/discover', 'Servers MUST implement server/discover.'),
  '26-both-eras': r26(
    'basic/versioning#backward-compatibility-with-initialization-based-versions',
    'A server that supports legacy clients too MAY implement both behaviors.',
  ),
  // 2026-07-28: Streamable HTTP
  '26-origin': r26(
    'basic/transports/streamable-http#security-endpoint',
    'If the Origin header is present and invalid, servers MUST respond with HTTP 403 Forbidden.',
  ),
  '26-accepted': r26(
    'basic/transports/streamable-http#sending-messages',
    'If the server accepts a notification it MUST return 202 Accepted with no body.',
  ),
  '26-answer-kind': r26(
    'basic/transports/streamable-http#sending-messages',
    'For a request the server MUST return application/json or text/event-stream.',
  ),
  '26-stream-ends': r26(
    'basic/transports/streamable-http#receiving-messages',
    'The final JSON-RPC response SHOULD terminate the stream.',
  ),
  '26-no-buffering': r26(
    'basic/transports/streamable-http#receiving-messages',
    'Servers SHOULD include X-Accel-Buffering: no in an SSE response.',
  ),
  '26-close-cancels': r26(
    'basic/transports/streamable-http#cancellation',
    'Closing the SSE response stream MUST be treated as cancellation of that request.',
  ),
  '26-header-version': r26(
    'basic/transports/streamable-http#protocol-version-header',
    'A version header that does not match the body: 400 and HeaderMismatch.',
  ),
  '26-header-method': r26(
    'basic/transports/streamable-http#server-validation',
    'A request whose Mcp-Method is missing or differs from the body MUST be rejected with 400 and -32020.',
  ),
  '26-header-name': r26(
    'basic/transports/streamable-http#server-validation',
    'A request whose Mcp-Name is missing or differs from the body MUST be rejected with 400 and -32020.',
  ),
  '26-header-base64': r26(
    'basic/transports/streamable-http#value-encoding',
    'Servers MUST decode an encoded Mcp-Name before comparing it to the body.',
  ),
  '26-header-case': r26(
    'basic/transports/streamable-http#case-sensitivity',
    'Servers MUST use case-insensitive comparisons for header names.',
  ),
  '26-method-unknown': r26(
    'basic/transports/streamable-http#protocol-version-header',
    'An RPC method that is not implemented: 404 Not Found and -32601.',
  ),
  '26-get-delete': r26(
    'basic/transports/streamable-http#earlier-streamable-http-revisions',
    'GET and DELETE of this revision are answered with 405.',
  ),
  // 2026-07-28: patterns
  '26-ask-capability': r26(
    'basic/patterns/mrtr#server-requirements-basic-workflow',
    'Servers MUST NOT send inputRequests that the client has not declared support for.',
  ),
  '26-ask-complete': r26(
    'basic/patterns/mrtr#server-requirements-basic-workflow',
    'An InputRequiredResult MUST have inputRequests or requestState.',
  ),
  '26-state-forged': r26(
    'basic/patterns/mrtr#server-requirements-basic-workflow',
    'Servers MUST protect the integrity of requestState and reject state that fails verification.',
  ),
  '26-state-once': r26(
    'basic/patterns/mrtr#server-requirements-basic-workflow',
    'A state that must be consumed at most once: servers MUST enforce that.',
  ),
  '26-ask-again': r26(
    'basic/patterns/mrtr#error-handling',
    'When information is missing the server SHOULD respond with a new InputRequiredResult.',
  ),
  '26-ask-extra': r26('basic/patterns/mrtr#error-handling', 'The server SHOULD ignore input it does not recognize.'),
  '26-progress-grows': r26(
    'basic/patterns/progress#progress-flow',
    'The progress value MUST increase with each notification.',
  ),
  '26-listen-ack': r26(
    'basic/patterns/subscriptions#acknowledgment',
    'The acknowledgment MUST be the first message of a subscription and carry its id.',
  ),
  '26-listen-filter': r26(
    'basic/patterns/subscriptions',
    'The server MUST NOT send notification types the client has not requested.',
  ),
  '26-listen-end': r26(
    'basic/patterns/subscriptions#graceful-closure',
    'A server that ends a subscription SHOULD respond to the listen request before closing the stream.',
  ),
  '26-log-capability': r26(
    'server/utilities/logging#capabilities',
    'Servers that emit log message notifications MUST declare the logging capability.',
  ),
  '26-log-level': r26(
    'server/utilities/logging#per-request-log-level',
    'A request that names a level MAY be sent messages of this level and worse, on its own stream and before its answer.',
  ),
  '26-log-invalid': r26(
    'server/utilities/logging#error-handling',
    'A level that is none SHOULD be answered with the error code -32602.',
  ),
  '26-no-log': r26('server/utilities/logging', 'No notifications/message for requests that did not set a log level.'),
  // 2026-07-28: features
  '26-tools-order': r26('server/tools#listing-tools', 'Servers SHOULD return tools in a deterministic order.'),
  '26-tools-steady': r26('server/tools#capabilities', 'The set of tools MUST NOT vary per connection.'),
  '26-tools-changed': r26(
    'server/tools#list-changed-notification',
    'When the list of tools changes, listeners SHOULD be notified.',
  ),
  '26-tool-errors': r26(
    'server/tools#error-handling',
    'Input validation errors are tool execution errors with isError: true.',
  ),
  '26-resource-missing': r26(
    'server/resources#error-handling',
    'A resource that does not exist: -32602, never an empty contents array.',
  ),
  '26-cache-hints': r26(
    'server/utilities/caching#cacheable-results',
    'Servers MUST include ttlMs >= 0 and cacheScope on lists, resources/read and server/discover.',
  ),
  '26-cache-private': r26(
    'server/utilities/caching#security-considerations',
    'What depends on the caller must not be marked public.',
  ),
  '26-cursor': r26(
    'server/utilities/pagination#error-handling',
    'Invalid cursors SHOULD result in an error with code -32602.',
  ),
  '26-prompt-invalid': r26(
    'server/prompts#error-handling',
    'Invalid prompt names and missing required arguments: -32602.',
  ),
} as const satisfies Record<string, Requirement>;

export type RequirementId = keyof typeof REQUIREMENTS;

/** e.g. https://modelcontextprotocol.io/specification/2025-11-25/server/tools#tool-names */
export function addressOf(id: RequirementId): string {
  const { revision, at } = REQUIREMENTS[id];
  return `https://modelcontextprotocol.io/specification/${revision}/${at}`;
}
