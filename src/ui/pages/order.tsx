import type { OrderAct, OrderHead, OrderLine } from '../../../db/pages-orders.ts'
import type { ProposedSubstitute } from '../../../db/substitutes.ts'
import { type AmountsShown, pricePerUnit } from '../../usecases/order-amounts.ts'
import type { PlatformFacts } from '../deps.ts'
import { money, number } from '../format.ts'
import { Facts } from '../parts/facts.tsx'
import { Layout } from '../parts/layout.tsx'
import { LiveMark } from '../parts/live-mark.tsx'
import { Panel, Table } from '../parts/panel.tsx'
import { Refreshed } from '../parts/refreshed.tsx'
import { OrderStateMark } from '../parts/state.tsx'
import { At } from '../parts/time.tsx'
import { may, type View } from '../view.ts'
import { Actions, Acts } from './order-acts.tsx'
import { Amounts } from './order-amounts.tsx'
import { Buyer, type OrderBuyer } from './order-buyer.tsx'
import { ExchangeForms, Exchanges, type OrderExchanges } from './order-exchange.tsx'
import { heldWords, Life, LifeForms, type OrderLife } from './order-life.tsx'
import { type OrderPickUp, PickUpForms } from './order-pick-up.tsx'
import { SubstituteForm } from './order-substitute.tsx'
import { platformWord } from './orders.tsx'
import { Why, type WhyGiven } from './routing/why.tsx'

type Given = {
  view: View
  head: OrderHead
  lines: readonly OrderLine[]
  /** Null where nobody told. */
  amounts: AmountsShown | null
  acts: readonly OrderAct[]
  /** What the rules allow instead of what is short. */
  proposed: readonly ProposedSubstitute[]
  /** What the platform takes; null where this program does not know it. */
  platform: PlatformFacts | null
  life: OrderLife
  pickUp: OrderPickUp
  /** Null for whoever may not see buyers' data. */
  buyer: OrderBuyer | null
  why: WhyGiven
  exchange: OrderExchanges
}

/** One order: what was ordered and what became of each unit, what was asked of the platform, and what can be done now. */
export function OrderPage({ view, head, lines, amounts, acts, proposed, platform, life, pickUp, buyer, why, exchange }: Given) {
  const t = view.t.orders
  // What goes out in exchange is an order of our own: no platform knows it.
  const isOurs = exchange.exchangeOf !== null
  return (
    <Layout view={view} title={t.order(head.number)} live={`order=${head.id}`}>
      <div class="page-head">
        <h1>{t.order(head.number)}</h1>
        <LiveMark view={view} />
      </div>
      <Refreshed view={view} name="order">
        <Panel id="facts" title={head.channelName} aside={<OrderStateMark view={view} state={head.state} />}>
          <Facts
            facts={[
              ...(isOurs ? [] : [[t.platformState, <span translate="no">{platformWord(view, head.platformState)}</span>] as const]),
              [t.total, money(head.total, head.currency)],
              [t.placed, <At view={view} at={head.placedAt} />],
              ...(head.shipBy === null ? [] : [[t.shipBy, <At view={view} at={head.shipBy} />] as const]),
              [t.booked, <At view={view} at={head.bookedAt} />],
              [t.changed, <At view={view} at={head.updatedAt} />],
              ...(isOurs ? [] : [[t.external, <span class="sku">{head.externalId}</span>] as const]),
            ]}
          />
          {head.state === 'held' ? <p class="panel-body reason">{heldWords(view, life.holds)}</p> : null}
        </Panel>
        <Lines view={view} head={head} lines={lines} amounts={amounts} />
        {amounts === null ? null : <Amounts view={view} currency={head.currency} lines={lines} amounts={amounts} />}
        <Exchanges view={view} head={head} given={exchange} />
        <Why view={view} {...why} />
        <Life view={view} life={life} />
        <Acts view={view} head={head} acts={acts} />
        {buyer === null ? null : <Buyer view={view} orderId={head.id} buyer={buyer} />}
      </Refreshed>
      {may(view, 'orders:write') ? (
        <Refreshed view={view} name="forms">
          <Actions view={view} head={head} lines={lines} acts={acts} platform={platform} isExchange={isOurs} />
          <SubstituteForm view={view} head={head} lines={lines} proposed={proposed} />
          <PickUpForms view={view} head={head} groups={life.groups} pickUp={pickUp} />
          <LifeForms view={view} head={head} lines={lines} life={life} />
          <ExchangeForms view={view} head={head} lines={lines} given={exchange} />
        </Refreshed>
      ) : null}
    </Layout>
  )
}

