/**
 * Asks the person at the client between two requests: the first is answered with a question and a sealed state, the
 * second brings the answer and the state back, to whichever worker.
 *
 * The state is signed, binds the answer to the caller and to the very call that was shown, ends after ten minutes, and
 * counts once: a repeated request asks again rather than write again. Key and spent states are in the shared store.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import {
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type RequestStateCodec,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Clock } from '../../../shared/clock.ts';
import type { Log } from '../../../shared/log.ts';
import { createMemoryStore } from '../../state/memory-store.ts';
import type { StateStore } from '../../state/store.ts';
import { AnswerNeeded } from '../call.ts';

/** The key of the host, or that a state was used. */
export type ConfirmationRecord = { readonly key: string } | { readonly spentUntilMs: number };

interface Asked {
  /** Of the tool and its arguments. */
  readonly call: string;
  readonly nonce: string;
}

export interface Confirmations {
  /** For the SDK, which answers -32602 to a state that is not ours, not this caller's or too old. */
  verify(state: string, context: ServerContext): Promise<unknown>;
  /** How the call in hand asks; undefined where the client has not said that it can. */
  asker(context: ServerContext, call: Call): ((question: string) => Promise<'accepted' | 'declined'>) | undefined;
  /** The answer to the first request. */
  ask(context: ServerContext, call: Call, question: string): Promise<InputRequiredResult>;
}

interface Call {
  readonly name: string;
  readonly arguments: unknown;
}

const ANSWER_SECONDS = 600;
const QUESTION = 'confirm';
const KEY_NAME = 'key';
const SPENT = 'spent:';
/** Spent states that ended are taken away this many at a time, whenever one is added. */
const SWEEP_PAGE = 20;

const FORM = {
  type: 'object' as const,
  properties: {
    confirm: {
      type: 'boolean' as const,
      title: 'Run it',
      description: 'Yes runs the statement once.',
      default: false,
    },
  },
  required: ['confirm'],
};

export function createConfirmations(options: {
  /** Undefined when it could not be opened: answers are then known to the worker that asked only. */
  readonly store: StateStore<ConfirmationRecord> | undefined;
  readonly clock: Clock;
  readonly log: Log;
}): Confirmations {
  const { clock, log } = options;
  const store = options.store ?? createMemoryStore<ConfirmationRecord>();
  let opened: Promise<RequestStateCodec<Asked>> | undefined;
  const codec = () => {
    opened ??= openCodec(store).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    verify: async (state, context) => (await codec()).verify(state, context),
    asker: (context, call) => {
      if (!canAsk(context)) return undefined;
      return async (question) => {
        const asked = context.mcpReq.requestState<Asked>();
        const answer = inputResponse(context.mcpReq.inputResponses, QUESTION);
        if (asked?.call !== digest(call) || answer.kind !== 'elicit') throw new AnswerNeeded(question);
        if (answer.action !== 'accept' || answer.content?.confirm !== true) return 'declined';
        if (!(await spend(store, asked.nonce, clock))) {
          log.warn('mcp.confirmation_repeated', 'a confirmation counts once: the person is asked again');
          throw new AnswerNeeded(question);
        }
        return 'accepted';
      };
    },
    ask: async (context, call, question) =>
      inputRequired({
        inputRequests: { [QUESTION]: inputRequired.elicit({ message: question, requestedSchema: FORM }) },
        requestState: await (await codec()).mint({ call: digest(call), nonce: randomUUID() }, context),
      }),
  };
}

/** The SDK has checked the metadata; its types leave the keys out. */
function canAsk({ mcpReq }: ServerContext): boolean {
  const envelope = mcpReq.envelope as Readonly<Record<string, unknown>> | undefined;
  const capabilities = envelope?.[CLIENT_CAPABILITIES_META_KEY] as { elicitation?: unknown } | undefined;
  return capabilities?.elicitation !== undefined;
}

function digest({ name, arguments: args }: Call): string {
  return createHash('sha256')
    .update(JSON.stringify([name, args]))
    .digest('base64url');
}

/** One key for all workers: whoever comes first makes it. */
async function openCodec(store: StateStore<ConfirmationRecord>): Promise<RequestStateCodec<Asked>> {
  await store.create(KEY_NAME, { key: randomBytes(32).toString('base64url') });
  const record = (await store.get(KEY_NAME))?.value;
  if (record === undefined || !('key' in record)) throw new Error('the key of confirmations is not in the store');
  return createRequestStateCodec<Asked>({
    key: Buffer.from(record.key, 'base64url'),
    ttlSeconds: ANSWER_SECONDS,
    bind: (context) => `${context.mcpReq.method}\0${context.http?.authInfo?.clientId ?? ''}`,
  });
}

/** False when the state was used before. Keys sort by time, so that what has ended comes first. */
async function spend(store: StateStore<ConfirmationRecord>, nonce: string, clock: Clock): Promise<boolean> {
  const now = clock.wall().getTime();
  for (const { key, value, version } of await store.page(SPENT, SWEEP_PAGE)) {
    if ('spentUntilMs' in value && value.spentUntilMs < now) await store.remove(key, version);
  }
  return store.create(`${SPENT}${nonce}`, { spentUntilMs: now + 2 * ANSWER_SECONDS * 1000 });
}
