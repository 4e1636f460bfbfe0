import type { PriceVersion, SkuHead } from '../../../../db/pages-sku.ts'
import { actorName, minute, money } from '../../format.ts'
import { Field, WriteForm } from '../../parts/form.tsx'
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

/** The prices in force and those that were. */
export function PricesPanel({ view, prices }: { view: View; prices: readonly PriceVersion[] }) {
  const t = view.t.sku.price
  return (
    <Panel id="prices" title={t.versions}>
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

/** Sets a price for everyone or one channel; with a period it is a sale. */
export function PriceForm({ view, head, targets }: { view: View; head: SkuHead; targets: readonly PriceTarget[] }) {
  const t = view.t.sku.price
  if (!may(view, 'prices:write')) {
    return (
      <Panel id="change-price" title={t.change}>
        <Empty text={t.notAllowed} />
      </Panel>
    )
  }
  return (
    <Panel id="change-price" title={t.change}>
      <div class="panel-body">
        <WriteForm view={view} action={`/skus/${encodeURIComponent(head.sku)}/price`}>
          <div class="form-row">
            <Field label={t.target}>
              <select name="target" required>
                {targets.map(target => (
                  <option value={targetValue(target)}>{targetText(view, target)}</option>
                ))}
              </select>
            </Field>
            <Field label={t.amount} class="small">
              <input
                name="amount"
                inputmode="decimal"
                required
                maxlength={22}
                pattern="[0-9]{1,15}(\.[0-9]{1,6})?"
                title={view.t.form.amountHint}
                autocomplete="off"
              />
            </Field>
          </div>
          <details>
            <summary>{t.period}</summary>
            <div class="form-row">
              <Field label={t.from}>
                <input type="datetime-local" name="from" />
              </Field>
              <Field label={t.to}>
                <input type="datetime-local" name="to" />
              </Field>
            </div>
          </details>
          <button type="submit" class="main">
            {t.save}
          </button>
        </WriteForm>
      </div>
    </Panel>
  )
}
