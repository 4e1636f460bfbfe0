import type { PickUpRule } from '../../../db/pick-up-rules.ts'
import type { StoreStanding } from '../../usecases/pick-up-rules.ts'
import { number } from '../format.ts'
import { Field, WriteForm } from '../parts/form.tsx'
import { Layout } from '../parts/layout.tsx'
import { OrderTabs } from '../parts/order-tabs.tsx'
import { Panel } from '../parts/panel.tsx'
import { Rows } from '../parts/rows.tsx'
import { may, type View } from '../view.ts'

/** Fields of a rule that are numbers, with what they may be. */
export const RULE_NUMBERS = {
  keepDays: [1, 60],
  remindHours: [0, 240],
  lateMinutes: [0, 10_000],
  extendDays: [1, 60],
  extensionsMost: [0, 10],
} as const

/** A share as people read it. */
export const percentOf = (view: View, share: number): string =>
  new Intl.NumberFormat(view.language, { style: 'percent', maximumFractionDigits: 1 }).format(share)

type Given = {
  view: View
  /** Whose rule the form shows: `location:CODE`, `channel:CODE`, or empty for all; and what holds there. */
  of: string
  rule: PickUpRule
  standings: readonly StoreStanding[]
  channels: readonly { readonly code: string; readonly name: string }[]
}

/** What waits in each store, who comes for it, and for how long it is kept. */
export function PickUpPage({ view, of, rule, standings, channels }: Given) {
  const t = view.t.pickUp
  const choices = [
    ['', t.all],
    ...standings.map(one => [`location:${one.location}`, one.name]),
    ...channels.map(one => [`channel:${one.code}`, one.name]),
  ] as const
  const failures = (one: StoreStanding): string =>
    Object.entries(one.failures)
      .map(([why, n]) => `${Object.hasOwn(t.why, why) ? t.why[why as keyof typeof t.why] : why} ${number(n ?? 0, view.language)}`)
      .join(', ')
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
        <p class="lead">{t.lead}</p>
      </div>
      <OrderTabs view={view} current="pick-up" />
      <Panel id="stores" title={t.title} aside={number(standings.length, view.language)}>
        <Rows
          label={t.title}
          rows={standings}
          id={one => `store-${one.location}`}
          empty={t.none}
          isStacked
          columns={[
            {
              head: t.store,
              names: true,
              cell: one => (
                <>
                  {one.name}
                  <span class="sub">
                    {may(view, 'pickup:write') ? <a href={`/desk?store=${encodeURIComponent(one.location)}`}>{t.desk}</a> : one.location}
                  </span>
                </>
              ),
            },
            {
              head: t.waiting,
              look: 'num',
              cell: one => (
                <>
                  {number(one.waiting, view.language)}
                  {one.over === 0 ? null : <span class="sub reason">{t.over(one.over)}</span>}
                </>
              ),
            },
            { head: t.collected, look: 'num', cell: one => number(one.collected, view.language) },
            { head: t.notCollected, look: 'num', cell: one => number(one.notCollected, view.language) },
            { head: t.rate, look: 'num', cell: one => percentOf(view, one.noShowRate) },
            { head: t.failed, cell: failures },
            { head: t.kept, cell: one => t.rule(one.rule.keepDays, one.rule.becomes) },
          ]}
        />
      </Panel>
      {may(view, 'channels:write') ? (
        <Panel id="rule" title={t.set}>
          <p class="panel-note">{t.setHint}</p>
          <div class="panel-body forms">
            <form method="get" action="/orders/pick-up#rule" class="form-row">
              <Field label={t.of}>
                <select name="of">
                  {choices.map(([value, name]) => (
                    <option value={value} selected={value === of}>
                      {name}
                    </option>
                  ))}
                </select>
              </Field>
              <button type="submit">{view.t.routing.show}</button>
            </form>
            <WriteForm view={view} action="/orders/pick-up" id={`rule-of-${of}`}>
              <input type="hidden" name="of" value={of} />
              <div class="form-row">
                {Object.keys(RULE_NUMBERS).map(name => (
                  <Field label={t[name as keyof typeof RULE_NUMBERS]}>
                    <input name={name} inputmode="numeric" maxlength={5} value={`${rule[name as keyof typeof RULE_NUMBERS]}`} />
                  </Field>
                ))}
                <Field label={t.becomes}>
                  <select name="becomes">
                    {(['cancel', 'ship'] as const).map(one => (
                      <option value={one} selected={one === rule.becomes}>
                        {t.becomesWords[one]}
                      </option>
                    ))}
                  </select>
                </Field>
              </div>
              <div class="form-row">
                <button type="submit" class="main">
                  {t.save}
                </button>
                <button type="submit" name="do" value="none">
                  {t.takeBack}
                </button>
              </div>
            </WriteForm>
          </div>
        </Panel>
      ) : null}
    </Layout>
  )
}
