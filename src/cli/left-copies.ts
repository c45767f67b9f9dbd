/** Private copies that a command makes for a while are gone with it, also when a signal ends it. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** @returns what to call when there is nothing left to remove */
export function removeOnSignal(remove: () => void): () => void {
  const end = (signal: NodeJS.Signals) => {
    forget();
    remove();
    process.kill(process.pid, signal);
  };
  const forget = () => {
    for (const name of SIGNALS) process.off(name, end);
  };
  for (const name of SIGNALS) process.on(name, end);
  return forget;
}
