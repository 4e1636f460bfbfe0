import type { CountRow, CountState } from '../../../../db/counts.ts'
import type { PlaceChoice } from '../../../../db/pages-stock.ts'
import { actorName, number } from '../../format.ts'
import { ChoiceEntry, draftOf, LinesEntry, TextEntry } from '../../parts/entry.tsx'
import { Filters } from '../../parts/filters.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { addressOf, ListPanel } from '../../parts/list.tsx'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import { State } from '../../parts/state.tsx'
import { StockTabs } from '../../parts/stock-tabs.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

export const COUNT_FILTERS = ['all', 'open', 'review', 'approved', 'cancelled'] as const
export type CountsAsked = { readonly show: (typeof COUNT_FILTERS)[number]; readonly before: number | null }

type Given = {
  readonly view: View
  readonly asked: CountsAsked
  readonly counts: readonly CountRow[]
  readonly next: number | null
  readonly places: readonly PlaceChoice[]
  readonly names: ReadonlyMap<string, string>
}

/** Counts of locations, the newest first, and the form that starts one. */
export function CountsPage({ view, asked, counts, next, places, names }: Given) {
  const t = view.t.counting.counts
  const mayStart = may(view, 'stock:write')
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
      </div>
      <StockTabs view={view} current="counts" />
      <div class={mayStart ? 'columns' : ''}>
        <div>
          <div class="toolbar">
            <Filters
              label={view.t.form.filter}
              current={asked.show}
              choices={COUNT_FILTERS.map(show => ({ value: show, word: t.filters[show], href: address({ show, before: null }) }))}
            />
          </div>
          <ListPanel
            view={view}
            label={t.title}
            empty={counts.length > 0 ? null : asked.show === 'all' ? t.empty : t.none}
            first={asked.before === null ? null : address({ ...asked, before: null })}
            next={next === null ? null : address({ ...asked, before: next })}
          >
            <Rows view={view} counts={counts} names={names} />
          </ListPanel>
        </div>
        {mayStart ? <StartForm view={view} places={places} /> : null}
      </div>
    </Layout>
  )
}

function Rows({ view, counts, names }: { view: View; counts: readonly CountRow[]; names: ReadonlyMap<string, string> }) {
  const t = view.t.counting.counts
  return (
    <Table label={t.title}>
      <thead>
        <tr>
          <th>{t.count}</th>
          <th>{t.started}</th>
          <th class="num">{t.lines}</th>
          <th class="num">{t.counted}</th>
          <th>{t.state}</th>
        </tr>
      </thead>
      <tbody>
        {counts.map(count => (
          <tr id={`count-${count.id}`}>
            <th scope="row">
              <a href={`/stock/counts/${count.id}`}>{t.one(count.id, names.get(count.location) ?? count.location)}</a>
              <span class="sub">{[t.scope[count.scope], count.note].filter(Boolean).join(' · ')}</span>
            </th>
            <td>
              <At view={view} at={count.createdAt} />
              <span class="sub">{actorName(count.actor, view.t.actor.system)}</span>
            </td>
            <td class="num">{number(count.lines, view.language)}</td>
            <td class={count.counted === 0 ? 'num zero' : 'num'}>{number(count.counted, view.language)}</td>
            <td>
              <CountMark view={view} state={count.state} />
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const marks = { open: 'waiting', review: 'sent', approved: 'applied', cancelled: 'cancelled' } as const

/** How a count stands. */
export function CountMark({ view, state }: { view: View; state: CountState }) {
  return <State view={view} state={marks[state]} text={view.t.counting.counts.states[state]} />
}

function StartForm({ view, places }: { view: View; places: readonly PlaceChoice[] }) {
  const t = view.t.counting.counts
  const draft = draftOf(view, '/stock/counts')
  return (
    <Panel id="start-count" title={t.start}>
      {places.length === 0 ? (
        <Empty text={view.t.stock.noPlace} />
      ) : (
        <div class="panel-body">
          <WriteForm view={view} action="/stock/counts">
            <ChoiceEntry
              draft={draft}
              name="location"
              label={view.t.sku.stock.location}
              required
              options={places.filter(place => place.kind !== 'platform').map(place => ({ value: place.code, word: place.name }))}
            />
            <LinesEntry draft={draft} name="skus" label={t.skus} rows={4} hint={t.skusHint} placeholder={'MUG-BLUE\nMUG-RED'} />
            <TextEntry draft={draft} name="note" label={t.note} maxlength={200} placeholder={t.noteHint} />
            <p class="hint">{t.blind}</p>
            <button type="submit" class="main">
              {t.start}
            </button>
          </WriteForm>
        </div>
      )}
    </Panel>
  )
}

const address = ({ show, before }: CountsAsked): string =>
  addressOf('/stock/counts', { show: show === 'all' ? '' : show, before: before === null ? '' : String(before) })
