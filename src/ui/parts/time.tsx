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

/** How long ago an instant was; `console.js` keeps it true without asking the server. */
export function Ago({ view, at }: { view: View; at: Date | null }) {
  if (at === null) return <span class="quiet">{view.t.time.never}</span>
  return (
    <time datetime={at.toISOString()} data-ago title={`${second(at)} UTC`}>
      {minute(at)}
    </time>
  )
}