const quantities = ['ordered', 'reserved', 'short', 'shipped', 'cancelled', 'returned'] as const

function Lines({ view, head, lines, amounts }: Pick<Given, 'view' | 'head' | 'lines' | 'amounts'>) {
  const t = view.t.orders
  // Beside amounts with tax a price without it would seem a mistake: one basis for the whole page. Nobody told: as the platform states it.
  const price = amounts === null ? t.price : amounts.taxIncluded ? view.t.orderAmounts.unitWithTax : view.t.orderAmounts.unitWithoutTax
  const unit = ({ externalLineId, ordered, unitPrice }: OrderLine): string | null => {
    const charge = amounts?.lines[externalLineId]
    return charge === undefined ? (amounts === null ? unitPrice : null) : ordered === 0 ? null : pricePerUnit(charge, ordered)
  }
  return (
    <Panel id="lines" title={view.t.orderActs.lines}>
      <Table label={view.t.orderActs.lines} isStacked>
        <thead>
          <tr>
            <th>{t.line}</th>
            <th class="num">{price}</th>
            {quantities.map(quantity => (
              <th class="num">{t.quantities[quantity]}</th>
            ))}
            <th>{t.from}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(line => (
            <tr id={`line-${line.id}`}>
              <th scope="row">
                {line.sku === null ? (
                  <span class="sku">{line.channelSku}</span>
                ) : (
                  <a class="sku" href={`/skus/${encodeURIComponent(line.sku)}`}>
                    {line.sku}
                  </a>
                )}
                <span class="sub">{line.title}</span>
                {line.insteadOf === null ? null : <span class="sub">{view.t.orderLife.substitutes.insteadOf(soldSku(lines, line))}</span>}
                {line.substituted === 0 ? null : <span class="sub">{view.t.orderLife.substitutes.substituted(line.substituted)}</span>}
                {line.sku === null ? <span class="sub reason">{`${t.unmatched}. ${t.matchHint}`}</span> : null}
                {line.short > 0 && line.sku !== null ? <span class="sub reason">{causeText(view, line.shortCause)}</span> : null}
              </th>
              <td class="num" data-label={price}>
                {money(unit(line), head.currency)}
              </td>
              {quantities.map(quantity => (
                <td
                  class={`num${line[quantity] === 0 ? ' zero' : quantity === 'short' ? ' count-refused' : ''}`}
                  data-label={t.quantities[quantity]}
                  data-quantity={quantity}
                >
                  {number(line[quantity], view.language)}
                </td>
              ))}
              <td data-label={t.from} class={line.promised.length === 0 ? 'nothing' : ''}>
                {line.promised.map(place => (
                  <span class="shown-in">
                    {place.location} <b>{number(place.quantity, view.language)}</b>
                  </span>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  )
}

/** The SKU that was sold, instead of which a line is handed over. */
function soldSku(lines: readonly OrderLine[], line: OrderLine): string {
  const sold = lines.find(one => one.id === line.insteadOf)
  return sold?.sku ?? sold?.channelSku ?? ''
}

function causeText(view: View, cause: string | null): string {
  const { causes } = view.t.orders
  if (cause === null) return ''
  return cause !== 'other' && Object.hasOwn(causes, cause) ? causes[cause as Exclude<keyof typeof causes, 'other'>] : causes.other(cause)
}
