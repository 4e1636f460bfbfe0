import type { MarketStepRow, MarketStopRow } from '../../../../db/market-steps.ts'
import type { MarketTried } from '../../../usecases/market-rules.ts'
import { money, number } from '../../format.ts'
import { draftOf, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Pager } from '../../parts/list.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Rows } from '../../parts/rows.tsx'
import { State } from '../../parts/state.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'
import { stepText, triedText } from './told.ts'

export const skuLink = (sku: string) => (
  <a class="sku" href={`/skus/${encodeURIComponent(sku)}/prices`}>
    {sku}
  </a>
)
export const ruleLink = (code: string) => <a href={`/prices/market/rules/${encodeURIComponent(code)}`}>{code}</a>

/** Where rules stopped because of a price war, with the way to go on. */
export function StopsPanel({ view, stops }: { view: View; stops: readonly MarketStopRow[] }) {
  const t = view.t.market.stops
  if (stops.length === 0) return null
  const mayWrite = may(view, 'prices:write')
  return (
    <Panel id="stops" title={t.title} class="asks">
      <Rows
        label={t.title}
        rows={stops}
        id={stop => `stop-${stop.id}`}
        isStacked
        empty={t.none}
        columns={[
          { head: view.t.sku.columns.sku, names: true, cell: stop => skuLink(stop.sku) },
          { head: view.t.market.rules.code, cell: stop => ruleLink(stop.rule) },
          {
            head: view.t.market.tried.why,
            cell: stop => (
              <>
                {t.why(number(stop.why.steps, view.language), number(stop.why.windowMinutes, view.language), stop.competitor)}
                <span class="sub">{t.instead(money(stop.why.price, stop.why.currency), money(stop.why.offer, stop.why.currency))}</span>
              </>
            ),
          },
          { head: view.t.priceSettings.since, cell: stop => <At view={view} at={stop.at} /> },
          mayWrite ? { head: t.goOn, cell: stop => <GoOn view={view} stop={stop} /> } : null,
        ]}
      />
    </Panel>
  )
}

function GoOn({ view, stop }: { view: View; stop: MarketStopRow }) {
  const t = view.t.market.stops
  const action = `/prices/market/rules/${encodeURIComponent(stop.rule)}/resume`
  return (
    <details>
      <summary>{t.goOn}</summary>
      <WriteForm view={view} action={action}>
        <input type="hidden" name="sku" value={stop.sku} />
        <p class="field-hint">{t.goOnHint}</p>
        <TextEntry draft={draftOf(view, action)} name="why" label={view.t.priceSettings.why} maxlength={200} />
        <div>
          <button type="submit">{t.goOnNow}</button>
        </div>
      </WriteForm>
    </details>
  )
}

type StepsGiven = {
  readonly view: View
  readonly steps: readonly MarketStepRow[]
  readonly next: string | null
  readonly first: string | null
}

/** What rules did, the newest first, and why. */
export function StepsPanel({ view, steps, next, first }: StepsGiven) {
  const t = view.t.market.steps
  return (
    <Panel id="steps" title={t.title}>
      <Rows
        label={t.title}
        rows={steps}
        id={step => `step-${step.id}`}
        isStacked
        empty={t.none}
        columns={[
          { head: t.at, cell: step => <At view={view} at={step.at} /> },
          { head: view.t.sku.columns.sku, names: true, cell: step => skuLink(step.sku) },
          { head: view.t.market.rules.code, cell: step => ruleLink(step.rule) },
          {
            head: t.step,
            look: 'num strong',
            cell: step => t.arrow(money(step.from, step.currency), money(step.to, step.currency)),
          },
          {
            head: view.t.market.tried.why,
            cell: step => (
              <>
                {stepText(view, step)}
                {step.isAnswer ? <span class="sub">{t.answer}</span> : null}
                {step.waits ? <State view={view} state="waiting" text={t.waits} /> : null}
              </>
            ),
          },
        ]}
      />
      <Pager view={view} first={first} next={next} words={{ first: view.t.form.first, next: t.older }} />
    </Panel>
  )
}

type TriedGiven = {
  readonly view: View
  readonly title: string
  readonly tried: readonly MarketTried[]
  /** Steps that are left of the day, by SKU. */
  readonly left: ReadonlyMap<string, number>
  readonly first: string | null
  readonly next: string | null
}

/** What a rule does now about each SKU that somebody offers, and the steps that it has left today. */
export function TriedPanel({ view, title, tried, left, first, next }: TriedGiven) {
  const t = view.t.market.tried
  return (
    <Panel id="tried" title={title}>
      <Rows
        label={title}
        rows={tried}
        id={one => `tried-${one.sku}`}
        isStacked
        empty={t.none}
        columns={[
          { head: view.t.sku.columns.sku, names: true, cell: one => skuLink(one.sku) },
          { head: t.price, look: 'num', cell: one => money(one.price, one.currency) },
          {
            head: t.to,
            look: one => (one.to === null ? 'num' : 'num strong'),
            cell: one => (one.to === null ? <span class="quiet">{t.stays}</span> : money(one.to, one.currency)),
          },
          { head: t.left, look: 'num', cell: one => number(left.get(one.sku) ?? 0, view.language) },
          { head: t.why, cell: one => triedText(view, one) },
        ]}
      />
      <Pager view={view} first={first} next={next} />
    </Panel>
  )
}
