/** What a worker knows of its fellows; the primary is the only source. */
import type { FleetWorker } from '../../shared/ipc.ts';

export interface FleetView {
  /** Names this daemon; differs after each start of the primary. */
  readonly daemon: string;
  readonly incarnation: number;
  /** Every incarnation that lives, this one included; empty before the first message. */
  workers(): readonly FleetWorker[];
  /** Highest incarnation ever heard of: one above it may live although it is not listed yet. */
  newest(): number;
  /** Wall clock of its begin; undefined unless the service is in maintenance. */
  maintenanceSinceMs(): number | undefined;
  /** No session and no query begins, in any worker. */
  isInMaintenance(): boolean;
  /** This worker gives its sessions away and takes none. */
  isDraining(): boolean;
  /** Resolves with the next message of the primary, or after `ms`. */
  changed(ms: number): Promise<void>;
  /** Calls back at each message; returns the way to stop that. */
  onChange(listener: () => void): () => void;
}
