/**
 * The place of one request among those that run in this worker. It is given back while another worker answers, so that a
 * request never fills two; when it comes back after all, it takes one again.
 */
export class RunningPlace {
  #leave: (() => void) | undefined;
  #takeAgain: (() => () => void) | undefined;

  /** @param takeAgain takes a place anew; throws when there is none */
  enter(leave: () => void, takeAgain: () => () => void): void {
    this.#leave = leave;
    this.#takeAgain = takeAgain;
  }

  /** Does nothing while the place is held, or for a message that takes none. @throws AppError OVERLOADED, TOO_MANY_REQUESTS */
  enterAgain(): void {
    this.#leave ??= this.#takeAgain?.();
  }

  leave(): void {
    this.#leave?.();
    this.#leave = undefined;
  }
}
