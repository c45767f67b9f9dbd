/**
 * Asks the person at the client by elicitation, on the stream of the call that asks.
 *
 * Undefined where the client has not said that it can, or takes no stream. No answer in time counts as declined.
 */
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { Log } from '../../../shared/log.ts';
import { askingOf, type CallExtra } from './caller.ts';

const ANSWER_MS = 300_000;

type Confirm = (question: string) => Promise<'accepted' | 'declined'>;

export function confirmBy(server: Server, extra: CallExtra, log: Log): Confirm | undefined {
  const elicitation = server.getClientCapabilities()?.elicitation;
  if (elicitation === undefined) return undefined;
  const asking = askingOf(extra);
  return async (question) => {
    try {
      await asking?.begin();
      const answer = await server.elicitInput(
        {
          message: question,
          requestedSchema: {
            type: 'object',
            properties: {
              confirm: {
                type: 'boolean',
                title: 'Run it',
                description: 'Yes runs the statement once.',
                default: false,
              },
            },
            required: ['confirm'],
          },
        },
        { relatedRequestId: extra.requestId, signal: extra.signal, timeout: ANSWER_MS },
      );
      if (answer.action !== 'accept' || answer.content?.confirm !== true) return 'declined';
      return (await asking?.end()) === false ? 'declined' : 'accepted';
    } catch (error) {
      log.info('mcp.not_confirmed', 'no answer to a question counts as declined', {
        reason: error instanceof Error ? error.message.slice(0, 200) : 'unknown',
      });
      return 'declined';
    }
  };
}
