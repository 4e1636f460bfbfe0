import type { Decision } from '../../../../db/routing.ts'
import type { Candidate } from '../../../domain/fulfilment/candidate.ts'
import type { KeptFacts } from '../../../domain/fulfilment/kept-facts.ts'
import type { Attempt } from '../../../domain/fulfilment/route.ts'
import { PLAIN_RULE, RANKS } from '../../../domain/fulfilment/rules.ts'
import { actorName, listed, number } from '../../format.ts'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import { State } from '../../parts/state.tsx'
import { At } from '../../parts/time.tsx'
import type { View } from '../../view.ts'

/** What a decision holds; the one of a channel with one location names only that. */
type Body = { readonly only?: string; readonly attempts?: readonly Attempt[]; readonly facts?: KeptFacts }

/** The decisions about an order, newest first, and the codes of locations. */
export type WhyGiven = { readonly decisions: readonly Decision[]; readonly places: ReadonlyMap<number, string> }

/** Nobody has named the plain rule: it is called as the language calls it. */
const ruleName = (view: View, name: string): string => (name === PLAIN_RULE ? view.t.routing.plainRule : name)

/** Why an order is handed over where it is: what was promised, each rule that was tried, its candidates, what they would have cost, and why they lost. */
export function Why({ view, decisions, places }: WhyGiven & { view: View }) {
  const t = view.t.routing.why
  const [last, ...earlier] = decisions
  if (last === undefined) return null
  return (
    <Panel id="why" title={t.title}>
      <OneDecision view={view} decision={last} places={places} />
      {earlier.length === 0 ? null : (
        <details class="panel-body">
          <summary>
            {t.earlier} ({number(earlier.length, view.language)})
          </summary>
          {earlier.map(decision => (
            <OneDecision view={view} decision={decision} places={places} />
          ))}
        </details>
      )}
    </Panel>
  )
}

function OneDecision({ view, decision, places }: { view: View; decision: Decision; places: ReadonlyMap<number, string> }) {
  const t = view.t.routing.why
  const { only, attempts = [], facts } = decision.body as Body
  return (
    <>
      <p class="panel-note">
        {decision.outcome === 'routed' ? (
          <State view={view} state="applied" text={t.routed} />
        ) : (
          <State view={view} state="refused" text={t.unplaced} />
        )}{' '}
        <At view={view} at={decision.at} /> · {actorName(decision.actor, view.t.actor.system)}
        {only !== undefined
          ? ''
          : ` · ${decision.rulesVersion === null ? t.byPlain : t.byVersion(number(decision.rulesVersion, view.language))}`}
      </p>
      {only === undefined ? null : <Empty text={t.only(only)} />}
      {facts === undefined || facts.groups.length === 0 ? null : (
        <ul class="panel-note promises">
          {facts.groups.map(group => (
            <li>
              <b>{places.get(group.placeId) ?? group.placeId}</b> · {t[group.method]} · {t.readyBy}{' '}
              <At view={view} at={new Date(group.readyBy)} />
              {group.deliverBy === null ? null : (
                <>
                  {' · '}
                  {t.deliverBy} <At view={view} at={new Date(group.deliverBy)} />
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      {attempts.map(attempt => (
        <>
          <h3 class="panel-sub">
            {t.rule(ruleName(view, attempt.rule))} <span class="quiet">{attempt.decided ? t.decided : t.passed}</span>
          </h3>
          <Candidates view={view} attempt={attempt} />
        </>
      ))}
    </>
  )
}

/** A company has hundreds of locations at the most; the first ones tell what matters. */
const SHOWN_AT_ONCE = 10

/** The chosen ones first, then what could have been by its cost, then what was out. */
const rank = (one: Candidate): number => (one.chosen === true ? 0 : one.out === undefined ? 1 : 2)

function Candidates({ view, attempt }: { view: View; attempt: Attempt }) {
  const t = view.t.routing.why
  const sorted = attempt.candidates.toSorted((a, b) => rank(a) - rank(b) || (a.cost ?? 0) - (b.cost ?? 0))
  if (sorted.length <= SHOWN_AT_ONCE) return <CandidateTable view={view} rule={attempt.rule} candidates={sorted} />
  return (
    <>
      <CandidateTable view={view} rule={attempt.rule} candidates={sorted.slice(0, SHOWN_AT_ONCE)} />
      <details class="panel-body">
        <summary>{t.more(number(sorted.length - SHOWN_AT_ONCE, view.language))}</summary>
        <CandidateTable view={view} rule={attempt.rule} candidates={sorted.slice(SHOWN_AT_ONCE)} />
      </details>
    </>
  )
}

function CandidateTable({ view, rule, candidates }: { view: View; rule: string; candidates: readonly Candidate[] }) {
  const t = view.t.routing.why
  return (
    <Table label={t.rule(ruleName(view, rule))} isStacked>
      <thead>
        <tr>
          <th>{t.place}</th>
          <th>{t.outcome}</th>
          <th class="num">{t.cost}</th>
          <th>{t.counts}</th>
          <th class="num">{t.has}</th>
          <th>{t.ready}</th>
        </tr>
      </thead>
      <tbody>
        {candidates.map(one => (
          <tr class={one.chosen === true ? 'chosen' : one.out === undefined ? undefined : 'ended'}>
            <th scope="row">
              {one.place}
              {one.km == null ? null : <span class="sub">{view.t.routing.whatIf.km(number(one.km, view.language))}</span>}
            </th>
            <td data-label={t.outcome}>
              {one.chosen === true ? <State view={view} state="applied" text={t.chosen} /> : outcomeWords(view, one)}
            </td>
            <td class={one.cost === undefined ? 'num nothing' : 'num'} data-label={t.cost}>
              {one.cost === undefined ? null : one.cost.toFixed(2)}
              {one.perUnit === undefined || one.perUnit === 0 ? null : <span class="sub">{t.perUnit(one.perUnit.toFixed(2))}</span>}
            </td>
            <td class={one.score === undefined ? 'nothing' : 'quiet'} data-label={t.counts}>
              {listed(
                RANKS.flatMap(by => (one.score?.[by] === undefined ? [] : [`${t.measures[by]} ${one.score[by].toFixed(2)}`])),
                view.language,
              )}
            </td>
            <td class={one.has === undefined ? 'num nothing' : 'num'} data-label={t.has}>
              {one.has === undefined ? null : number(one.has, view.language)}
            </td>
            <td class={one.readyBy === undefined ? 'nothing' : ''} data-label={t.ready}>
              {one.readyBy === undefined ? null : <At view={view} at={new Date(one.readyBy)} />}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

function outcomeWords(view: View, one: Candidate): string {
  const t = view.t.routing.why
  if (one.out === undefined) return one.lost === undefined ? '' : t.lost[one.lost]
  if (one.out === 'distance' && one.detail === 'unknown') return t.unknownFar
  return one.detail === undefined ? t.out[one.out] : `${t.out[one.out]} (${one.detail})`
}
