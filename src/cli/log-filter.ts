/** Which log lines are wanted, and in which order those of several files are; a line without its own level or time (a stack trace) goes with the one before it. */
export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];

interface LineFacts {
  readonly level: string;
  readonly timeMs: number;
}

export function createLineFilter(wanted: {
  level?: Level | undefined;
  sinceMs?: number | undefined;
}): (line: string) => boolean {
  const least = wanted.level === undefined ? 0 : LEVELS.indexOf(wanted.level);
  let last = wanted.level === undefined && wanted.sinceMs === undefined;
  return (line) => {
    const facts = factsOf(line);
    if (facts !== undefined) {
      const isRecent = wanted.sinceMs === undefined || facts.timeMs >= wanted.sinceMs;
      last = isRecent && rankOf(facts.level) >= least;
    }
    return last;
  };
}

/** The lines of several files as one, by time; lines of one time stay as they are. */
export function mergeLogs(logs: readonly (readonly string[])[]): readonly string[] {
  const [only] = logs;
  if (logs.length === 1 && only !== undefined) return only;
  const timed = logs.flatMap((lines) => {
    let at = 0;
    return lines.map((line) => {
      at = factsOf(line)?.timeMs ?? at;
      return { line, at };
    });
  });
  return timed.sort((a, b) => a.at - b.at).map(({ line }) => line);
}

/** -1 for a word that is no level. */
function rankOf(word: string): number {
  const levels: readonly string[] = LEVELS;
  return levels.indexOf(word);
}

/** Level and time of a JSON or text line of our log; undefined for anything else. */
function factsOf(line: string): LineFacts | undefined {
  if (line.startsWith('{')) {
    try {
      const { level, time } = JSON.parse(line) as { level?: unknown; time?: unknown };
      return { level: String(level), timeMs: Date.parse(String(time)) };
    } catch {
      return undefined;
    }
  }
  const match = /^(\d{4}-\d\d-\d\dT\S+) ([A-Z]+) /.exec(line);
  return match ? { level: (match[2] ?? '').toLowerCase(), timeMs: Date.parse(match[1] ?? '') } : undefined;
}
