/**
 * Which names a Host header may carry: a web page must not reach a service by pointing a name of its own at an address
 * of this machine (DNS rebinding).
 *
 * Loopback names, the configured host and the configured names pass. On a wildcard address this machine's own name and
 * any IP literal pass too, since rebinding needs a name of somebody else. `*` in the list allows everything. Of where a page
 * comes from an address tells nothing: anybody has one, so only names that are known count there.
 */
import { isIP } from 'node:net';
import { hostname } from 'node:os';

export interface HostRule {
  /** @param header of a request; one without it is not allowed */
  allows(header: string | undefined): boolean;
  /** Loopback, the configured host or a configured name, as `hostName` gives it; `*` does not count. */
  knows(name: string | undefined): boolean;
}

export interface HostSettings {
  /** What the service listens on. */
  readonly host: string;
  readonly allowedHosts: readonly string[];
}

const WILDCARDS = ['0.0.0.0', '::', '[::]'];

export function createHostRule({ host, allowedHosts }: HostSettings): HostRule {
  const isWildcard = WILDCARDS.includes(host);
  const given = [host, ...allowedHosts, ...(isWildcard ? [hostname()] : [])];
  const names = new Set(given.map((name) => hostName(name) ?? name.toLowerCase()));
  const knows = (name: string | undefined) => name !== undefined && (names.has(name) || isLoopback(name));
  const isAddress = (name: string | undefined) => isWildcard && isIP(name ?? '') !== 0;
  const passes = (name: string | undefined) => knows(name) || isAddress(name);
  return { knows, allows: (header) => names.has('*') || (header !== undefined && passes(hostName(header))) };
}

/** Lower-case name without port and brackets; undefined when it cannot be read. */
export function hostName(header: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:/@[\]]+))(?::\d{1,5})?$/i.exec(header);
  return (match?.[1] ?? match?.[2])?.toLowerCase().replace(/\.$/, '');
}

/** True for addresses and names that only this machine reaches. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (isIP(bare) === 4) return bare.startsWith('127.');
  if (isIP(bare) === 6) return bare === '::1' || /^::ffff:127\.\d+\.\d+\.\d+$/.test(bare);
  return bare === 'localhost' || bare.endsWith('.localhost') || bare === 'ip6-localhost';
}

/** An http address of another machine: what is sent there can be read, and changed, on its way. */
export function isPlainHttp(url: string | undefined): boolean {
  return url !== undefined && /^http:/i.test(url) && !(URL.canParse(url) && isLoopback(new URL(url).hostname));
}
