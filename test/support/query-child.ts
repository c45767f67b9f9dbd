/**
 * A process of its own that runs one statement through the query service and tells its parent every address it tried to
 * reach. Forked with the account in $QUERY_CHILD (JSON: config sections and sql).
 */
import dns from 'node:dns';
import net from 'node:net';

const reached: string[] = [];
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
  const [options] = (Array.isArray(args[0]) ? args[0] : args) as [{ host?: string; port?: number; path?: string }];
  reached.push(`${options?.host ?? options?.path ?? ''}:${options?.port ?? ''}`);
  return Reflect.apply(connect, this, args);
} as typeof connect;
const lookup = dns.lookup;
dns.lookup = ((host: string, ...rest: unknown[]) => {
  if (!net.isIP(host)) reached.push(`dns ${host}`);
  return Reflect.apply(lookup, dns, [host, ...rest]);
}) as typeof lookup;

const { ask, NEVER, testService } = await import('./query-service.ts');
const { sections, sql } = JSON.parse(process.env.QUERY_CHILD ?? '{}');
const { service } = testService(sections);
let answer: unknown;
try {
  await service.warm();
  answer = await service.run(ask(sql), NEVER);
} catch (error) {
  answer = { error: String(error) };
}
// Whatever the driver does after a login has the time to show.
await new Promise((resolve) => setTimeout(resolve, 500));
await service.close(2000);
process.send?.({ reached, answer });
process.disconnect();
