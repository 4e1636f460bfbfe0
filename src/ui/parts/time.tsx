import { minute, second } from '../format.ts'
import type { View } from '../view.ts'

/** An instant. Without scripts it is UTC; `console.js` shows it in the reader's own zone. */
export function At({ view, at }: { view: View; at: Date | null }) {
  if (at === null) return <span class="quiet">{view.t.time.never}</span>
  return (
    <time datetime={at.toISOString()} data-at="second" title={`${second(at)} UTC`}>
      {second(at)}
    </time>
  )
}

/** How long ago an instant was; `console.js` keeps it true without asking the server. `isWait`: the longer, the worse. */
export function Ago({ view, at, isWait = false }: { view: View; at: Date | null; isWait?: boolean }) {
  if (at === null) return <span class="quiet">{view.t.time.never}</span>
  return (
    <time datetime={at.toISOString()} data-ago data-late={isWait ? true : undefined} title={`${second(at)} UTC`}>
      {minute(at)}
    </time>
  )
}

/** A day that somebody named; it is the same day for every reader. */
export function Day({ at }: { at: Date }) {
  const text = at.toISOString().slice(0, 10)
  return <time datetime={text}>{text}</time>
}
