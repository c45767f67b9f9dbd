/** A service manager's end of sd_notify for a test: a real datagram socket that keeps what it is sent, with the time. */
import { rmSync } from 'node:fs';
import { DgramSocket } from 'node-unix-socket';

export interface Heard {
  readonly at: number;
  readonly text: string;
}

export interface NotifyListener {
  readonly heard: Heard[];
  /** Texts that begin with one of these words, in order. */
  texts(...words: string[]): string[];
  close(): void;
}

/** @param address a path, or `@name` for an abstract socket */
export function listenForNotify(address: string): NotifyListener {
  const socket = new DgramSocket();
  const heard: Heard[] = [];
  const decoder = new TextDecoder();
  socket.on('data', (bytes: Buffer) => void heard.push({ at: performance.now(), text: decoder.decode(bytes) }));
  socket.on('error', () => {});
  socket.bind(address.startsWith('@') ? `\0${address.slice(1)}` : address);
  return {
    heard,
    texts: (...words) => heard.map(({ text }) => text).filter((text) => words.some((word) => text.startsWith(word))),
    close: () => {
      socket.close();
      if (!address.startsWith('@')) rmSync(address, { force: true });
    },
  };
}
