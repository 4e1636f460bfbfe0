import type { DryField } from '../../../../db/dry-run.ts'
import type { GuardAhead } from '../../../../db/price-lists.ts'
import type { DryOutcome } from '../../../usecases/dry-run.ts'
import type { TurnForecast } from '../../../usecases/forecast-schedule.ts'
import { documentText, number } from '../../format.ts'
import { Empty, Table } from '../../parts/panel.tsx'
import { State } from '../../parts/state.tsx'
import { At } from '../../parts/time.tsx'
import type { View } from '../../view.ts'

/** What a change would do: what each channel would show, what would be refused or held back, calls and time; or why it would be refused. */
export type Preview =
  | {
      readonly kind: 'outcome'
      readonly outcome: DryOutcome
      readonly forecast: readonly TurnForecast[]
      /** What the guard would hold when the list begins. */
      readonly ahead?: readonly GuardAhead[]
      /** Nobody knows that, as there is too much of it. */
      readonly unjudged?: boolean
    }
  | { readonly kind: 'refused'; readonly words: string }

/** `title`: what it is of; that of an approval unless told. */
export function PreviewPart({ view, preview, title }: { view: View; preview: Preview; title?: string }) {
  const t = view.t.prices
  if (preview.kind === 'refused') {
    return (
      <p class="panel-note tone-bad" role="alert" id="preview">
        {t.dry.refusedNow}: {preview.words}
      </p>
    )
  }
  const { outcome, forecast, ahead = [], unjudged = false } = preview
  const changing = outcome.fields.filter(field => field.changed > 0)
  const nothing = outcome.turns.length + outcome.fallsAway.length === 0 ? t.dry.nothing : t.dry.nothingNow
  return (
    <div id="preview">
      <h3 class="panel-sub">{title ?? t.approve.preview}</h3>
      <p class="panel-note">
        {t.dry.touched(number(outcome.touched, view.language))} {t.approve.previewHint}
      </p>
      {changing.length === 0 ? <Empty text={nothing} /> : <Fields view={view} fields={changing} />}
      {outcome.accounts.length === 0 ? null : <Accounts view={view} accounts={outcome.accounts} />}
      {outcome.turns.map(turn => (
        <>
          <h3 class="panel-sub">
            {t.dry.turns} <At view={view} at={new Date(turn.at)} />
          </h3>
          <Fields view={view} fields={turn.fields} turn={turn.at} />
          {turn.accounts.length === 0 ? null : <Accounts view={view} accounts={turn.accounts} turn={turn.at} />}
        </>
      ))}
      {outcome.fallsAway.map(fall => (
        <div class="panel-note tone-wait" id={idOf('falls', fall.channel, fall.at)}>
          <p>
            <b>{t.dry.fallsAway(fall.channel, number(fall.listings, view.language))}</b> <At view={view} at={new Date(fall.at)} />
          </p>
          {fall.examples.slice(0, 3).map(({ sku, planned, stays }) => (
            <span class="sub">
              {t.dry.planned(
                sku,
                planned === null ? t.dry.noPrice : shown(view, planned),
                stays === null ? t.dry.noPrice : shown(view, stays),
              )}
            </span>
          ))}
        </div>
      ))}
      {outcome.later === 0 ? null : <p class="panel-note">{t.dry.later(number(outcome.later, view.language))}</p>}
      {forecast.length === 0 ? null : <Forecast view={view} forecast={forecast} />}
      {ahead.map(one => (
        <Ahead view={view} one={one} />
      ))}
      {unjudged ? <p class="panel-note tone-wait">{t.approve.unjudged}</p> : null}
    </div>
  )
}

function Ahead({ view, one }: { view: View; one: GuardAhead }) {
  const t = view.t.prices
  const count = (value: number) => number(value, view.language)
  return (
    <div class="panel-note tone-wait" id={`ahead-${one.channel}`}>
      <p>
        <b>{t.approve.heldAhead(one.channel, count(one.held))}</b> <At view={view} at={new Date(one.at)} />
      </p>
      {one.changed === 0 ? null : <p>{t.approve.limitAhead(count(one.changed), count(one.allowed ?? 0), count(one.listings))}</p>}
      {one.dropped === 0 ? null : <p>{t.approve.dropAhead(count(one.dropped), one.dropPercent ?? '')}</p>}
      {one.examples.slice(0, 3).map(example => (
        <span class="sub">
          {t.dry.arrow(example.sku, shown(view, example.before), shown(view, example.after))} <b>{t.dry.verdicts[example.limit]}</b>
        </span>
      ))}
    </div>
  )
}

