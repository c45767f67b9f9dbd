/**
 * The door to signals: what each one asks of the daemon. SIGUSR1 belongs to Node's inspector and is left alone.
 */
export interface SignalWishes {
  /** TERM or INT. The second one, whichever it is, asks to end at once. */
  stop(): void;
  stopNow(): void;
  /** QUIT. */
  stopFast(): void;
  /** HUP. */
  reopenAndReload(): void;
  /** USR2. */
  reload(): void;
  /** WINCH. */
  pauseOrResume(): void;
  /** TTIN, TTOU. */
  scaleBy(delta: number): void;
}

/** @returns a function that takes the handlers off again */
export function listenToSignals(wishes: SignalWishes): () => void {
  let isStopping = false;
  const stop = () => {
    if (isStopping) wishes.stopNow();
    else wishes.stop();
    isStopping = true;
  };
  const handlers: Partial<Record<NodeJS.Signals, () => void>> = {
    SIGTERM: stop,
    SIGINT: stop,
    SIGQUIT: () => {
      isStopping = true;
      wishes.stopFast();
    },
    SIGHUP: () => wishes.reopenAndReload(),
    SIGUSR2: () => wishes.reload(),
    SIGWINCH: () => wishes.pauseOrResume(),
    SIGTTIN: () => wishes.scaleBy(1),
    SIGTTOU: () => wishes.scaleBy(-1),
    // A reader of our output that went away is reported by the write, not by a signal that ends the daemon.
    SIGPIPE: () => {},
  };
  const entries = Object.entries(handlers) as [NodeJS.Signals, () => void][];
  for (const [signal, handler] of entries) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of entries) process.off(signal, handler);
  };
}
