/**
 * A short program: works out the configuration of a reload and prints it.
 *
 * It is started from the files that stand there now, so after an upgrade in place the new version reads its own
 * configuration, and the daemon needs neither schema nor parser in its memory. Order on standard input, answer on standard
 * output, one JSON text each.
 */
import { text } from 'node:stream/consumers';
import { loadChecked } from '../shared/config/checked.ts';
import { toAppError } from '../shared/errors.ts';
import type { NextConfigAnswer, NextConfigOrder } from './config-child.ts';
import { nextConfig } from './next-config.ts';

function answerTo({ spec, running }: NextConfigOrder): NextConfigAnswer {
  try {
    const { config: loaded } = loadChecked(spec, process.env);
    // Any free port was found once; the daemon keeps it.
    const port = loaded.server.port === 0 ? running.server.port : loaded.server.port;
    return nextConfig(running, { ...loaded, server: { ...loaded.server, port } });
  } catch (thrown) {
    const { code, details } = toAppError(thrown, 'the configuration of the reload');
    return { error: { code, details } };
  }
}

process.stdout.write(JSON.stringify(answerTo(JSON.parse(await text(process.stdin)) as NextConfigOrder)));
