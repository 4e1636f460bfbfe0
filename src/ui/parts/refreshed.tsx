import type { Child } from 'hono/jsx'
import type { View } from '../view.ts'

/** A part that fetches itself anew when the page's stream says that something moved, and changes only where it differs. */
export function Refreshed({ view, name, children }: { view: View; name: string; children: Child }) {
  const id = `part-${name}`
  return (
    <div id={id} hx-get={view.here} hx-trigger="moved from:#feed" hx-select={`#${id}`} hx-target="this" hx-swap="outerMorph">
      {children}
    </div>
  )
}
