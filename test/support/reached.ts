/** Notes every address that this process tries to reach, by socket or by a look-up of a name. Imported first. */
import dns from 'node:dns';
import net from 'node:net';

export const reached: string[] = [];

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
  const [options] = (Array.isArray(args[0]) ? args[0] : args) as [{ host?: string; port?: number; path?: string }];
  reached.push(`${options?.host ?? options?.path ?? ''}:${options?.port ?? ''}`);
  return Reflect.apply(connect, this, args);
} as typeof connect;

const { lookup } = dns;
dns.lookup = ((host: string, ...rest: unknown[]) => {
  if (!net.isIP(host)) reached.push(`dns ${host}`);
  return Reflect.apply(lookup, dns, [host, ...rest]);
}) as typeof lookup;
const promised = dns.promises.lookup;
dns.promises.lookup = ((host: string, ...rest: unknown[]) => {
  if (!net.isIP(host)) reached.push(`dns ${host}`);
  return Reflect.apply(promised, dns.promises, [host, ...rest]);
}) as typeof promised;
