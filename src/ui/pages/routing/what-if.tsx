import type { Elsewhere, Figures, PlaceCompared, Whither } from '../../../domain/fulfilment/compare-routes.ts'
import type { WhatIf } from '../../../usecases/what-if.ts'
import { listed, number, signed } from '../../format.ts'
import { Panel, Table } from '../../parts/panel.tsx'
import { At } from '../../parts/time.tsx'
import type { View } from '../../view.ts'

export const DAY_CHOICES = [1, 7, 14, 28] as const

/** What was compared, over how many days; nothing yet where `answer` is null. */
export type CompareState = { readonly days: number; readonly answer: WhatIf | null }

export function DaysChoice({ view, days }: { view: View; days: number }) {
  const t = view.t.routing.whatIf
  return (
    <label class="field small">
      <span class="field-label">{t.days}</span>
      <select name="days">
        {DAY_CHOICES.map(one => (
          <option value={`${one}`} selected={one === days}>
            {t.dayCount(number(one, view.language))}
          </option>
        ))}
      </select>
    </label>
  )
}

/** Where the comparison stands: both sides beside one another, the load of each location, and the orders that would go elsewhere. */
export function Comparison({ view, state }: { view: View; state: CompareState }) {
  return (
    <div id="what-if" aria-live="polite" data-broken={view.t.routing.whatIf.brokeOff}>
      {state.answer === null ? null : <Compared view={view} answer={state.answer} />}
    </div>
  )
}

export function Compared({ view, answer }: { view: View; answer: WhatIf }) {
  const t = view.t.routing.whatIf
  const { decisions, elsewhere, sources } = answer
  return (
    <>
      <Panel
        id="compared"
        title={t.title}
        aside={
          <>
            <At view={view} at={answer.from} /> – <At view={view} at={answer.until} />
          </>
        }
      >
        <p class="panel-note strong">{decisions === 0 ? t.none : elsewhere === 0 ? t.same(decisions) : t.differs(elsewhere, decisions)}</p>
        {decisions === 0 ? null : <Sides view={view} answer={answer} />}
        {decisions === 0 || answer.earlier + answer.later === 0 ? null : (
          <p class="panel-note">{t.promises(answer.earlier, answer.later)}</p>
        )}
        <p class="panel-note">
          {t.sources(sources.kept, sources.ledger)}
          {sources.only + sources.forgotten + sources.later + sources.untold === 0 ? null : ` ${t.stay(sources)}`} {t.cost} {t.unknown}
        </p>
      </Panel>
      {decisions === 0 ? null : (
        <div class="columns even">
          <Loads view={view} places={answer.places} />
          {elsewhere === 0 ? null : <Orders view={view} orders={answer.orders} all={elsewhere} />}
        </div>
      )}
    </>
  )
}

type Measure = { readonly of: keyof Figures; readonly shown: (value: number) => string; readonly better: 'less' | 'more' | null }

