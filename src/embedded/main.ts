/**
 * Child process of `start --demo`: the embedded Snowflake behind an IPC channel.
 *
 * Waits for one `start` message, answers `ready` or `failed`, and serves until the channel closes, so it never outlives
 * its parent. SIGINT is ignored because a terminal sends it to parent and child alike, and the parent decides.
 * Writes nothing to stdout, which may be an MCP stream.
 */
import type { EmbeddedReply, EmbeddedStartMessage } from '../shared/embedded-ipc.ts';
import { startEmbedded } from './start.ts';

process.title = 'snowflake-mcp-embedded';
process.on('SIGINT', () => {});
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit());
process.once('message', (message) => {
  if (isStart(message)) void start(message);
});
if (process.send === undefined) {
  process.stderr.write('the embedded Snowflake is started by "snowflake-mcp-daemon start --demo", not by hand\n');
  process.exit(2);
}

async function start({ options }: EmbeddedStartMessage): Promise<void> {
  try {
    const { port } = await startEmbedded(options);
    await reply({ type: 'ready', port });
  } catch (error) {
    process.exitCode = 1;
    await reply({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
    process.disconnect();
  }
}

function reply(message: EmbeddedReply): Promise<void> {
  return new Promise((resolve) => process.send?.(message, () => resolve()));
}

function isStart(message: unknown): message is EmbeddedStartMessage {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'start';
}
