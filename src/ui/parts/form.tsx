import { randomUUID } from 'node:crypto'
import type { Child } from 'hono/jsx'
import type { View } from '../view.ts'

/** The form field that carries the session's token; the guard of the app checks it. */
export const CSRF_FIELD = '_csrf'
/** The form field that carries the command's key. */
export const KEY_FIELD = '_key'

type WriteFormGiven = { view: View; action: string; children: Child; class?: string; id?: string; isWholePage?: boolean }

/**
 * A form that writes. It carries the session's token, and a key of its own, so that a double click, a reload or a repeat after a lost
 * connection counts once. Without scripts it is an ordinary form; with htmx only the page's main part is replaced and the place is kept.
 * A refresh leaves it alone, so that nothing changes under the hand that types; one whose `id` differs replaces it. `isWholePage`: it leads to another
 * page, whose address the browser is to show.
 */
export function WriteForm({ view, action, children, class: className, id, isWholePage = false }: WriteFormGiven) {
  const within = { 'hx-post': action, 'hx-target': '#main', 'hx-select': '#main', 'hx-swap': 'outerHTML show:none', 'hx-morph-skip': true }
  return (
    <form method="post" action={action} id={id} class={className ?? 'form'} {...(isWholePage ? {} : within)}>
      <KeyFields view={view} />
      {children}
    </form>
  )
}

/** The session's token and a key of the form's own. */
export function KeyFields({ view }: { view: View }) {
  return (
    <>
      <input type="hidden" name={CSRF_FIELD} value={view.principal?.csrf ?? ''} />
      <input type="hidden" name={KEY_FIELD} value={randomUUID()} />
    </>
  )
}

/** A label above its control. */
export function Field({ label, hint, class: className, children }: { label: string; hint?: string; class?: string; children: Child }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child.
    <label class={className === undefined ? 'field' : `field ${className}`}>
      <span class="field-label">{label}</span>
      {children}
      {hint === undefined ? null : <span class="field-hint">{hint}</span>}
    </label>
  )
}
