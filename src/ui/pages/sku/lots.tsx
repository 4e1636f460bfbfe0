import type { LotRow } from '../../../../db/lots.ts'
import type { SkuLots } from '../../../usecases/lots.ts'
import { ChoiceEntry, draftOf, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Empty, Panel } from '../../parts/panel.tsx'
import { may, type View } from '../../view.ts'
import { LotTable } from '../lots/page.tsx'

type Names = ReadonlyMap<string, string>

/** The lots of a SKU that hold units; nothing where its units are not told apart by lot. */
export function LotsPanel({ view, lots, names }: { view: View; lots: SkuLots; names: Names }) {
  const t = view.t.goods.lots
  if (!lots.tracked) return null
  return (
    <Panel id="lots" title={t.title}>
      {lots.lots.length === 0 ? <Empty text={t.none} /> : <LotTable view={view} lots={lots.lots} names={names} withSku={false} />}
    </Panel>
  )
}

/** A lot at a location as the value of a choice; neither codes of locations nor the sign between hold a line end. */
export const lotValue = (lot: LotRow): string => `${lot.location}\n${lot.lot}`

/** States when a lot expires, and switches lots on or off for the SKU. */
export function LotForms({ view, lots, names }: { view: View; lots: SkuLots; names: Names }) {
  const t = view.t.goods.lots
  const here = `/skus/${encodeURIComponent(lots.sku)}`
  const draft = draftOf(view, `${here}/lots`)
  const mayState = lots.tracked && lots.lots.length > 0 && may(view, 'stock:write')
  if (!mayState && !may(view, 'catalog:write')) return null
  return (
    <Panel id="lot-forms" title={t.settings}>
      <div class="panel-body">
        {mayState ? (
          <WriteForm view={view} action={`${here}/lots`}>
            <div class="form-row">
              <ChoiceEntry
                draft={draft}
                name="lot"
                label={t.lot}
                required
                options={lots.lots.map(lot => ({
                  value: lotValue(lot),
                  word: `${lot.lot === '' ? view.t.stock.move.noLot : lot.lot} · ${names.get(lot.location) ?? lot.location}`,
                }))}
              />
              <TextEntry draft={draft} name="expiresAt" label={t.expires} type="date" />
              <button type="submit">{t.save}</button>
            </div>
            <p class="hint">{t.expiryHint}</p>
          </WriteForm>
        ) : null}
        {may(view, 'catalog:write') ? (
          <details class="fold">
            <summary>{lots.tracked ? t.off : t.on}</summary>
            <div class="confirm">
              <p>{lots.tracked ? t.offHint : t.onHint}</p>
              <WriteForm view={view} action={`${here}/lot-tracking`}>
                <input type="hidden" name="on" value={lots.tracked ? 'no' : 'yes'} />
                <button type="submit">{lots.tracked ? t.offSure : t.onSure}</button>
              </WriteForm>
            </div>
          </details>
        ) : null}
      </div>
    </Panel>
  )
}
