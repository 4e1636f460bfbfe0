import { draftOf, LinesEntry, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Panel } from '../../parts/panel.tsx'
import type { View } from '../../view.ts'
import type { DeliveryView } from './one.tsx'

/** Another day, other units or costs, further goods: what stands there is what is expected now. */
export function ChangeForm({ view, delivery }: { view: View; delivery: DeliveryView }) {
  const t = view.t.stock.deliveries
  const { head, lines, currency } = delivery
  const action = `/stock/deliveries/${head.id}/change`
  const draft = draftOf(view, action)
  const isRefused = view.typed?.action === action
  return (
    <Panel id="change" title={t.changeTitle}>
      <div class="panel-body">
        <details class="fold" open={isRefused}>
          <summary>{t.change}</summary>
          <WriteForm view={view} action={action}>
            <div class="form-row top">
              <TextEntry
                draft={draft}
                name="expectedAt"
                label={t.expected}
                type="date"
                required
                value={head.expectedAt.toISOString().slice(0, 10)}
              />
              <TextEntry draft={draft} name="currency" label={t.currency} value={currency} maxlength={3} class="small" />
            </div>
            <LinesEntry
              draft={draft}
              name="lines"
              label={t.linesLabel}
              hint={t.changeHint}
              rows={Math.min(20, lines.length + 2)}
              required
              value={lines.map(line => [line.sku, line.ordered, ...(line.unitCost === null ? [] : [line.unitCost])].join(' ')).join('\n')}
            />
            <button type="submit">{t.changeSave}</button>
          </WriteForm>
        </details>
      </div>
    </Panel>
  )
}
