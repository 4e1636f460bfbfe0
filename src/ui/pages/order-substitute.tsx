import type { OrderHead, OrderLine } from '../../../db/pages-orders.ts'
import type { ProposedSubstitute } from '../../../db/substitutes.ts'
import { listed } from '../format.ts'
import { ChoiceEntry, draftOf, NumberEntry, TextEntry } from '../parts/entry.tsx'
import { WriteForm } from '../parts/form.tsx'
import { Panel } from '../parts/panel.tsx'
import type { View } from '../view.ts'

type Given = {
  view: View
  head: OrderHead
  lines: readonly OrderLine[]
  /** What the rules allow instead and is there. */
  proposed: readonly ProposedSubstitute[]
}

/** To hand over another SKU instead of what is short; none where nothing is. */
export function SubstituteForm({ view, head, lines, proposed }: Given) {
  const t = view.t.orderLife.substitutes
  const short = lines.filter(line => line.short > 0 && line.sku !== null)
  const [first] = proposed
  if (short.length === 0) return null
  const action = `/orders/${head.id}/substitute`
  const draft = draftOf(view, action)
  const offers = proposed.map(one => t.there(one.sku, one.free))
  return (
    <Panel id="substitute" title={t.form}>
      <div class="panel-body">
        <WriteForm view={view} action={action} id={`substitute-${lines.length}-${short.reduce((sum, line) => sum + line.short, 0)}`}>
          <p class="quiet">{t.formHint}</p>
          <ChoiceEntry
            draft={draft}
            name="line"
            label={t.line}
            value={String(first?.lineId ?? short[0]?.id ?? '')}
            options={short.map(line => ({ value: String(line.id), word: t.short(line.sku ?? line.channelSku, line.short) }))}
            required
          />
          <div class="form-row top">
            <TextEntry
              draft={draft}
              name="sku"
              label={t.sku}
              hint={t.skuHint(listed(offers, view.language))}
              value={first?.sku ?? ''}
              list={proposed.length === 0 ? undefined : 'substitutes'}
              maxlength={100}
              required
            />
            <NumberEntry draft={draft} name="units" label={t.units} />
          </div>
          <datalist id="substitutes">
            {[...new Set(proposed.map(one => one.sku))].map(sku => (
              <option value={sku} />
            ))}
          </datalist>
          <TextEntry draft={draft} name="reason" label={view.t.orders.reason} maxlength={200} />
          <button type="submit" class="main">
            {t.give}
          </button>
        </WriteForm>
      </div>
    </Panel>
  )
}
