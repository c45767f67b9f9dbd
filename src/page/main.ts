/**
 * Keeps the status page live: puts the changed parts that the server sends into their places, and says so when they stop.
 *
 * The page is complete without this. What changes often is no live region, which would be read out without end; only
 * the newest event of importance and the state of the connection are.
 */
const SILENT_MS = 6000;
const RETRY_MS = 10_000;

const live = place('live');
let silence: ReturnType<typeof setTimeout> | undefined;
let announced = newestEvent();

function place(id: string): HTMLElement | null {
  return document.getElementById(id);
}

/** What is said aloud when it changes; routine events are not. */
function newestEvent(): string {
  return place('events')?.querySelector('li.warn, li.error')?.lastElementChild?.textContent ?? '';
}

function say(state: 'on' | 'off', words: string): void {
  if (live === null || live.textContent === words) return;
  live.textContent = words;
  live.dataset.state = state;
}

function lost(): void {
  say('off', 'Not live: the figures are old');
}

function show(frame: Readonly<Record<string, string>>): void {
  for (const [id, markup] of Object.entries(frame)) {
    const element = place(id);
    if (element !== null) element.innerHTML = markup;
  }
  say('on', 'Live');
  clearTimeout(silence);
  silence = setTimeout(lost, SILENT_MS);
  const newest = newestEvent();
  const voice = place('announce');
  if (newest !== announced && voice !== null) voice.textContent = newest;
  announced = newest;
}

function connect(): void {
  const source = new EventSource('events');
  source.addEventListener('frame', (event: MessageEvent<string>) => show(JSON.parse(event.data)));
  source.addEventListener('error', () => {
    lost();
    // A browser comes back by itself after a broken connection, but not after a refusal.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
  });
}

connect();

export {};
