import type { PriceTurn } from '../../../../db/pages-price-calendar.ts'
import type { TurnForecast } from '../../../usecases/forecast-schedule.ts'
import { minute, money, number } from '../../format.ts'
import { Layout } from '../../parts/layout.tsx'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import { PriceTabs } from '../../parts/price-tabs.tsx'
import { State } from '../../parts/state.tsx'
import { At } from '../../parts/time.tsx'
import type { View } from '../../view.ts'
import { audienceText } from './told.ts'

/** How far ahead it looks. */
export const CALENDAR_DAYS = 30
/** Typed prices that are named of one instant. */
const NAMED_MOST = 8

export type Calendar = { readonly turns: readonly PriceTurn[]; readonly forecast: readonly TurnForecast[]; readonly waiting: number }

/** What begins and ends in the coming days, by instant, and when each channel shows it. */
export function CalendarPage({ view, calendar }: { view: View; calendar: Calendar }) {
  const t = view.t.prices
  const { turns, forecast, waiting } = calendar
  const instants = [...new Set(turns.map(turn => turn.at))]
  return (
    <Layout view={view} title={t.calendar.title}>
      <div class="page-head">
        <h1>{t.calendar.title}</h1>
        <p class="lead">
          {t.calendar.lead(CALENDAR_DAYS)}
          {waiting === 0 ? null : (
            <>
              {' · '}
              <a href="/prices?show=waiting">{t.calendar.waiting(number(waiting, view.language))}</a>
            </>
          )}
        </p>
      </div>
      <PriceTabs view={view} current="calendar" />
      <Panel id="turns" title={t.calendar.title}>
        {turns.length === 0 ? (
          <Empty text={t.calendar.none(CALENDAR_DAYS)} />
        ) : (
          <Table label={t.calendar.title} isStacked>
            <thead>
              <tr>
                <th>{t.calendar.when}</th>
                <th>{t.calendar.what}</th>
                <th>{t.calendar.who}</th>
                <th>{t.calendar.channels}</th>
              </tr>
            </thead>
            <tbody>
              {instants.map(at => (
                <Instant
                  view={view}
                  at={at}
                  turns={turns.filter(turn => turn.at === at)}
                  forecast={forecast.filter(one => Date.parse(one.at) === Date.parse(at))}
                />
              ))}
            </tbody>
          </Table>
        )}
      </Panel>
    </Layout>
  )
}

type InstantGiven = {
  readonly view: View
  readonly at: string
  readonly turns: readonly PriceTurn[]
  readonly forecast: readonly TurnForecast[]
}

function Instant({ view, at, turns, forecast }: InstantGiven) {
  const t = view.t.prices.calendar
  const lists = turns.filter(turn => turn.list !== null)
  const typed = turns.filter(turn => turn.list === null)
  const named = [...lists, ...typed.slice(0, NAMED_MOST)]
  const left = typed.length - Math.min(typed.length, NAMED_MOST)
  return (
    <>
      {named.map((turn, index) => (
        <tr>
          {index === 0 ? (
            <td data-label={t.when} rowspan={named.length} class="keep">
              <At view={view} at={new Date(at)} />
            </td>
          ) : null}
          <th scope="row">
            <State view={view} state={turn.edge === 'begins' ? 'active' : 'gone'} text={t[turn.edge]} /> <What view={view} turn={turn} />
            {index === named.length - 1 && left > 0 ? <span class="sub">{t.more(number(left, view.language))}</span> : null}
          </th>
          <td data-label={t.who}>
            {turn.audience === null ? (turn.channel ?? view.t.prices.audiences.everyone) : audienceText(view, turn.audience)}
          </td>
          {index === 0 ? (
            <td data-label={t.channels} rowspan={named.length}>
              {forecast.length === 0 ? <span class="quiet">{t.noForecast}</span> : null}
              {forecast.map(one => (
                <span class="shows">{forecastText(view, one)}</span>
              ))}
            </td>
          ) : null}
        </tr>
      ))}
    </>
  )
}

function What({ view, turn }: { view: View; turn: PriceTurn }) {
  const t = view.t.prices.calendar
  if (turn.list === null) {
    return (
      <>
        <a href={`/skus/${encodeURIComponent(turn.sku ?? '')}/prices`}>{t.typed(turn.sku ?? '')}</a>
        <span class="sub">{money(turn.amount, turn.currency)}</span>
      </>
    )
  }
  const kind = turn.kind === null ? '' : view.t.prices.kinds[turn.kind]
  return (
    <>
      <a href={`/prices/lists/${encodeURIComponent(turn.list)}`}>{turn.list}</a>
      <span class="sub">{`${turn.title ?? ''} · ${kind} · ${t.skus} ${number(turn.entries, view.language)}`}</span>
    </>
  )
}

function forecastText(view: View, { channel, listings, isOnTime, lastAt }: TurnForecast): string {
  const t = view.t.prices.calendar
  const count = number(listings, view.language)
  return isOnTime ? t.onTime(channel, count) : t.late(channel, count, `${minute(new Date(lastAt))} UTC`)
}
