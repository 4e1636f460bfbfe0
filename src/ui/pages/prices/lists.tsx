import type { Page } from '../../../../db/pages.ts'
import { PRICE_LIST_FILTERS, type PriceListShow } from '../../../../db/pages-prices.ts'
import type { PriceListRow } from '../../../../db/price-lists.ts'
import { actorName, number } from '../../format.ts'
import { Layout } from '../../parts/layout.tsx'
import { addressOf, ListPanel, ListTools } from '../../parts/list.tsx'
import { Table } from '../../parts/panel.tsx'
import { PriceTabs } from '../../parts/price-tabs.tsx'
import { State } from '../../parts/state.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'
import { AUDIENCES } from './terms-form.tsx'
import { audienceText, periodText } from './told.ts'

export type ListsAsked = {
  readonly show: PriceListShow
  readonly kind: string
  readonly audience: string
  readonly search: string
  readonly before: string
}

/** All price lists: what is live, what begins later, what waits for approval. */
export function PriceListsPage({ view, asked, list }: { view: View; asked: ListsAsked; list: Page<PriceListRow> }) {
  const t = view.t.prices
  const isAll = asked.search === '' && asked.show === 'current' && asked.kind === '' && asked.audience === ''
  return (
    <Layout view={view} title={t.tabs.lists}>
      <div class="page-head">
        <h1>{t.tabs.lists}</h1>
        {may(view, 'prices:write') ? (
          <a class="button main" href="/prices/lists/new">
            {t.lists.add}
          </a>
        ) : null}
      </div>
      <PriceTabs view={view} current="lists" />
      <ListTools
        view={view}
        action="/prices"
        search={asked.search}
        label={t.lists.search}
        kept={{ show: asked.show === 'current' ? '' : asked.show }}
        filter={asked.show}
        filters={PRICE_LIST_FILTERS.map(show => ({
          value: show,
          word: t.lists.filters[show],
          href: listsAddress({ ...asked, show, before: '' }),
        }))}
        isLive
      >
        <Select name="kind" label={t.lists.kind} any={t.lists.anyKind} chosen={asked.kind} options={Object.entries(t.kinds)} />
        <Select
          name="audience"
          label={t.lists.audience}
          any={t.lists.anyAudience}
          chosen={asked.audience}
          options={AUDIENCES.map(kind => [kind, t.audiences[kind]])}
        />
      </ListTools>
      <ListPanel
        view={view}
        label={t.tabs.lists}
        empty={list.rows.length > 0 ? null : isAll ? t.lists.empty : t.lists.none}
        first={asked.before === '' ? null : listsAddress({ ...asked, before: '' })}
        next={list.next === null ? null : listsAddress({ ...asked, before: list.next })}
        isLive
      >
        <Rows view={view} rows={list.rows} />
      </ListPanel>
    </Layout>
  )
}

type SelectGiven = {
  readonly name: string
  readonly label: string
  readonly any: string
  readonly chosen: string
  readonly options: readonly (readonly [string, string])[]
}

function Select({ name, label, any, chosen, options }: SelectGiven) {
  return (
    <select name={name} aria-label={label}>
      <option value="">{any}</option>
      {options.map(([value, word]) => (
        <option value={value} selected={value === chosen}>
          {word}
        </option>
      ))}
    </select>
  )
}

function Rows({ view, rows }: { view: View; rows: readonly PriceListRow[] }) {
  const t = view.t.prices
  return (
    <Table label={t.tabs.lists} isStacked>
      <thead>
        <tr>
          <th>{t.lists.code}</th>
          <th>{t.lists.audience}</th>
          <th>{t.lists.kind}</th>
          <th>{t.lists.period}</th>
          <th class="num hide-narrow">{t.lists.priority}</th>
          <th class="num">{t.lists.entries}</th>
          <th class="hide-narrow">{t.lists.changed}</th>
          <th>{t.lists.state}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr id={`list-${row.code}`} class={row.state === 'ended' ? 'ended' : ''}>
            <th scope="row">
              <a href={`/prices/lists/${encodeURIComponent(row.code)}`}>{row.code}</a>
              <span class="sub">{row.terms.title}</span>
            </th>
            <td data-label={t.lists.audience}>{audienceText(view, row.terms.audience)}</td>
            <td data-label={t.lists.kind}>
              {t.kinds[row.terms.kind]}
              <span class="sub">{row.terms.currency}</span>
            </td>
            <td class="keep" data-label={t.lists.period}>
              {periodText(view, row.terms)}
            </td>
            <td class={row.terms.priority === 0 ? 'num hide-narrow zero' : 'num hide-narrow'} data-label={t.lists.priority}>
              {number(row.terms.priority, view.language)}
            </td>
            <td class="num" data-label={t.lists.entries}>
              {number(row.entries, view.language)}
              {row.waitingEntries === 0 ? null : (
                <span class="sub">{t.lists.waitingEntries(number(row.waitingEntries, view.language))}</span>
              )}
            </td>
            <td class="hide-narrow" data-label={t.lists.changed}>
              <At view={view} at={row.changedAt} />
              <span class="sub">{actorName(row.changedBy, view.t.actor.system)}</span>
            </td>
            <td data-label={t.lists.state}>
              <ListMark view={view} list={row} />
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

/** How a list stands, and beside it that something of it waits. */
export function ListMark({ view, list }: { view: View; list: Pick<PriceListRow, 'state' | 'waitingTerms' | 'waitingEntries'> }) {
  const t = view.t.prices.lists
  const looks = { draft: 'inactive', approved: 'waiting', live: 'active', ended: 'gone' } as const
  const waits = list.state !== 'ended' && list.state !== 'draft' && (list.waitingTerms !== null || list.waitingEntries > 0)
  return (
    <span class="marks">
      <State view={view} state={looks[list.state]} text={t.states[list.state]} />
      {waits ? <State view={view} state="unknown" text={t.toApprove} /> : null}
    </span>
  )
}

const listsAddress = ({ show, kind, audience, search, before }: ListsAsked): string =>
  addressOf('/prices', { show: show === 'current' ? '' : show, kind, audience, q: search, before })
