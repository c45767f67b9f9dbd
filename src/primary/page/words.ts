/** Numbers as people read them, and text made safe to stand in a page. An unknown value is a dash. */
import { formatDuration } from '../../shared/units.ts';

const UNKNOWN = '–';
const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** `12345` -> `12,345`. */
export function wholeText(value: number): string {
  if (!Number.isFinite(value)) return UNKNOWN;
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Three digits that count: `0.04`, `3.2`, `48`, `1,200`. */
export function rateText(value: number): string {
  if (!Number.isFinite(value)) return UNKNOWN;
  if (value >= 100) return wholeText(value);
  return String(Number(value.toFixed(value < 1 ? 2 : 1)));
}

/** `0.0042` -> `4.2 ms`, `1.5` -> `1.5 s`. */
export function secondsText(seconds: number): string {
  if (!Number.isFinite(seconds)) return UNKNOWN;
  return seconds < 0.9995 ? `${rateText(seconds * 1000)} ms` : `${rateText(seconds)} s`;
}

/** In MiB, or in GiB from one on. */
export function sizeText(bytes: number): string {
  if (!Number.isFinite(bytes)) return UNKNOWN;
  return bytes >= 1023.5 * MIB ? `${rateText(bytes / GIB)} GiB` : `${rateText(bytes / MIB)} MiB`;
}

/** `1d 1h`; under a minute in whole seconds. */
export function spanText(seconds: number): string {
  return seconds < 0.9995 ? '0s' : formatDuration(Math.floor(seconds) * 1000);
}

/** `one worker`, `2 workers`. */
export function countText(count: number, noun: string): string {
  return `${wholeText(count)} ${noun}${count === 1 ? '' : 's'}`;
}
