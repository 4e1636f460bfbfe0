import { setTimeout as after } from 'node:timers/promises'

/** `wait` may end early when the signal is aborted; whether it resolves or rejects then is all the same. */
export type Timer = { readonly now: () => number; readonly wait: (ms: number, signal?: AbortSignal) => Promise<void> }

/** The clock of this process. */
export const realTimer: Timer = {
  now: () => performance.now(),
  wait: (ms, signal) => after(ms, undefined, signal ? { signal } : {}),
}
