import type { Child } from 'hono/jsx'
import type { MarketRuleRow } from '../../../../db/market-rules.ts'
import type { MarketStepRow, MarketStopRow } from '../../../../db/market-steps.ts'
import { actorName, number } from '../../format.ts'
import { draftOf, TextEntry } from '../../parts/entry.tsx'
import { Facts } from '../../parts/facts.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Panel } from '../../parts/panel.tsx'
import { PriceTabs } from '../../parts/price-tabs.tsx'
import { Beside, Rows } from '../../parts/rows.tsx'
import { State } from '../../parts/state.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'
import { ruleLink, StepsPanel, StopsPanel } from './parts.tsx'
import { type RuleFields, RuleForm } from './rule-form.tsx'
import { limitsText, ruleGoods, watched, wayText } from './told.ts'

type Lists = readonly { readonly code: string; readonly title: string }[]
type Steps = { readonly steps: readonly MarketStepRow[]; readonly next: string | null; readonly first: string | null }

type Given = {
  readonly view: View
  readonly rules: readonly MarketRuleRow[]
  readonly withEnded: boolean
  readonly stops: readonly MarketStopRow[]
  readonly steps: Steps
  readonly lists: Lists
}

/** The rules that follow the market, where they stopped, and what they did. */
export function MarketPage({ view, rules, withEnded, stops, steps, lists }: Given) {
  const t = view.t.market
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
        <p class="lead">
          {t.lead} <a href="/prices/market/offers">{t.offersLink}</a>
        </p>
      </div>
      <PriceTabs view={view} current="market" />
      <StopsPanel view={view} stops={stops} />
      <Beside form={may(view, 'prices:write') ? <RuleForm view={view} lists={lists} isNew /> : null}>
        <div>
          <Panel
            id="rules"
            title={t.rules.title}
            aside={withEnded ? undefined : <a href="/prices/market?ended=yes">{t.rules.showEnded}</a>}
          >
            <Rows
              label={t.rules.title}
              rows={rules}
              id={rule => `rule-${rule.code}`}
              isOver={rule => rule.state === 'ended'}
              isStacked
              empty={t.rules.none}
              columns={[
                {
                  head: t.rules.code,
                  names: true,
                  cell: rule => (
                    <>
                      {ruleLink(rule.code)}
                      <span class="sub">{ruleGoods(view, rule)}</span>
                    </>
                  ),
                },
                {
                  head: t.rules.way,
                  cell: rule => (
                    <>
                      {wayText(view, rule)}
                      <span class="sub">{watched(view, rule)}</span>
                    </>
                  ),
                },
                { head: t.rules.list, cell: rule => <a href={`/prices/lists/${encodeURIComponent(rule.list)}`}>{rule.list}</a> },
                { head: t.rules.state, cell: rule => <RuleMark view={view} rule={rule} /> },
              ]}
            />
          </Panel>
          <StepsPanel view={view} {...steps} />
        </div>
      </Beside>
    </Layout>
  )
}

/** Whether a rule follows, has stopped somewhere, or has ended. */
function RuleMark({ view, rule }: { view: View; rule: MarketRuleRow }) {
  const t = view.t.market
  if (rule.state === 'ended') return <State view={view} state="gone" text={t.rules.ended} />
  if (rule.stops > 0) return <State view={view} state="quarantined" text={t.stops.count(number(rule.stops, view.language))} />
  return <State view={view} state="applied" text={t.rules.active} />
}

type OneGiven = {
  readonly view: View
  readonly rule: MarketRuleRow
  readonly filled: RuleFields
  readonly tried: Child
  readonly stops: readonly MarketStopRow[]
  readonly steps: Steps
  readonly lists: Lists
}

/** One rule: its terms, what it does now and why, where it stopped, what it did, and the forms to change or end it. */
export function MarketRulePage({ view, rule, filled, tried, stops, steps, lists }: OneGiven) {
  const t = view.t.market.rules
  const mayWrite = may(view, 'prices:write') && rule.state === 'active'
  return (
    <Layout view={view} title={t.one(rule.code)}>
      <div class="page-head">
        <h1>{t.one(rule.code)}</h1>
        <RuleMark view={view} rule={rule} />
        <p class="lead">
          <a href="/prices/market">{t.back}</a>
        </p>
      </div>
      <PriceTabs view={view} current="market" />
      <StopsPanel view={view} stops={stops} />
      {tried}
      <Beside
        form={
          mayWrite ? (
            <div>
              <RuleForm view={view} lists={lists} filled={filled} isNew={false} />
              <EndPanel view={view} code={rule.code} />
            </div>
          ) : null
        }
      >
        <div>
          <Panel id="terms" title={t.one(rule.code)}>
            <Facts
              facts={[
                [t.goods, ruleGoods(view, rule)],
                [t.way, wayText(view, rule)],
                [t.competitors, watched(view, rule)],
                [t.list, <a href={`/prices/lists/${encodeURIComponent(rule.list)}`}>{rule.list}</a>],
                [t.limits, limitsText(view, rule).map(words => <span class="shows">{words}</span>)],
                [view.t.priceSettings.since, <At view={view} at={rule.since} />],
                [view.t.priceSettings.by, actorName(rule.actor, view.t.actor.system)],
              ]}
            />
          </Panel>
          <StepsPanel view={view} {...steps} />
        </div>
      </Beside>
    </Layout>
  )
}

function EndPanel({ view, code }: { view: View; code: string }) {
  const t = view.t.market.rules
  const action = `/prices/market/rules/${encodeURIComponent(code)}/end`
  return (
    <Panel id="end" title={t.end}>
      <div class="panel-body">
        <details>
          <summary>{t.end}</summary>
          <WriteForm view={view} action={action}>
            <p class="field-hint">{t.endHint}</p>
            <TextEntry draft={draftOf(view, action)} name="why" label={view.t.priceSettings.why} maxlength={200} />
            <div>
              <button type="submit" class="danger">
                {t.end}
              </button>
            </div>
          </WriteForm>
        </details>
      </div>
    </Panel>
  )
}

type RehearsedGiven = {
  readonly view: View
  readonly filled: RuleFields
  readonly tried: Child
  readonly refused: string | null
  readonly lists: Lists
}

/** Before a rule is set: what it would do now about each SKU, then the confirmation, or another rule. */
export function RehearsedRulePage({ view, filled, tried, refused, lists }: RehearsedGiven) {
  const t = view.t.market.rules
  return (
    <Layout view={view} title={t.would(filled.code)}>
      <div class="page-head">
        <h1>{t.would(filled.code)}</h1>
        <p class="lead">
          <a href="/prices/market">{view.t.skuPrices.rehearsed.back}</a>
        </p>
      </div>
      <Beside form={<RuleForm view={view} lists={lists} filled={filled} isNew />}>
        <div>
          {refused === null ? (
            <>
              {tried}
              <WriteForm view={view} action="/prices/market/rules" id={`sure-${Object.values(filled).join('-')}`}>
                {Object.entries({ ...filled, sure: 'yes' }).map(([name, value]) => (
                  <input type="hidden" name={name} value={value} />
                ))}
                <div>
                  <button type="submit" class="main">
                    {t.sure}
                  </button>
                </div>
              </WriteForm>
            </>
          ) : (
            <p class="panel-note tone-bad" role="alert">
              {view.t.prices.dry.refusedNow}: {refused}
            </p>
          )}
        </div>
      </Beside>
    </Layout>
  )
}
