/** A process that has imported the packages it is named, listens, and does nothing; it says so to its parent and ends with it. */
import { createServer } from 'node:http';

for (const name of process.argv.slice(2)) await import(name);
process.on('disconnect', () => process.exit(0));
createServer((_request, response) => response.end()).listen(0, '127.0.0.1', () => process.send({ isReady: true }));
