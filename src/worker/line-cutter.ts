/** Cuts a stream of bytes into lines of a bounded length; a longer one is told of once and skipped to its end. */
export interface LineEars {
  /** Without its line feed; never empty. */
  line(bytes: Buffer): void;
  tooLong(): void;
}

const LINE_FEED = 10;

/** @returns takes the next bytes of the stream */
export function createLineCutter(maxBytes: number, ears: LineEars): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let bytes = 0;
  let isSkipping = false;

  const take = (part: Buffer) => {
    if (isSkipping || part.length === 0) return;
    bytes += part.length;
    if (bytes <= maxBytes) {
      parts.push(part);
      return;
    }
    isSkipping = true;
    parts = [];
    ears.tooLong();
  };
  const finish = () => {
    const line = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
    parts = [];
    bytes = 0;
    isSkipping = false;
    if (line.length > 0) ears.line(line);
  };
  return (chunk) => {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, from)) {
      take(chunk.subarray(from, at));
      finish();
      from = at + 1;
    }
    take(chunk.subarray(from));
  };
}
