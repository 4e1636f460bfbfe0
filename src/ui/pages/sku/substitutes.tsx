import type { SubstitutionRule } from '../../../../db/substitutes.ts'
import { SUBSTITUTES_MOST } from '../../../usecases/substitution-rules.ts'
import { ChoiceEntry, draftOf, NumberEntry, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Rows } from '../../parts/rows.tsx'
import { may, type View } from '../../view.ts'

/** Empty lines below what is stated. */
const FREE_LINES = 2

/** What may be handed over instead of a SKU that is short, in all channels and in one. */
export function SubstitutesPanel({
  view,
  sku,
  rules,
  channels,
}: {
  view: View
  sku: string
  rules: readonly SubstitutionRule[]
  channels: readonly { readonly code: string; readonly name: string }[]
}) {
  const t = view.t.orderLife.substitutes
  const action = `/skus/${encodeURIComponent(sku)}/substitutes`
  const draft = draftOf(view, action)
  const rows = rules.flatMap(rule => rule.substitutes.map(one => ({ ...one, channel: rule.channel })))
  const whole = rules.find(rule => rule.channel === null)?.substitutes ?? []
  // What was typed into a form that was refused stays, however many lines that were.
  const typed = Array.from({ length: SUBSTITUTES_MOST }, (_, n) => n).findLast(n => draft.typed(`sku-${n}`) !== '') ?? -1
  const lines = Math.min(SUBSTITUTES_MOST, Math.max(whole.length, typed + 1) + FREE_LINES)
  return (
    <Panel id="substitutes" title={t.title}>
      <p class="panel-note">{t.hint}</p>
      <Rows
        label={t.title}
        rows={rows}
        id={row => `substitute-${row.channel ?? ''}-${row.sku}`}
        isStacked
        empty={t.none}
        columns={[
          {
            head: t.instead,
            names: true,
            cell: row => (
              <a class="sku" href={`/skus/${encodeURIComponent(row.sku)}`}>
                {row.sku}
              </a>
            ),
          },
          { head: t.channel, cell: row => channels.find(one => one.code === row.channel)?.name ?? t.all },
          {
            head: t.goes,
            cell: row => (
              <>
                {t.automatic[row.automatic ? 'yes' : 'no']}
                {row.abovePercent === null ? null : <span class="sub">{t.within(String(row.abovePercent))}</span>}
              </>
            ),
          },
        ]}
      />
      {may(view, 'channels:write') ? (
        <div class="panel-body">
          <WriteForm view={view} action={action}>
            <div class="form-row top">
              <ChoiceEntry
                draft={draft}
                name="channel"
                label={t.channel}
                none={t.all}
                options={channels.map(one => ({ value: one.code, word: one.name }))}
              />
            </div>
            <p class="quiet">{t.skusHint}</p>
            {Array.from({ length: lines }, (_, n) => (
              <div class="form-row top">
                <TextEntry draft={draft} name={`sku-${n}`} label={t.nth(n + 1)} value={whole[n]?.sku ?? ''} maxlength={100} />
                <ChoiceEntry
                  draft={draft}
                  name={`automatic-${n}`}
                  label={t.goes}
                  value={whole[n]?.automatic === true ? 'yes' : 'no'}
                  options={(['no', 'yes'] as const).map(value => ({ value, word: t.automatic[value] }))}
                  required
                />
                <NumberEntry
                  draft={draft}
                  name={`abovePercent-${n}`}
                  kind="amount"
                  label={t.above}
                  value={whole[n]?.abovePercent == null ? '' : String(whole[n]?.abovePercent)}
                />
              </div>
            ))}
            <button type="submit">{t.save}</button>
          </WriteForm>
        </div>
      ) : null}
    </Panel>
  )
}
