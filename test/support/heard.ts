/** What a session says, in answers and on its listening stream. */
import { expect, onTestFinished } from 'vitest';

export interface Message {
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly data?: { readonly code: string } };
}

/** Of an answer, or of a stream of events. */
export const messagesIn = (text: string): Message[] =>
  text.startsWith('{')
    ? [JSON.parse(text) as Message]
    : [...text.matchAll(/^data: (\{.*)$/gm)].map(([, data = '']) => JSON.parse(data) as Message);

/** The listening stream of a session; ends with the test. */
export async function listen(url: string, session: string): Promise<{ heard(): Message[]; isOver(): boolean }> {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const headers = { accept: 'text/event-stream', 'mcp-session-id': session };
  const response = await fetch(`${url}/mcp`, { headers, signal: leaving.signal });
  expect(response.status).toBe(200);
  let text = '';
  let isOver = false;
  const read = async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
  };
  void read()
    .catch(() => {})
    .finally(() => {
      isOver = true;
    });
  return { heard: () => messagesIn(text), isOver: () => isOver };
}
