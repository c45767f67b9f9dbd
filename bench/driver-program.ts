/** The official driver in a process of its own, so that nothing of this product is loaded beside it; asked by message. */
import { connectDirect } from '../test/support/direct-driver.ts';
import type { DriverAsk, DriverSettings } from './driver-alone.ts';

const { endpoint } = JSON.parse(process.env.DRIVER_SETTINGS ?? '') as DriverSettings;
const direct = await connectDirect(endpoint);
process.on('disconnect', () => process.exit(0));
process.on('message', (message) => {
  const { query, count } = message as DriverAsk;
  direct.rows(query, count).then(
    () => process.send?.({}),
    (error: Error) => process.send?.({ failed: error.message }),
  );
});
process.send?.({});
