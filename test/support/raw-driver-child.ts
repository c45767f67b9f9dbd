/**
 * snowflake-sdk as it comes, in a process of its own: shows that what the tests of the driver's dangers look for does
 * happen without our door. Forked with $RAW_CHILD (JSON: options of the connection, statements, whether to pool).
 */
import { reached } from './reached.ts';

const told: Record<string, unknown> = { reached };
let isTold = false;
function tell(): void {
  if (isTold) return;
  isTold = true;
  told.pwned = (globalThis as { PWNED?: unknown }).PWNED;
  process.send?.(told, () => process.exit(0));
}
process.on('uncaughtException', (error) => {
  told.uncaught = String(error);
  tell();
});

const { options, statements, isPooled, patienceMs = 1500 } = JSON.parse(process.env.RAW_CHILD ?? '{}');
const { default: sdk } = await import('snowflake-sdk');
const outcomes: unknown[] = [];
told.outcomes = outcomes;
const plain = (error: unknown) => {
  const { message, code, sqlState } = (error ?? {}) as { message?: string; code?: unknown; sqlState?: unknown };
  return { error: message ?? String(error), code, sqlState };
};

if (isPooled) {
  const pool = sdk.createPool(options, { max: 1 });
  await pool.use(async () => undefined).catch((error: unknown) => outcomes.push(plain(error)));
  tell();
} else {
  const connection = sdk.createConnection(options);
  await new Promise<void>((resolve) => {
    connection.connect((error) => {
      if (error) outcomes.push(plain(error));
      resolve();
    });
  });
  for (const sqlText of outcomes.length > 0 ? [] : statements) {
    outcomes.push(
      await Promise.race([
        new Promise((resolve) => {
          connection.execute({
            sqlText,
            complete: (error, _statement, rows) => resolve(error ? plain(error) : { rows }),
          });
        }),
        new Promise((resolve) => setTimeout(resolve, patienceMs, 'silence')),
      ]),
    );
  }
  // What the driver starts at its import goes on behind the login.
  setTimeout(tell, 300);
}
