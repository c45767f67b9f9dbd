import { expect, test } from 'vitest';
import {
  countText,
  escapeHtml,
  rateText,
  secondsText,
  sizeText,
  spanText,
  wholeText,
} from '../../../../src/primary/page/words.ts';

test('words: numbers as people read them', () => {
  expect([0, 999, 1000, 1_234_567].map(wholeText)).toEqual(['0', '999', '1,000', '1,234,567']);
  expect([0, 0.041, 3.24, 48.06, 99.97, 1234.5].map(rateText)).toEqual(['0', '0.04', '3.2', '48.1', '100', '1,235']);
  expect([0, 0.0042, 0.25, 0.9999, 1.5, 75].map(secondsText)).toEqual([
    '0 ms',
    '4.2 ms',
    '250 ms',
    '1 s',
    '1.5 s',
    '75 s',
  ]);
  expect([0, 156.2 * 1024 ** 2, 1023.99 * 1024 ** 2, 1.5 * 1024 ** 3].map(sizeText)).toEqual([
    '0 MiB',
    '156 MiB',
    '1 GiB',
    '1.5 GiB',
  ]);
  expect([0, 0.4, 59, 3700].map(spanText)).toEqual(['0s', '0s', '59s', '1h 1m']);
  expect([countText(1, 'worker'), countText(2, 'worker')]).toEqual(['1 worker', '2 workers']);
});

test('words: what is not known is a dash', () => {
  for (const text of [wholeText, rateText, secondsText, sizeText]) expect(text(Number.NaN)).toBe('–');
});

test('words: markup is made harmless', () => {
  expect(escapeHtml(`<a href="x" id='y'>&`)).toBe('&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;');
});
