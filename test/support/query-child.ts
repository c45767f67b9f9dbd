/**
 * A process of its own that runs one statement through the query service and tells its parent every address it tried to
 * reach. Forked with the account in $QUERY_CHILD (JSON: config sections and sql).
 */
import { reached } from './reached.ts';

const { ask, NEVER, testService } = await import('./query-service.ts');
const { sections, sql } = JSON.parse(process.env.QUERY_CHILD ?? '{}');
const { service } = testService(sections);
let answer: unknown;
try {
  await service.warm();
  answer = await service.run(ask(sql), NEVER);
} catch (error) {
  answer = { error: String(error) };
}
// Whatever the driver does after a login has the time to show.
await new Promise((resolve) => setTimeout(resolve, 500));
await service.close(2000);
process.send?.({ reached, answer });
process.disconnect();
