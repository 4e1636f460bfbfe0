import type { Child } from 'hono/jsx'
import type { SkuHold } from '../../../../db/pages-sku-goods.ts'
import type { PlaceChoice } from '../../../../db/pages-stock.ts'
import { actorName, number } from '../../format.ts'
import { WriteForm } from '../../parts/form.tsx'
import { Panel, Table } from '../../parts/panel.tsx'
import { Ago, At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

/** Minutes that the button adds; whoever needs another time uses the API. */
export const EXTEND_MINUTES = 30

type Given = { readonly view: View; readonly sku: string; readonly holds: readonly SkuHold[]; readonly places: readonly PlaceChoice[] }

/** What is held of a SKU for baskets that are no order yet: released, prolonged or moved here. Nothing where nothing is held. */
export function HoldsPanel({ view, sku, holds, places }: Given) {
  const t = view.t.goods.holds
  if (holds.length === 0) return null
  const mayAct = may(view, 'stock:write')
  return (
    <Panel id="holds" title={t.title}>
      <Table label={t.title} isStacked>
        <thead>
          <tr>
            <th>{t.held}</th>
            <th class="num">{t.units}</th>
            <th>{view.t.sku.stock.location}</th>
            <th>{t.until}</th>
            <th>{t.by}</th>
            {mayAct ? <th /> : null}
          </tr>
        </thead>
        <tbody>
          {holds.map(hold => (
            <tr id={`hold-${hold.id}`}>
              <th scope="row">
                <span class="sku">{hold.item}</span>
                {hold.item === sku ? null : <span class="sub">{t.asBundle}</span>}
              </th>
              <td class="num strong" data-label={t.units}>
                {number(hold.units, view.language)}
              </td>
              <td data-label={view.t.sku.stock.location}>{hold.place}</td>
              <td data-label={t.until}>{hold.until === null ? t.open : <At view={view} at={hold.until} />}</td>
              <td data-label={t.by}>
                {hold.channel ?? actorName(hold.actor, view.t.actor.system)}
                <span class="sub">
                  <Ago view={view} at={hold.since} />
                </span>
              </td>
              {mayAct ? (
                <td class="hold-acts">
                  <Act view={view} sku={sku} hold={hold} deed="release">
                    <button type="submit" class="small">
                      {t.release}
                    </button>
                  </Act>
                  {hold.until === null ? null : (
                    <Act view={view} sku={sku} hold={hold} deed="extend">
                      <button type="submit" class="small">
                        {t.extend(EXTEND_MINUTES)}
                      </button>
                    </Act>
                  )}
                  {places.length < 2 ? null : (
                    <Act view={view} sku={sku} hold={hold} deed="move">
                      <select name="to" aria-label={t.moveTo}>
                        {places
                          .filter(place => place.code !== hold.location && place.kind !== 'platform')
                          .map(place => (
                            <option value={place.code}>{place.name}</option>
                          ))}
                      </select>
                      <button type="submit" class="small">
                        {t.move}
                      </button>
                    </Act>
                  )}
                </td>
              ) : null}
            </tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  )
}

type ActGiven = {
  readonly view: View
  readonly sku: string
  readonly hold: SkuHold
  readonly deed: 'release' | 'extend' | 'move'
  readonly children: Child
}

function Act({ view, sku, hold, deed, children }: ActGiven) {
  return (
    <WriteForm
      view={view}
      action={`/skus/${encodeURIComponent(sku)}/hold`}
      class="inline-form"
      id={`hold-${hold.id}-${deed}-${hold.location}`}
    >
      <input type="hidden" name="basket" value={hold.basket} />
      <input type="hidden" name="item" value={hold.item} />
      <input type="hidden" name="units" value={String(hold.units)} />
      <input type="hidden" name="deed" value={deed} />
      {children}
    </WriteForm>
  )
}
