import { HOLD_RULES, type HoldRule } from '../../../../db/hold-rules.ts'
import { actorName, money } from '../../format.ts'
import { ChoiceEntry, draftOf, NumberEntry, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { OrderTabs } from '../../parts/order-tabs.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Beside, Rows } from '../../parts/rows.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

type Given = {
  readonly view: View
  readonly rules: readonly HoldRule[]
  readonly channels: readonly { readonly code: string; readonly name: string; readonly currency: string }[]
  /** Orders that are held by rule now. */
  readonly held: number
}

/** What orders are held for by rule: what holds, a form for one more, a button to end each. */
export function HoldRulesPage({ view, rules, channels, held }: Given) {
  const t = view.t.routing.holdRules
  const mayWrite = may(view, 'channels:write')
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
        <p class="lead">{t.lead}</p>
      </div>
      <OrderTabs view={view} current="holds" />
      <Beside form={mayWrite ? <SetForm view={view} channels={channels} /> : null}>
        <Panel id="hold-rules" title={t.title} aside={held === 0 ? undefined : <a href="/orders/exceptions">{t.open(held)}</a>}>
          <Rows
            label={t.title}
            rows={rules}
            id={rule => `hold-rule-${rule.id}`}
            isOver={rule => rule.until !== null}
            isStacked
            empty={t.none}
            columns={[
              {
                head: t.rule,
                names: true,
                cell: rule => `${t.rules[rule.rule]}${rule.above === null ? '' : ` ${money(rule.above, rule.currency ?? '')}`}`,
              },
              { head: t.channel, cell: rule => rule.channel ?? <span class="quiet">{t.every}</span> },
              {
                head: t.since,
                cell: rule => (
                  <>
                    <At view={view} at={rule.since} />
                    <span class="sub">{actorName(rule.actor, view.t.actor.system)}</span>
                  </>
                ),
              },
              {
                head: t.end,
                cell: rule =>
                  rule.until !== null ? (
                    <At view={view} at={rule.until} />
                  ) : mayWrite ? (
                    <WriteForm view={view} action="/orders/holds/end" class="inline-form">
                      <input type="hidden" name="id" value={`${rule.id}`} />
                      <button type="submit" class="small">
                        {t.end}
                      </button>
                    </WriteForm>
                  ) : null,
              },
            ]}
          />
        </Panel>
      </Beside>
    </Layout>
  )
}

function SetForm({ view, channels }: Pick<Given, 'view' | 'channels'>) {
  const t = view.t.routing.holdRules
  const draft = draftOf(view, '/orders/holds')
  return (
    <Panel id="set-hold-rule" title={t.set}>
      <div class="panel-body">
        <WriteForm view={view} action="/orders/holds">
          <ChoiceEntry draft={draft} name="rule" label={t.rule} options={HOLD_RULES.map(rule => ({ value: rule, word: t.rules[rule] }))} />
          <div class="form-row top">
            <NumberEntry draft={draft} name="above" label={t.above} kind="amount" hint={t.aboveHint} />
            <TextEntry draft={draft} name="currency" label={t.currency} maxlength={3} value={channels[0]?.currency ?? ''} class="small" />
          </div>
          <ChoiceEntry
            draft={draft}
            name="channel"
            label={t.channel}
            none={t.every}
            options={channels.map(({ code, name }) => ({ value: code, word: name }))}
          />
          <button type="submit" class="main">
            {t.save}
          </button>
        </WriteForm>
      </div>
    </Panel>
  )
}
