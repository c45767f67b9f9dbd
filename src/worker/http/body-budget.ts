/**
 * How many bytes of requests a worker holds at once, all together: many large ones that are sent slowly, or whose calls run
 * for long, would fill its memory although each alone is small enough.
 *
 * Small ones always pass, so that whoever sends large ones holds up nobody else; one alone passes too.
 */
export interface BodyShare {
  /** False when there is no room for so many more bytes now. */
  grow(bytes: number): boolean;
  /** The request is over. */
  release(): void;
}

/** Calls are far smaller. */
const SMALL_BYTES = 64 * 1024;

export class BodyBudget {
  readonly maxBytes: number;
  #held = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  open(): BodyShare {
    let bytes = 0;
    let counted = 0;
    return {
      grow: (more) => {
        bytes += more;
        if (bytes <= SMALL_BYTES) return true;
        const others = this.#held - counted;
        if (others > 0 && others + bytes > this.maxBytes) return false;
        this.#held = others + bytes;
        counted = bytes;
        return true;
      },
      release: () => {
        this.#held -= counted;
        counted = 0;
      },
    };
  }
}
