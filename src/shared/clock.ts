/**
 * Time as a value that is passed in, so that rules and pools are tested without waiting.
 *
 * `now` is monotonic milliseconds (deadlines, ages); `wall` is for people and for records on disk.
 */
export interface Clock {
  now(): number;
  wall(): Date;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => new Date(),
};
