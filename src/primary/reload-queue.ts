/**
 * One reload at a time. Whoever asks while one runs shares the next one: what it reads is not older than the question,
 * and three questions during a reload cost one further reload.
 */
export type Reload = (progress: (text: string) => void) => Promise<void>;

/** @param reload reads the configuration and takes it into use */
export function createReloadQueue(reload: Reload): Reload {
  let running: Promise<void> | undefined;
  let next: { readonly listeners: ((text: string) => void)[]; readonly ended: Promise<void> } | undefined;

  const begin: Reload = async (progress) => {
    const answer = reload(progress);
    running = answer.catch(() => {});
    await running;
    running = undefined;
    return answer;
  };
  const following = (current: Promise<void>) => {
    const listeners: ((text: string) => void)[] = [];
    const tell = (text: string) => {
      for (const listener of listeners) listener(text);
    };
    const ended = current.then(() => {
      next = undefined;
      return begin(tell);
    });
    return { listeners, ended };
  };

  return (progress) => {
    if (running === undefined) return begin(progress);
    next ??= following(running);
    next.listeners.push(progress);
    progress('waits for the reload that runs now');
    return next.ended;
  };
}
