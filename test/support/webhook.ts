/** A web server that keeps what Alertmanager posts to it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface PostedAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Webhook extends AsyncDisposable {
  readonly url: string;
  readonly authorizations: ReadonlySet<string | undefined>;
  /** In the order they came. */
  readonly alerts: readonly PostedAlert[];
}

export async function startWebhook(): Promise<Webhook> {
  const alerts: PostedAlert[] = [];
  const authorizations = new Set<string | undefined>();
  const server = createServer((request, response) => {
    authorizations.add(request.headers.authorization);
    text(request)
      .then((body) => alerts.push(...(JSON.parse(body) as { alerts: PostedAlert[] }).alerts))
      .then(() => response.end())
      .catch(() => response.writeHead(400).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    alerts,
    authorizations,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
