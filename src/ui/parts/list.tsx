import type { Child } from 'hono/jsx'
import type { View } from '../view.ts'
import { Filters } from './filters.tsx'
import { Icon } from './icon.tsx'
import { Empty } from './panel.tsx'

/** An address with what is asked of its page; what is empty is left out. */
export function addressOf(path: string, asked: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== ''))
  return query.size === 0 ? path : `${path}?${query}`
}

type Tools = {
  readonly view: View
  /** Where the search goes. */
  readonly action: string
  readonly search: string
  readonly label: string
  /** What else the page is asked for, and a search keeps; what is empty is left out. */
  readonly kept: Readonly<Record<string, string>>
  readonly filters: Parameters<typeof Filters>[0]['choices']
  readonly filter: string
  /** Further fields of the search. */
  readonly children?: Child
  /** Asks while somebody types, and replaces the list; without scripts it is an ordinary form. */
  readonly isLive?: boolean
}

const LIVE = { 'hx-trigger': 'submit, input delay:250ms', 'hx-target': '#list', 'hx-select': '#list', 'hx-swap': 'outerHTML' }

/** What stands above a list: the search, and the filters. */
export function ListTools({ view, action, search, label, kept, filters, filter, children, isLive = false }: Tools) {
  return (
    <div class="toolbar">
      <search>
        <form method="get" action={action} {...(isLive ? { 'hx-get': action, ...LIVE } : {})}>
          {Object.entries(kept).map(([name, value]) => (value === '' ? null : <input type="hidden" name={name} value={value} />))}
          <input type="search" name="q" value={search} placeholder={label} aria-label={label} maxlength={100} autocomplete="off" />
          {children}
          <button type="submit">
            <Icon name="search" />
            {view.t.form.search}
          </button>
        </form>
      </search>
      <Filters label={view.t.form.filter} current={filter} choices={filters} />
    </div>
  )
}

type Pages = {
  readonly view: View
  /** The address of the first page; null on it. */
  readonly first: string | null
  /** The address of the next page; null on the last one. */
  readonly next: string | null
  /** Other words than first and next. */
  readonly words?: { readonly first: string; readonly next: string }
}

/** The ways to the other pages of a list; nothing where there is no other. */
export function Pager({ view, first, next, words = view.t.form }: Pages) {
  if (first === null && next === null) return null
  return (
    <nav class="pager" aria-label={words.next}>
      {first === null ? null : <a href={first}>{words.first}</a>}
      {next === null ? null : <a href={next}>{words.next}</a>}
    </nav>
  )
}

type Listed = Pages & {
  readonly label: string
  /** What to say where there is nothing; null: there is something. */
  readonly empty: string | null
  readonly isLive?: boolean
  readonly children: Child
}

/** A list, or why there is none, and the ways to its other pages. */
export function ListPanel({ label, empty, isLive = false, children, ...pages }: Listed) {
  return (
    <section class="panel" aria-label={label} {...(isLive ? { id: 'list', 'aria-live': 'polite' as const } : {})}>
      {empty === null ? children : <Empty text={empty} />}
      <Pager {...pages} />
    </section>
  )
}
