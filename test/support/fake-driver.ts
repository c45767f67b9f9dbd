/** A Snowflake driver without Snowflake: logins succeed or fail as told, connections live until they are killed. */
import type { Connection, Driver } from '../../src/worker/snowflake/driver.ts';

export interface FakeConnection extends Connection {
  readonly id: number;
  isAlive: boolean;
  isDestroyed: boolean;
  heartbeats: number;
}

export class FakeDriver implements Pick<Driver, 'connect'> {
  readonly connections: FakeConnection[] = [];
  attempts = 0;
  /** The error of the next logins; undefined lets them in. */
  failure: Error | undefined;
  /** Logins wait until `open` is called when true. */
  isHeld = false;
  readonly #held: (() => void)[] = [];

  get live(): number {
    return this.connections.filter((connection) => !connection.isDestroyed).length;
  }

  async connect(): Promise<Connection> {
    this.attempts++;
    if (this.isHeld) await new Promise<void>((resolve) => this.#held.push(resolve));
    if (this.failure !== undefined) throw this.failure;
    const connection: FakeConnection = {
      id: this.connections.length,
      isAlive: true,
      isDestroyed: false,
      heartbeats: 0,
      isUp: () => !connection.isDestroyed,
      heartbeat: async () => {
        connection.heartbeats++;
        return connection.isAlive;
      },
      execute: () => {
        throw new Error('the fake runs nothing');
      },
      submit: () => Promise.reject(new Error('the fake runs nothing')),
      attach: () => {
        throw new Error('the fake runs nothing');
      },
      queryStatus: async () => undefined,
      destroy: async () => {
        connection.isDestroyed = true;
      },
    };
    this.connections.push(connection);
    return connection;
  }

  /** Lets the held logins go on. */
  open(): void {
    this.isHeld = false;
    for (const go of this.#held.splice(0)) go();
  }
}
