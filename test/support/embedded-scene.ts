/** One engine for the tests of a file, with a session and a database of its own for each, and what results are asked for. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Engine } from '../../src/embedded/engine.ts';
import type { StatementResult } from '../../src/embedded/statement.ts';
import { openSession, startEngine, type TestSession } from './embedded-session.ts';

export interface EmbeddedScene {
  /** The session of the test that runs. */
  readonly client: TestSession;
  /** The name of its database. */
  database(): string;
  /** One more session of the same engine. */
  openAnother(): Promise<TestSession>;
}

export function embeddedScene(): EmbeddedScene {
  let engine: Engine;
  let current: TestSession;
  let databases = 0;
  const database = () => `TEST_${databases}`;
  beforeAll(async () => {
    engine = await startEngine();
  });
  afterAll(() => engine.close());
  beforeEach(async () => {
    current = await openSession(engine);
    databases++;
    await current.run(`CREATE DATABASE ${database()}`);
  });
  const client: TestSession = {
    get session() {
      return current.session;
    },
    run: (...words) => current.run(...words),
  };
  return { client, database, openAnother: () => openSession(engine) };
}

export const namesOf = (result: StatementResult) => result.columns.map(({ name }) => name);

export function columnOf(result: StatementResult, name: string): (string | null | undefined)[] {
  const at = result.columns.findIndex((column) => column.name === name);
  return result.rows.map((row) => row[at]);
}
