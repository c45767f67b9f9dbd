/** Which clients weigh most: their sessions put together, the one with the most requests first. Pure. */

export interface HeldSession {
  readonly session_id: string;
  readonly client: string;
  readonly principal: string;
  readonly transport: string;
  readonly last_activity: string;
  readonly requests: number;
  readonly worker: number | null;
}

export interface SessionWeight {
  readonly session_id: string;
  readonly bytes_buffered: number;
  readonly queries: number;
}

export interface ClientWeight {
  readonly client: string;
  readonly principal: string;
  sessions: number;
  requests: number;
  /** That run now. */
  queries: number;
  bytes_buffered: number;
}

export function heaviest(sessions: readonly HeldSession[], memory: readonly SessionWeight[]): ClientWeight[] {
  const weights = new Map(memory.map((row) => [row.session_id, row]));
  const clients = new Map<string, ClientWeight>();
  for (const { client, principal, session_id, requests } of sessions) {
    const key = JSON.stringify([client, principal]);
    const sum = clients.get(key) ?? { client, principal, sessions: 0, requests: 0, queries: 0, bytes_buffered: 0 };
    const weight = weights.get(session_id);
    sum.sessions += 1;
    sum.requests += requests;
    sum.queries += weight?.queries ?? 0;
    sum.bytes_buffered += weight?.bytes_buffered ?? 0;
    clients.set(key, sum);
  }
  return [...clients.values()].sort((a, b) => b.requests - a.requests || b.bytes_buffered - a.bytes_buffered);
}
