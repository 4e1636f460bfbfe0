import type { PlaceShown } from '../../../../db/pages-places.ts'
import type { PostalCountry } from '../../../../db/postal-areas.ts'
import { listed, number } from '../../format.ts'
import { hoursText, WEEKDAYS } from '../../forms/place-given.ts'
import { Layout } from '../../parts/layout.tsx'
import { OrderTabs } from '../../parts/order-tabs.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Rows } from '../../parts/rows.tsx'
import type { View } from '../../view.ts'
import { PostalCodes } from './postal-codes.tsx'

/** Locations as places where orders are handed over: what each does, when, how much, and how full today is. */
type Given = { view: View; places: readonly PlaceShown[]; countries: readonly PostalCountry[] }

export function PlacesPage({ view, places, countries }: Given) {
  const t = view.t.routing.places
  const count = (n: number): string => number(n, view.language)
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
        <p class="lead">{t.lead}</p>
      </div>
      <OrderTabs view={view} current="places" />
      <Panel id="places" title={t.title} aside={count(places.length)}>
        <Rows
          label={t.title}
          rows={places}
          id={place => `place-${place.code}`}
          isOver={place => !place.active}
          isStacked
          empty={t.none}
          columns={[
            {
              head: t.location,
              names: true,
              cell: place => (
                <>
                  <a href={`/orders/places/${encodeURIComponent(place.code)}`}>{place.name}</a>
                  <span class="sub">
                    {place.name === place.code ? '' : `${place.code} · `}
                    {view.t.kinds[place.kind]}
                    {place.country === null ? '' : ` · ${place.country}`}
                  </span>
                </>
              ),
            },
            {
              head: t.does,
              cell: place => {
                const does = [...(place.ships ? [t.ships] : []), ...(place.collects ? [t.collects] : [])]
                return does.length === 0 ? <span class="quiet">{t.nothing}</span> : listed(does, view.language)
              },
            },
            { head: t.open, cell: place => <OpenWords view={view} place={place} /> },
            {
              head: t.cutOff,
              cell: place => place.cutOff ?? <span class="quiet">–</span>,
            },
            {
              head: t.lead2,
              look: 'num',
              cell: place => t.minutes(count(place.leadMinutes)),
            },
            {
              head: t.today,
              look: 'num',
              cell: place => (
                <>
                  <b class={place.ordersPerDay !== null && place.orders >= place.ordersPerDay ? 'count-refused' : undefined}>
                    {count(place.orders)}
                    {place.ordersPerDay === null ? '' : ` / ${count(place.ordersPerDay)}`}
                  </b>
                  <span class="sub">
                    {t.units(place.unitsPerDay === null ? count(place.units) : `${count(place.units)} / ${count(place.unitsPerDay)}`)}
                  </span>
                </>
              ),
            },
            {
              head: t.closed,
              cell: place => (
                <>
                  {place.closed.length === 0 ? <span class="quiet">–</span> : listed(place.closed, view.language)}
                  {place.holidaysOf === null ? null : <span class="sub">{t.publicHolidays(place.holidaysOf)}</span>}
                </>
              ),
            },
            {
              head: t.pool,
              look: 'quiet',
              cell: place =>
                listed(
                  place.pools.map(pool => `${pool.channel} ${count(pool.position)}`),
                  view.language,
                ) || '–',
            },
          ]}
        />
      </Panel>
      <PostalCodes view={view} countries={countries} />
    </Layout>
  )
}

/** Days that are open alike stand together: `Mon–Fri 09:00-18:00`. */
function OpenWords({ view, place }: { view: View; place: PlaceShown }) {
  const t = view.t.routing.places
  if (place.hours === null) return <span class="quiet">{t.always}</span>
  const spans: { from: number; to: number; text: string }[] = []
  for (const [n, day] of WEEKDAYS.entries()) {
    const text = hoursText(place.hours, day)
    const last = spans.at(-1)
    if (text === '') continue
    if (last !== undefined && last.text === text && last.to === n - 1) last.to = n
    else spans.push({ from: n, to: n, text })
  }
  if (spans.length === 0) return <span class="quiet">{t.never}</span>
  const name = (n: number): string => t.short[WEEKDAYS[n] ?? '1']
  return (
    <>
      {spans.map(({ from, to, text }) => (
        <span class="shown-in">
          {from === to ? name(from) : `${name(from)}–${name(to)}`} {text}
        </span>
      ))}
    </>
  )
}
