/**
 * Ends a child that sends one message which is far too big, before the message is there.
 *
 * Node reads a message of any size and parses it in one go: 100 MB of small objects hold the loop up for seconds. How much
 * has been read since the last whole message is only seen at the handle of the channel, which Node keeps to itself (20 to 24:
 * the symbol kChannelHandle). Where it cannot be found, nothing is bounded here, and messages are judged after parsing.
 */
import type { ChildProcess } from 'node:child_process';

interface Channel {
  readonly bytesRead: number;
  onread: (data?: ArrayBuffer) => void;
}

/** @param exceeded is called once; what the child sends after that is thrown away */
export function boundMessages(child: ChildProcess, maxBytes: number, exceeded: () => void): void {
  const channel = channelOf(child);
  if (channel === undefined) return;
  let readBefore = channel.bytesRead;
  let isOver = false;
  const whole = () => {
    readBefore = channel.bytesRead;
  };
  child.on('message', whole);
  child.on('internalMessage', whole);
  const { onread } = channel;
  channel.onread = function (this: unknown, ...words) {
    // Without data it is the end of the channel, which must be heard.
    if (words[0] !== undefined && channel.bytesRead - readBefore > maxBytes) {
      if (!isOver) exceeded();
      isOver = true;
      return;
    }
    onread.apply(this, words);
  };
}

function channelOf(child: ChildProcess): Channel | undefined {
  const symbol = Object.getOwnPropertySymbols(child).find(({ description }) => description === 'kChannelHandle');
  if (symbol === undefined) return undefined;
  const channel = (child as unknown as Record<symbol, Partial<Channel> | null | undefined>)[symbol];
  return typeof channel?.onread === 'function' && typeof channel.bytesRead === 'number'
    ? (channel as Channel)
    : undefined;
}
