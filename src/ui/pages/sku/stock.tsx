import type { LocationStock, SkuHead } from '../../../../db/pages-sku.ts'
import { number } from '../../format.ts'
import { Field, WriteForm } from '../../parts/form.tsx'
import { Panel, Table } from '../../parts/panel.tsx'
import { may, type View } from '../../view.ts'

const buckets = ['onHand', 'reserved', 'unavailable', 'safetyStock', 'available'] as const

/** A SKU's stock at each location; stock that a platform holds is not ours to promise and is not in the sum. */
export function StockPanel({ view, stock }: { view: View; stock: readonly LocationStock[] }) {
  const t = view.t.sku.stock
  const words = { onHand: t.onHand, reserved: t.reserved, unavailable: t.unavailable, safetyStock: t.safety, available: t.available }
  const ours = stock.filter(place => place.kind !== 'platform')
  return (
    <Panel id="stock" title={t.title}>
      <Table label={t.title}>
        <thead>
          <tr>
            <th>{t.location}</th>
            {buckets.map(bucket => (
              <th class="num">{words[bucket]}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {stock.map(place => (
            <tr id={`stock-${place.code}`}>
              <th scope="row">
                {place.name}
                <span class="sub">
                  {place.code} · {view.t.kinds[place.kind]}
                </span>
              </th>
              {buckets.map(bucket => (
                <td class={`num${place[bucket] === 0 ? ' zero' : ''}${bucket === 'available' ? ' strong' : ''}`}>
                  {number(place[bucket], view.language)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t.total}</th>
            {buckets.map(bucket => (
              <td class="num" data-total={bucket}>
                {number(
                  ours.reduce((sum, place) => sum + place[bucket], 0),
                  view.language,
                )}
              </td>
            ))}
          </tr>
        </tfoot>
      </Table>
    </Panel>
  )
}

/** Sets what was counted, adds or takes away, or sets the safety stock, at one location. */
export function StockForm({ view, head, stock }: { view: View; head: SkuHead; stock: readonly LocationStock[] }) {
  const t = view.t.sku.stock
  if (!may(view, 'stock:write')) return null
  return (
    <Panel id="change-stock" title={t.change}>
      <div class="panel-body">
        <WriteForm view={view} action={`/skus/${encodeURIComponent(head.sku)}/stock`}>
          <Field label={t.location}>
            <select name="location" required>
              {stock.map(place => (
                <option value={place.code}>{place.name}</option>
              ))}
            </select>
          </Field>
          <fieldset class="choices" aria-label={t.how}>
            <label>
              <input type="radio" name="kind" value="count" checked />
              {t.count}
            </label>
            <label>
              <input type="radio" name="kind" value="adjust" />
              {t.adjust}
            </label>
            <label>
              <input type="radio" name="kind" value="safety" />
              {t.safetyKind}
            </label>
          </fieldset>
          <div class="form-row">
            <Field label={t.number} class="small">
              <input
                name="quantity"
                inputmode="numeric"
                required
                maxlength={8}
                pattern="[+\-−–]?[0-9]{1,7}"
                title={view.t.form.signedHint}
                autocomplete="off"
              />
            </Field>
            <Field label={t.reason}>
              <input name="reason" maxlength={200} placeholder={t.reasonHint} />
            </Field>
          </div>
          <button type="submit" class="main">
            {t.save}
          </button>
        </WriteForm>
      </div>
    </Panel>
  )
}