function Sides({ view, answer }: { view: View; answer: WhatIf }) {
  const t = view.t.routing.whatIf
  const whole = (value: number): string => number(value, view.language)
  const measures: readonly Measure[] = [
    { of: 'splits', shown: whole, better: 'less' },
    { of: 'groups', shown: whole, better: 'less' },
    { of: 'unplacedUnits', shown: whole, better: 'less' },
    { of: 'cost', shown: value => value.toFixed(2), better: 'less' },
    { of: 'kmPerParcel', shown: value => t.km(whole(value)), better: 'less' },
    { of: 'hoursPromised', shown: value => t.hours(value.toFixed(1)), better: 'less' },
    { of: 'keptShare', shown: value => `${(value * 100).toFixed(1)} %`, better: 'more' },
  ]
  return (
    <Table label={t.title} isStacked>
      <thead>
        <tr>
          <th>{t.figure}</th>
          <th class="num">{t.was}</th>
          <th class="num">{t.would}</th>
          <th class="num">{t.change}</th>
        </tr>
      </thead>
      <tbody>
        {measures.map(({ of, shown, better }) => {
          const [was, would] = [answer.was[of], answer.would[of]]
          const by = was === null || would === null ? 0 : would - was
          const look = by === 0 || better === null ? 'zero' : by < 0 === (better === 'less') ? 'better' : 'worse'
          return (
            <tr id={`figure-${of}`}>
              <th scope="row">
                {t.figures[of]}
                {of === 'keptShare' && was !== null ? <span class="sub">{t.judged(answer.judged)}</span> : null}
              </th>
              <td class="num" data-label={t.was}>
                {was === null ? '–' : shown(was)}
              </td>
              <td class="num strong" data-label={t.would}>
                {would === null ? '–' : shown(would)}
                {of === 'keptShare' && would !== null ? <span class="sub">{t.expected}</span> : null}
              </td>
              <td class={`num ${look}`} data-label={t.change}>
                {by === 0 ? '=' : `${by > 0 ? '+' : '−'}${shown(Math.abs(by))}`}
              </td>
            </tr>
          )
        })}
      </tbody>
    </Table>
  )
}

function Loads({ view, places }: { view: View; places: readonly PlaceCompared[] }) {
  const t = view.t.routing.whatIf
  const cell = (label: string, value: number) => (
    <td class={value === 0 ? 'num zero' : 'num'} data-label={label}>
      {number(value, view.language)}
    </td>
  )
  return (
    <Panel id="loads" title={t.load}>
      <Table label={t.load} isStacked>
        <thead>
          <tr>
            <th>{t.place}</th>
            <th class="num">{t.was}</th>
            <th class="num">{t.would}</th>
            <th class="num">{t.change}</th>
            <th class="num">{t.fullest}</th>
          </tr>
        </thead>
        <tbody>
          {places.map(place => (
            <tr id={`load-${place.place}`}>
              <th scope="row">
                {place.place}
                {place.ordersPerDay === null ? null : <span class="sub">{t.mayTake(number(place.ordersPerDay, view.language))}</span>}
              </th>
              {cell(t.was, place.was.orders)}
              {cell(t.would, place.would.orders)}
              <td class={place.would.orders === place.was.orders ? 'num zero' : 'num strong'} data-label={t.change}>
                {signed(place.would.orders - place.was.orders, view.language) || '='}
              </td>
              <td class="num" data-label={t.fullest}>
                {number(place.was.fullestDay?.orders ?? 0, view.language)} → {number(place.would.fullestDay?.orders ?? 0, view.language)}
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  )
}

/** Enough to see what kind of orders they are; the API answers more. */
const ORDERS_SHOWN = 20

function Orders({ view, orders, all }: { view: View; orders: readonly Elsewhere[]; all: number }) {
  const t = view.t.routing.whatIf
  const shown = orders.slice(0, ORDERS_SHOWN)
  const whither = (places: readonly Whither[]) =>
    places.length === 0 ? (
      <span class="reason">{t.nowhere}</span>
    ) : (
      listed(
        places.map(one => `${one.place} ${number(one.units, view.language)}`),
        view.language,
      )
    )
  return (
    <Panel id="elsewhere" title={t.elsewhere} aside={shown.length < all ? t.firstOf(shown.length, all) : undefined}>
      <Table label={t.elsewhere} isStacked>
        <thead>
          <tr>
            <th>{t.order}</th>
            <th>{t.was}</th>
            <th>{t.would}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(order => (
            <tr>
              <th scope="row" class="keep">
                <a href={`/orders/${order.orderId}`}>{order.number}</a>
              </th>
              <td data-label={t.was}>
                {whither(order.was)}
                {order.promiseWas === null ? null : (
                  <span class="sub">
                    <At view={view} at={order.promiseWas} />
                  </span>
                )}
              </td>
              <td data-label={t.would}>
                {whither(order.would)}
                {order.promiseWould === null ? null : (
                  <span class="sub">
                    <At view={view} at={order.promiseWould} />
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  )
}