const held = ({ quarantined }: DryField): number => Object.values(quarantined).reduce((sum, n) => sum + n, 0)

/** The id of a row, of now or of an instant to come: each once in a page. */
const idOf = (what: string, name: string, turn: string | undefined): string =>
  turn === undefined ? `${what}-${name}` : `${what}-${name}-${turn}`

function Fields({ view, fields, turn }: { view: View; fields: readonly DryField[]; turn?: string }) {
  const t = view.t.prices.dry
  const cell = (label: string, value: number, look = '') => (
    <td class={value === 0 ? 'num zero' : `num ${look}`} data-label={label}>
      {number(value, view.language)}
    </td>
  )
  return (
    <Table label={view.t.prices.approve.preview} isStacked>
      <thead>
        <tr>
          <th>{t.channel}</th>
          <th class="num">{t.changed}</th>
          <th class="num">{t.goes}</th>
          <th class="num">{t.held}</th>
          <th class="num">{t.refused}</th>
          <th class="num">{t.off}</th>
          <th>{t.examples}</th>
        </tr>
      </thead>
      <tbody>
        {fields.map(field => (
          <tr id={idOf('dry', field.channel, turn)}>
            <th scope="row">{field.channel}</th>
            {cell(t.changed, field.changed, 'strong')}
            {cell(t.goes, field.goes)}
            {cell(t.held, held(field), 'count-refused')}
            {cell(t.refused, field.refused, 'count-refused')}
            {cell(t.off, field.off)}
            <td data-label={t.examples}>
              {field.examples.slice(0, 3).map(example => (
                <span class="sub">
                  {t.arrow(example.sku, shown(view, example.before), example.after === null ? t.noPrice : shown(view, example.after))}
                  {example.verdict === 'goes' ? null : <b> {t.verdicts[example.verdict]}</b>}
                </span>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const shown = (view: View, value: Readonly<Record<string, unknown>>): string =>
  documentText(value, view.language, view.t.sku.shown.salePrice)

function Accounts({ view, accounts, turn }: { view: View; accounts: DryOutcome['accounts']; turn?: string }) {
  const t = view.t.prices.dry
  return (
    <Table label={t.calls} isStacked>
      <thead>
        <tr>
          <th>{t.account}</th>
          <th class="num">{t.calls}</th>
          <th class="num">{t.time}</th>
        </tr>
      </thead>
      <tbody>
        {accounts.map(account => (
          <tr id={idOf('calls', account.account, turn)}>
            <th scope="row">{account.account}</th>
            <td class="num" data-label={t.calls}>
              {account.calls === null ? t.unknown : number(account.calls, view.language)}
            </td>
            <td class="num" data-label={t.time}>
              {account.seconds === null ? t.unknown : durationText(view, account.seconds)}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const MINUTES_FROM_S = 120

/** A duration as people read it. */
export function durationText(view: View, seconds: number): string {
  const t = view.t.prices.dry
  return seconds < MINUTES_FROM_S ? t.seconds(number(seconds, view.language)) : t.minutes(number(Math.ceil(seconds / 60), view.language))
}

function Forecast({ view, forecast }: { view: View; forecast: readonly TurnForecast[] }) {
  const t = view.t.prices.forecast
  return (
    <Table label={t.title} isStacked>
      <thead>
        <tr>
          <th>{t.at}</th>
          <th>{t.channel}</th>
          <th class="num">{t.listings}</th>
          <th class="num">{t.calls}</th>
          <th>{t.done}</th>
        </tr>
      </thead>
      <tbody>
        {forecast.map(one => (
          <tr>
            <td data-label={t.at}>
              <At view={view} at={new Date(one.at)} />
            </td>
            <th scope="row">{one.channel}</th>
            <td class="num" data-label={t.listings}>
              {number(one.listings, view.language)}
            </td>
            <td class="num" data-label={t.calls}>
              {number(one.calls, view.language)}
            </td>
            <td data-label={t.done}>
              {one.isOnTime ? <State view={view} state="applied" text={t.onTime} /> : <At view={view} at={new Date(one.lastAt)} />}
              {one.datesSentAhead ? <span class="sub">{t.dates}</span> : null}
              {one.showsWithinS === 0 ? null : <span class="sub">{t.showsWithin(number(Math.ceil(one.showsWithinS), view.language))}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
