/**
 * `fetch` over a unix socket, or over TLS to a service whose own certificate is at hand: what the built-in one cannot do.
 * For the MCP client of the commands; the answer's body is a stream, as that of the built-in one.
 */
import { request as plainRequest, type RequestOptions } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { Readable } from 'node:stream';

/** How to reach the service instead of by its address alone. */
export type Door =
  | { readonly socketPath: string }
  /** PEM text: whoever holds its key is trusted, whatever name was asked for. */
  | { readonly ca: string };

export type DoorFetch = (address: string | URL, init?: RequestInit) => Promise<Response>;

const NO_BODY: readonly number[] = [204, 205, 304];

export function doorFetch(door: Door): DoorFetch {
  return (address, init = {}) =>
    new Promise((resolve, reject) => {
      const url = new URL(address);
      const { signal } = init;
      const options: RequestOptions = {
        ...('ca' in door ? { ca: door.ca, checkServerIdentity: () => undefined } : { socketPath: door.socketPath }),
        method: init.method ?? 'GET',
        headers: Object.fromEntries(new Headers(init.headers)),
        agent: false,
        ...(signal ? { signal } : {}),
      };
      const call = (url.protocol === 'https:' ? tlsRequest : plainRequest)(url, options);
      call.on('error', reject);
      call.on('response', (response) => {
        const status = response.statusCode ?? 500;
        const headers = new Headers();
        for (const [name, value] of Object.entries(response.headers)) headers.set(name, String(value));
        if (NO_BODY.includes(status)) response.resume();
        const body = NO_BODY.includes(status) ? null : (Readable.toWeb(response) as ReadableStream<Uint8Array>);
        resolve(new Response(body, { status, headers }));
      });
      call.end(init.body ?? undefined);
    });
}
