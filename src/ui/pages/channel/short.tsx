import type { ChannelHead } from '../../../../db/pages-channel.ts'
import { SHORT_BECOMES, type ShortRule } from '../../../../db/short-rules.ts'
import { number } from '../../format.ts'
import { ChoiceEntry, draftOf, NumberEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Panel } from '../../parts/panel.tsx'
import { may, type View } from '../../view.ts'

/** What becomes of orders of the channel that stay short of stock. */
export function ShortPanel({ view, head, rule }: { view: View; head: ChannelHead; rule: ShortRule & { readonly isOwn: boolean } }) {
  const t = view.t.channel.short
  const action = `/channels/${encodeURIComponent(head.code)}/short`
  const draft = draftOf(view, action)
  const holds = t.holds[rule.becomes](number(rule.afterMinutes, view.language))
  return (
    <Panel id="short" title={t.title} aside={<a href="/orders/exceptions">{view.t.orderLife.exceptions.title}</a>}>
      <p class="panel-note">
        {holds} {rule.isOwn ? null : t.ofAll} {t.hint}
      </p>
      {may(view, 'channels:write') ? (
        <div class="panel-body">
          <WriteForm view={view} action={action}>
            <div class="policy-fields">
              <ChoiceEntry
                draft={draft}
                name="becomes"
                label={t.becomes}
                value={rule.becomes}
                options={SHORT_BECOMES.map(value => ({ value, word: t.options[value] }))}
                required
              />
              <NumberEntry
                draft={draft}
                name="afterMinutes"
                label={t.after}
                hint={t.afterHint}
                value={String(rule.afterMinutes)}
                required
              />
            </div>
            <div class="form-row">
              <button type="submit">{t.save}</button>
              {rule.isOwn ? (
                <button type="submit" name="do" value="none">
                  {t.none}
                </button>
              ) : null}
            </div>
          </WriteForm>
        </div>
      ) : null}
    </Panel>
  )
}
