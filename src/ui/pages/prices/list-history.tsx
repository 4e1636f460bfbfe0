import type { JsonValue } from '../../../../db/connect.ts'
import type { PriceListEvent } from '../../../../db/price-list-history.ts'
import type { PriceListTerms } from '../../../../db/price-lists.ts'
import { actorName, listed, number } from '../../format.ts'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import { At } from '../../parts/time.tsx'
import type { View } from '../../view.ts'
import { audienceText, entryText, goodsText, periodText, taxText } from './told.ts'

type Given = {
  readonly view: View
  readonly code: string
  readonly currency: string
  readonly events: readonly PriceListEvent[]
  readonly older: string | null
}

/** Who did what to a list, when, from what to what, and why. */
export function ListHistory({ view, code, currency, events, older }: Given) {
  const t = view.t.prices.history
  return (
    <Panel id="history" title={t.title}>
      {events.length === 0 ? (
        <Empty text={t.none} />
      ) : (
        <Table label={t.title} isStacked>
          <thead>
            <tr>
              <th>{t.when}</th>
              <th>{t.who}</th>
              <th>{t.what}</th>
              <th>{t.from}</th>
              <th>{t.to}</th>
              <th>{t.why}</th>
            </tr>
          </thead>
          <tbody>
            {events.map(event => (
              <Row view={view} event={event} currency={currency} />
            ))}
          </tbody>
        </Table>
      )}
      {older === null ? null : (
        <nav class="pager" aria-label={t.older}>
          <a href={`/prices/lists/${encodeURIComponent(code)}?before=${encodeURIComponent(older)}#history`}>{t.older}</a>
        </nav>
      )}
    </Panel>
  )
}

function Row({ view, event, currency }: { view: View; event: PriceListEvent; currency: string }) {
  const t = view.t.prices.history
  const { entry, from, to } = event
  const what = entry === null ? t.acts[event.act] : goodsOf(view, entry)
  const [before, after] =
    entry === null
      ? termsPair(view, from, event.act === 'approve' && from === null ? null : to)
      : [from && entrySaid(view, from, currency), to && entrySaid(view, to, currency)]
  return (
    <tr>
      <td data-label={t.when}>
        <At view={view} at={new Date(event.at)} />
      </td>
      <td data-label={t.who}>{actorName(event.actor, view.t.actor.system)}</td>
      <th scope="row">
        {what}
        {event.waiting ? (
          <span class="sub">{event.approvedBy === null ? t.waiting : t.approvedBy(actorName(event.approvedBy, view.t.actor.system))}</span>
        ) : null}
      </th>
      <td class={before === null ? 'quiet' : ''} data-label={t.from}>
        {before ?? '–'}
      </td>
      <td class={after === null ? 'quiet' : ''} data-label={t.to}>
        {after ?? '–'}
      </td>
      <td data-label={t.why}>{event.why ?? ''}</td>
    </tr>
  )
}

function goodsOf(view: View, entry: NonNullable<PriceListEvent['entry']>): string {
  const goods = goodsText(view, entry)
  return entry.minQuantity === 1 ? goods : view.t.prices.history.entryOf(goods, number(entry.minQuantity, view.language))
}

type Said = Readonly<Record<string, JsonValue>>

function entrySaid(view: View, said: Said, currency: string): string {
  return entryText(view, said as Parameters<typeof entryText>[1], currency)
}

/** Of terms only what differs; all of them where there was nothing before. */
function termsPair(view: View, from: Said | null, to: Said | null): readonly [string | null, string | null] {
  const [before, after] = [from && wordsOf(view, from as PriceListTerms), to && wordsOf(view, to as PriceListTerms)]
  const differing = (own: Words | null, other: Words | null): string | null => {
    if (own === null) return null
    const told = Object.entries(own).filter(([name, word]) => other === null || other[name] !== word)
    return told.length === 0
      ? null
      : listed(
          told.map(([name, word]) => `${name}: ${word}`),
          view.language,
        )
  }
  return [differing(before, after), differing(after, before)]
}

type Words = Readonly<Record<string, string>>

function wordsOf(view: View, terms: PriceListTerms): Words {
  const t = view.t.prices.list
  return {
    [t.name]: terms.title,
    [t.audience]: audienceText(view, terms.audience),
    [t.kind]: view.t.prices.kinds[terms.kind],
    [t.currency]: terms.currency,
    [view.t.prices.lists.period]: periodText(view, terms),
    [t.priority]: String(terms.priority),
    [t.tax]: taxText(view, terms.taxIncluded),
    [t.fourEyesFact]: terms.fourEyes ? t.anotherApproves : t.oneApproves,
  }
}
