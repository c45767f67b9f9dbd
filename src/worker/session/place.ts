/** Where a request of a session belongs, as the directory finds it. */
import type { FleetWorker } from '../../shared/ipc.ts';
import type { Stored } from '../state/store.ts';
import type { SessionRecord } from './record.ts';

export type Place =
  | { readonly kind: 'local'; readonly record: SessionRecord }
  | { readonly kind: 'adopt'; readonly found: Stored<SessionRecord> }
  | { readonly kind: 'proxy'; readonly to: FleetWorker }
  /** A worker of another daemon, reached through that daemon's address. */
  | { readonly kind: 'remote'; readonly url: string; readonly owner: string }
  | { readonly kind: 'wait' }
  | { readonly kind: 'unknown' };
