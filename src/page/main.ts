/**
 * Keeps the status page live: puts the changed parts that the server sends into their places, and says so when they stop.
 *
 * The page is complete without this. Where the server has no place for one more live page, it is asked for anew every few
 * seconds. What changes often is no live region, which would be read out without end; only the newest event of importance
 * and the state of the connection are.
 */
const SILENT_MS = 6000;
const ANEW_MS = 5000;

const live = place('live');
let silence: ReturnType<typeof setTimeout> | undefined;
let announced = newestEvent()?.textContent;

function place(id: string): HTMLElement | null {
  return document.getElementById(id);
}

/** What is said aloud when it is another, in the same words too; routine events are not. */
function newestEvent(): Element | null | undefined {
  return place('events')?.querySelector('li.warn, li.error');
}

function say(state: 'on' | 'off' | 'anew', words: string): void {
  if (live === null || live.dataset.state === state) return;
  live.textContent = words;
  live.dataset.state = state;
}

function lost(): void {
  say('off', 'Not live: the figures are old');
}

function put(parts: Iterable<readonly [id: string, markup: string]>): void {
  for (const [id, markup] of parts) {
    const element = place(id);
    if (element !== null) element.innerHTML = markup;
  }
  const newest = newestEvent();
  const voice = place('announce');
  if (newest?.textContent !== announced && voice !== null)
    voice.textContent = newest?.lastElementChild?.textContent ?? '';
  announced = newest?.textContent;
}

function show(frame: Readonly<Record<string, string>>): void {
  put(Object.entries(frame));
  say('on', 'Live');
  clearTimeout(silence);
  silence = setTimeout(lost, SILENT_MS);
}

/** The parts of the page as the server makes it now. */
async function loadAnew(): Promise<void> {
  const answer = await fetch('./');
  if (!answer.ok) throw new Error(`the page is answered ${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const parts = [...page.querySelectorAll('[id]:not(#live, #announce)')];
  put(parts.filter((part) => part.querySelector('[id]') === null).map((part) => [part.id, part.innerHTML]));
  clearTimeout(silence);
  say('anew', 'Loads anew every 5 seconds');
}

function connect(): void {
  const source = new EventSource('events');
  source.addEventListener('frame', (event: MessageEvent<string>) => show(JSON.parse(event.data)));
  source.addEventListener('error', () => {
    // A browser comes back by itself after a broken connection, but not after a refusal.
    if (source.readyState !== EventSource.CLOSED) return lost();
    loadAnew().catch(lost);
    setTimeout(connect, ANEW_MS);
  });
}

connect();

export {};
