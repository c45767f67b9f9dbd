/**
 * Carries events between the daemons of one Redis or Valkey by its channels. Workers of one daemon hear each other through
 * their primary, so what comes from the own daemon is passed over.
 */
import { z } from 'zod';
import { BUS_MAX_EVENTS_PER_MESSAGE, busEventSchema } from '../../shared/ipc.ts';
import type { BusCarrier } from './cluster-bus.ts';
import type { RedisConnection } from './redis-connection.ts';

const messageSchema = z.strictObject({
  from: z.string().max(100),
  events: z.array(busEventSchema).max(BUS_MAX_EVENTS_PER_MESSAGE),
});

/** @param daemon name of the own daemon */
export function openRedisBus(redis: RedisConnection, daemon: string): BusCarrier {
  const channel = `${redis.prefix}:events`;
  return {
    send: async (events) => {
      const text = JSON.stringify({ from: daemon, events });
      await redis.run('publishing', (client) => client.publish(channel, text));
    },
    onEvents: (listener) =>
      redis.listen(channel, (text) => {
        const message = messageOf(text);
        if (message?.from !== daemon) listener(message?.events);
      }),
  };
}

function messageOf(text: string): z.output<typeof messageSchema> | undefined {
  try {
    return messageSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
