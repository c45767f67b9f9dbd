/** Writes records into the LMDB file of its first argument, one transaction after the other, until it is killed. */
import { open } from 'lmdb';

const db = open({ path: process.argv[2], useVersions: true, encoding: 'json' });
for (let next = 0; ; next += 1) {
  await db.put(`record ${next}`, { text: 'x'.repeat(3000) }, 1);
  if (next === 0) process.send?.('writing');
}
