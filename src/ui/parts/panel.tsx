import type { Child } from 'hono/jsx'

/** A titled part of a page. `aside` stands at the right of the title. */
export function Panel({
  id,
  title,
  aside,
  children,
  class: className,
}: {
  id: string
  title: string
  aside?: Child
  children: Child
  class?: string
}) {
  return (
    <section class={className === undefined ? 'panel' : `panel ${className}`} aria-labelledby={`${id}-title`} id={id}>
      <header class="panel-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {aside === undefined ? null : <div class="panel-aside">{aside}</div>}
      </header>
      {children}
    </section>
  )
}

/**
 * A table that scrolls sideways inside its panel when the page is narrow, also by keyboard. `isStacked`: on a telephone each row stands as a card
 * instead; its cells tell by `data-label` what they are, and what is nothing (`zero`, `nothing`) is left out.
 */
export function Table({ label, isStacked = false, children }: { label: string; isStacked?: boolean; children: Child }) {
  return (
    <section class="table-wrap" tabindex={0} aria-label={label}>
      <table class={isStacked ? 'stacked' : undefined}>{children}</table>
    </section>
  )
}

/** What stands where a list is empty: why, and what to do; `to`: where that is done. */
export function Empty({ text, to }: { text: string; to?: { readonly href: string; readonly word: string } | undefined }) {
  return (
    <p class="empty">
      {text}
      {to === undefined ? null : (
        <>
          {' '}
          <a href={to.href}>{to.word}</a>
        </>
      )}
    </p>
  )
}
