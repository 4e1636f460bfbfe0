import type { PriceVersion, SkuHead } from '../../../../db/pages-sku.ts'
import { actorName, minute, money } from '../../format.ts'
import { ChoiceEntry, draftOf, NumberEntry, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
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
      {prices.length === 0 ? (
        <Empty text={t.none} />
      ) : (
        <Table label={t.versions}>
          <thead>
            <tr>
              <th>{t.target}</th>
              <th class="num">{t.amount}</th>
              <th>{t.valid}</th>
              <th>{t.set}</th>
              <th>{t.by}</th>
            </tr>
          </thead>
          <tbody>
            {prices.map(price => (
              <tr id={`price-${price.id}`} class={price.supersededAt === null ? '' : 'ended'}>
                <td>{price.channel ?? t.base(price.currency)}</td>
                <td class="num strong">{money(price.amount, price.currency)}</td>
                <td>
                  {price.startsAt === null
                    ? t.regular
                    : t.sale(minute(price.startsAt), price.endsAt === null ? t.openEnd : minute(price.endsAt))}
                  {price.supersededAt === null ? null : (
                    <span class="sub">
                      {t.ended} <At view={view} at={price.supersededAt} />
                    </span>
                  )}
                  {price.supersededAt === null && price.endsAt !== null && price.endsAt <= view.now ? (
                    <State view={view} state="gone" text={t.over} />
                  ) : null}
                </td>
                <td>
                  <At view={view} at={price.createdAt} />
                </td>
                <td>{actorName(price.actor, view.t.actor.system)}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Panel>
  )
}

type PriceFormGiven = {
  readonly view: View
  readonly head: SkuHead
  readonly targets: readonly PriceTarget[]
  /** The page to come back to: that of the SKU's prices, else that of the SKU. */
  readonly page?: 'prices'
}

/** Sets a price for everyone or one channel; with a period it is a sale. */
export function PriceForm({ view, head, targets, page }: PriceFormGiven) {
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
          {page === undefined ? null : <input type="hidden" name="page" value={page} />}
          <div class="form-row top">
            <ChoiceEntry
              draft={draft}
              name="target"
              label={t.target}
              required
              options={targets.map(target => ({ value: targetValue(target), word: targetText(view, target) }))}
            />
            <NumberEntry draft={draft} name="amount" label={t.amount} kind="amount" required class="small" />
          </div>
          <details open={draft.typed('from') !== ''}>
            <summary>{t.period}</summary>
            <div class="form-row top">
              <TextEntry draft={draft} name="from" label={t.from} type="datetime-local" />
              <TextEntry draft={draft} name="to" label={t.to} type="datetime-local" />
            </div>
            <label class="check">
              <input type="checkbox" name="acceptWindow" value="yes" checked={draft.typed('acceptWindow') === 'yes'} />
              <span>{view.t.skuPrices.acceptWindow}</span>
            </label>
          </details>
          <button type="submit" class="main">
            {t.save}
          </button>
        </WriteForm>
      </div>
    </Panel>
  )
}
