import type { PriceEntryRow } from '../../../../db/price-entries.ts'
import type { PriceListRow } from '../../../../db/price-lists.ts'
import { actorName, number } from '../../format.ts'
import { ChoiceEntry, draftOf, NumberEntry, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { addressOf, Pager } from '../../parts/list.tsx'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import { State } from '../../parts/state.tsx'
import { At } from '../../parts/time.tsx'
import type { View } from '../../view.ts'
import { entryText, goodsText } from './told.ts'

export type EntriesAsked = { readonly of: string; readonly waiting: boolean; readonly after: number }
export type EntriesShown = { readonly rows: readonly PriceEntryRow[]; readonly next: number | null; readonly asked: EntriesAsked }

export const ENTRY_RULES = ['fixed', 'percent', 'amount', 'margin', 'none', 'remove'] as const
export const ENTRY_SCOPES = ['variant', 'product', 'category', 'all'] as const
export const ENTRY_OVERS = ['plain', 'list', 'cost'] as const

/** What a list asks, with a search by the goods that an entry names. */
export function EntriesPanel({ view, list, entries }: { view: View; list: PriceListRow; entries: EntriesShown }) {
  const t = view.t.prices.entry
  const { rows, next, asked } = entries
  const here = `/prices/lists/${encodeURIComponent(list.code)}`
  const address = (part: Partial<EntriesAsked>): string => {
    const { of, waiting, after } = { ...asked, after: 0, ...part }
    return `${addressOf(here, { of, waiting: waiting ? 'yes' : '', after: after === 0 ? '' : String(after) })}#entries`
  }
  const isAll = asked.of === '' && !asked.waiting
  return (
    <Panel
      id="entries"
      title={t.title}
      aside={
        <form method="get" action={`${here}#entries`} class="inline-form">
          <input type="search" name="of" value={asked.of} placeholder={t.find} aria-label={t.find} maxlength={120} autocomplete="off" />
          <button type="submit">{view.t.form.search}</button>
        </form>
      }
    >
      {list.waitingEntries === 0 ? null : (
        <nav class="periods places" aria-label={view.t.form.filter}>
          <a href={address({ waiting: false })} aria-current={asked.waiting ? undefined : 'true'}>
            {t.all}
          </a>
          <a href={address({ waiting: true })} aria-current={asked.waiting ? 'true' : undefined}>
            {t.onlyWaiting} {number(list.waitingEntries, view.language)}
          </a>
        </nav>
      )}
      {rows.length === 0 ? <Empty text={isAll ? t.none : t.noneFound} /> : <Rows view={view} rows={rows} currency={list.terms.currency} />}
      <Pager view={view} first={asked.after === 0 ? null : address({})} next={next === null ? null : address({ after: next })} />
    </Panel>
  )
}

function Rows({ view, rows, currency }: { view: View; rows: readonly PriceEntryRow[]; currency: string }) {
  const t = view.t.prices.entry
  return (
    <Table label={t.title} isStacked>
      <thead>
        <tr>
          <th>{t.goods}</th>
          <th class="num">{t.from}</th>
          <th>{t.asks}</th>
          <th>{t.since}</th>
          <th>{t.by}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr id={`entry-${row.id}`}>
            <th scope="row">
              {row.scope === 'variant' ? (
                <a class="sku" href={`/skus/${encodeURIComponent(row.of ?? '')}/prices`}>
                  {row.of}
                </a>
              ) : (
                goodsText(view, row)
              )}
            </th>
            <td class={row.minQuantity === 1 ? 'num zero' : 'num'} data-label={t.from}>
              {number(row.minQuantity, view.language)}
            </td>
            <td class="strong" data-label={t.asks}>
              {entryText(view, row, currency)}
            </td>
            <td data-label={t.since}>
              {row.since === null ? <State view={view} state="unknown" text={t.waits} /> : <At view={view} at={row.since} />}
            </td>
            <td data-label={t.by}>
              {actorName(row.actor, view.t.actor.system)}
              {row.why === null ? null : <span class="sub">{row.why}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

/** Sets a fixed price or a rule, or takes one away. */
export function EntryForm({
  view,
  list,
  bases,
}: {
  view: View
  list: PriceListRow
  bases: readonly { readonly code: string; readonly title: string }[]
}) {
  const t = view.t.prices.entry
  const action = `/prices/lists/${encodeURIComponent(list.code)}/entries`
  const draft = draftOf(view, action)
  const others = bases.filter(base => base.code !== list.code)
  return (
    <Panel id="set-entry" title={t.add}>
      <div class="panel-body">
        <WriteForm view={view} action={action}>
          <div class="form-row top">
            <ChoiceEntry
              draft={draft}
              name="scope"
              label={t.scope}
              value="variant"
              options={ENTRY_SCOPES.map(scope => ({ value: scope, word: t.scopes[scope] }))}
            />
            <TextEntry draft={draft} name="of" label={t.of} maxlength={120} hint={t.ofHint} />
          </div>
          <div class="form-row top">
            <ChoiceEntry
              draft={draft}
              name="rule"
              label={t.rule}
              value="fixed"
              options={ENTRY_RULES.map(rule => ({ value: rule, word: t.rules[rule] }))}
            />
            <TextEntry draft={draft} name="value" label={t.value} maxlength={20} class="small" hint={t.valueHint} />
            <NumberEntry draft={draft} name="quantity" label={t.quantity} value="1" class="small" />
          </div>
          <div class="form-row top">
            <ChoiceEntry
              draft={draft}
              name="over"
              label={t.over}
              value="plain"
              options={ENTRY_OVERS.filter(over => over !== 'list' || others.length > 0).map(over => ({ value: over, word: t.overs[over] }))}
            />
            {others.length === 0 ? null : (
              <ChoiceEntry
                draft={draft}
                name="base"
                label={t.base}
                none="–"
                options={others.map(base => ({ value: base.code, word: `${base.code} · ${base.title}` }))}
              />
            )}
          </div>
          <TextEntry draft={draft} name="why" label={view.t.prices.why} maxlength={200} />
          <button type="submit" class="main">
            {t.save}
          </button>
        </WriteForm>
      </div>
    </Panel>
  )
}
