/** `Authorization: Bearer`: what it carries, and whether that is one configured token. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** The token; undefined for another scheme. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? '')?.[1];
}

/** In constant time; nothing fits while no token is wanted. */
export function isBearer(authorization: string | undefined, token: string | undefined): boolean {
  if (token === undefined) return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(bearerOf(authorization) ?? ''), digest(token));
}
