/**
 * What a server of the versions with sessions says unasked: changes of resources to those that have subscribed, changes
 * of their list to all that listen. The log messages of a call go out with the call.
 *
 * A change is a hint to read again. A client whose listening stream was away may have missed one, so it is told of each
 * resource it subscribed to when it listens again, and of the tools if the worker that holds its session now has others.
 */
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  LoggingLevelSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';
import type { Changes } from '../changes.ts';
import type { Features } from './features.ts';
import { answered, contextOf } from './features.ts';
import type { CallWatcher } from './watcher.ts';

export interface Hearing extends Features {
  readonly changes: Changes;
  /** Resources one session may subscribe to. */
  readonly maxSubscriptions: number;
  readonly toolsDigest: string;
}

/** The SDK's own answers a level that does not exist as an internal error. */
const SET_LEVEL = z.object({ method: z.literal('logging/setLevel'), params: z.object({ level: z.unknown() }) });
const LEVELS = LoggingLevelSchema.options.join(', ');

export function addHearing(server: Server, hearing: Hearing, watcher: CallWatcher): void {
  const { resources, changes, maxSubscriptions, toolsDigest, log } = hearing;
  const { wishes } = watcher;
  server.setRequestHandler(SET_LEVEL, (request, extra) =>
    answered(log, watcher, extra, async () => {
      const { data: level } = LoggingLevelSchema.safeParse(request.params.level);
      if (level === undefined) throw new AppError('ARGUMENT_INVALID', { faults: [`level: is none of ${LEVELS}`] });
      await wishes.setLogLevel(level);
      return {};
    }),
  );
  server.setRequestHandler(SubscribeRequestSchema, (request, extra) =>
    answered(log, watcher, extra, async () => {
      const { uri } = request.params;
      // What the caller may not see it hears nothing of.
      await resources.read(uri, contextOf(extra));
      await wishes.subscribe(uri, maxSubscriptions);
      return {};
    }),
  );
  server.setRequestHandler(UnsubscribeRequestSchema, (request, extra) =>
    answered(log, watcher, extra, async () => {
      await wishes.unsubscribe(request.params.uri);
      return {};
    }),
  );
  wishes.onListening(() => {
    tell(server, wishes.subscriptions());
    if (wishes.offer !== undefined && wishes.offer !== toolsDigest) server.sendToolListChanged().catch(unheard);
  });
  server.onclose = changes.subscribe((change) => {
    if (!wishes.isListening()) return;
    if (change.kind === 'resources') server.sendResourceListChanged().catch(unheard);
    if (change.kind === 'resource') tell(server, wishes.namesOf(change.uri));
  });
}

function tell(server: Server, uris: readonly string[]): void {
  for (const uri of uris) server.sendResourceUpdated({ uri }).catch(unheard);
}

/** A client that is gone hears nothing. */
const unheard = () => {};
