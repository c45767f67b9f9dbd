/**
 * Host and Origin rules: a browser page must not reach this service by rebinding a name to a loopback address.
 *
 * Loopback names, `server.host` and the configured ones pass. On a wildcard address any IP literal passes as Host, since
 * rebinding needs a name. `*` in a list allows everything.
 */
import { isIP } from 'node:net';

export interface GuardSettings {
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

export interface Guard {
  allowsHost(header: string | undefined): boolean;
  /** A request without Origin does not come from a page and passes. */
  allowsOrigin(header: string | undefined): boolean;
}

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];
const WILDCARDS = ['0.0.0.0', '::'];

/** Lower-case name without port and brackets; undefined when it cannot be read. */
export function hostName(header: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:/@[\]]+))(?::\d{1,5})?$/i.exec(header);
  return (match?.[1] ?? match?.[2])?.toLowerCase().replace(/\.$/, '');
}

function originHost(header: string): string | undefined {
  const match = /^https?:\/\/([^/\s]+)$/i.exec(header);
  return match?.[1] === undefined ? undefined : hostName(match[1]);
}

export function createGuard(settings: GuardSettings): Guard {
  const own = settings.host.toLowerCase();
  const names = new Set([
    ...LOOPBACK,
    own,
    ...settings.allowedHosts.map((name) => hostName(name) ?? name.toLowerCase()),
  ]);
  const isWildcard = WILDCARDS.includes(own);
  const origins = new Set(settings.allowedOrigins.map((origin) => origin.toLowerCase().replace(/\/$/, '')));
  const knows = (name: string | undefined) =>
    name !== undefined && (names.has(name) || (isWildcard && isIP(name) !== 0));
  return {
    allowsHost: (header) => names.has('*') || (header !== undefined && knows(hostName(header))),
    allowsOrigin: (header) =>
      header === undefined || origins.has('*') || origins.has(header.toLowerCase()) || knows(originHost(header)),
  };
}
