import type { PriceVersion, SkuHead } from '../../../../db/pages-sku.ts'
import { actorName, minute, money } from '../../format.ts'
import { ChoiceEntry, draftOf, NumberEntry, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Empty, Panel } from '../../parts/panel.tsx'
import { Rows } from '../../parts/rows.tsx'
import { State } from '../../parts/state.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

/** What a price can be set for: everyone in a currency (`channel` null), or one channel in its own. */
export type PriceTarget = { readonly channel: string | null; readonly name: string | null; readonly currency: string }

/** The value of a target in the form: `base:EUR` or `channel:amazon-de:EUR`. */
export function targetValue(target: PriceTarget): string {
  return target.channel === null ? `base:${target.currency}` : `channel:${target.channel}:${target.currency}`
}

/** A target as people read it. */
export function targetText(view: View, target: PriceTarget): string {
  const t = view.t.sku.price
  return target.name === null ? t.base(target.currency) : t.channel(target.name, target.currency)
}

/** The prices in force and those that were; `sku`: with the way to the page of its prices. */
export function PricesPanel({ view, prices, sku }: { view: View; prices: readonly PriceVersion[]; sku?: string }) {
  const t = view.t.sku.price
  return (
    <Panel
      id="prices"
      title={t.versions}
      aside={sku === undefined ? undefined : <a href={`/skus/${encodeURIComponent(sku)}/prices`}>{view.t.skuPrices.link}</a>}
    >
      <Rows
        label={t.versions}
        rows={prices}
        id={price => `price-${price.id}`}
        isOver={price => price.supersededAt !== null}
        isStacked
        empty={t.none}
        columns={[
          { head: t.target, cell: price => price.channel ?? t.base(price.currency) },
          { head: t.amount, look: 'num strong', cell: price => money(price.amount, price.currency) },
          { head: t.valid, cell: price => <Valid view={view} price={price} /> },
          { head: t.set, cell: price => <At view={view} at={price.createdAt} /> },
          { head: t.by, cell: price => actorName(price.actor, view.t.actor.system) },
        ]}
      />
    </Panel>
  )
}

/** When a price holds, and whether that is over. */
function Valid({ view, price }: { view: View; price: PriceVersion }) {
  const t = view.t.sku.price
  const { startsAt, endsAt, supersededAt } = price
  return (
    <>
      {startsAt === null ? t.regular : t.sale(minute(startsAt), endsAt === null ? t.openEnd : minute(endsAt))}
      {supersededAt === null ? null : (
        <span class="sub">
          {t.ended} <At view={view} at={supersededAt} />
        </span>
      )}
      {supersededAt === null && endsAt !== null && endsAt <= view.now ? <State view={view} state="gone" text={t.over} /> : null}
    </>
  )
}

/** A price as the form has it. */
export type PriceFields = Readonly<Record<'target' | 'amount' | 'from' | 'to' | 'page', string>>

type PriceFormGiven = {
  readonly view: View
  readonly head: SkuHead
  readonly targets: readonly PriceTarget[]
  /** The page to come back to: that of the SKU's prices (`prices`), else that of the SKU. */
  readonly page?: string
  /** What stands in it at first. */
  readonly filled?: PriceFields
}

/** A price for everyone or one channel; with a period it is a sale. It is rehearsed first, see RehearsedPricePage. */
export function PriceForm({ view, head, targets, page, filled }: PriceFormGiven) {
  const t = view.t.sku.price
  if (!may(view, 'prices:write')) {
    return (
      <Panel id="change-price" title={t.change}>
        <Empty text={t.notAllowed} />
      </Panel>
    )
  }
  const action = `/skus/${encodeURIComponent(head.sku)}/price`
  const draft = draftOf(view, action)
  return (
    <Panel id="change-price" title={t.change}>
      <div class="panel-body">
        <WriteForm view={view} action={action}>
          {page === undefined || page === '' ? null : <input type="hidden" name="page" value={page} />}
          <div class="form-row top">
            <ChoiceEntry
              draft={draft}
              name="target"
              label={t.target}
              required
              value={filled?.target ?? ''}
              options={targets.map(target => ({ value: targetValue(target), word: targetText(view, target) }))}
            />
            <NumberEntry draft={draft} name="amount" label={t.amount} kind="amount" value={filled?.amount ?? ''} required class="small" />
          </div>
          <details open={draft.typed('from', filled?.from) !== '' || draft.wrong('from') !== null}>
            <summary>{t.period}</summary>
            <div class="form-row top">
              <TextEntry draft={draft} name="from" label={t.from} type="datetime-local" value={filled?.from ?? ''} />
              <TextEntry draft={draft} name="to" label={t.to} type="datetime-local" value={filled?.to ?? ''} />
            </div>
          </details>
          <button type="submit" class="main">
            {t.look}
          </button>
          <p class="field-hint">{t.lookHint}</p>
        </WriteForm>
      </div>
    </Panel>
  )
}
