import type { SubstitutionRule } from '../../../../db/substitutes.ts'
import { ChoiceEntry, draftOf, LinesEntry, NumberEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Rows } from '../../parts/rows.tsx'
import { may, type View } from '../../view.ts'

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
  return (
    <Panel id="substitutes" title={t.title}>
      <p class="panel-note">{t.hint}</p>
      <Rows
        label={t.title}
        rows={rows}
        id={row => `substitute-${row.channel ?? ''}-${row.sku}`}
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
              <ChoiceEntry
                draft={draft}
                name="automatic"
                label={t.goes}
                value={whole[0]?.automatic === true ? 'yes' : 'no'}
                options={(['no', 'yes'] as const).map(value => ({ value, word: t.automatic[value] }))}
                required
              />
              <NumberEntry
                draft={draft}
                name="abovePercent"
                kind="amount"
                label={t.above}
                hint={t.aboveHint}
                value={whole[0]?.abovePercent == null ? '' : String(whole[0].abovePercent)}
              />
            </div>
            <LinesEntry
              draft={draft}
              name="substitutes"
              label={t.skus}
              hint={t.skusHint}
              rows={Math.max(3, whole.length + 1)}
              value={whole.map(one => one.sku).join('\n')}
              placeholder={'MUG-BLUE\nMUG-GREEN'}
            />
            <button type="submit">{t.save}</button>
          </WriteForm>
        </div>
      ) : null}
    </Panel>
  )
}
