import type { SkuHead } from '../../../../db/pages-sku.ts'
import { HAZARDS } from '../../../values/hazard.ts'
import { ChoiceEntry, draftOf } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Panel } from '../../parts/panel.tsx'
import { may, type View } from '../../view.ts'

/** Whether a SKU is dangerous goods, and of which class: locations that may not handle it are left out of its orders. */
export function HazardPanel({ view, head }: { view: View; head: SkuHead }) {
  const t = view.t.goods.hazard
  const action = `/skus/${encodeURIComponent(head.sku)}/hazard`
  const draft = draftOf(view, action)
  return (
    <Panel id="hazard" title={t.title} aside={head.hazard === null ? t.none : <b>{t.one(head.hazard)}</b>}>
      <p class="panel-note">{t.lead}</p>
      {may(view, 'catalog:write') ? (
        <div class="panel-body">
          <WriteForm view={view} action={action} id={`hazard-${head.version}`}>
            <input type="hidden" name="version" value={`${head.version}`} />
            <ChoiceEntry
              draft={draft}
              name="hazard"
              label={t.kind}
              none={t.none}
              value={head.hazard ?? ''}
              options={HAZARDS.map(value => ({ value, word: t.one(value) }))}
            />
            <button type="submit">{t.save}</button>
          </WriteForm>
        </div>
      ) : null}
    </Panel>
  )
}
