import { HAND_OVERS, type OrderExchange } from '../../../db/exchanges.ts'
import type { OrderReturn } from '../../../db/order-life.ts'
import type { OrderHead, OrderLine } from '../../../db/pages-orders.ts'
import { LOOKED } from '../../usecases/change-order.ts'
import { money } from '../format.ts'
import { Field, WriteForm } from '../parts/form.tsx'
import { Panel } from '../parts/panel.tsx'
import { Rows } from '../parts/rows.tsx'
import { OrderStateMark } from '../parts/state.tsx'
import { At } from '../parts/time.tsx'
import type { View } from '../view.ts'

/** How the goods that come back are: to come yet, or here with what the look at them said. */
export const BACK = ['announced', ...LOOKED] as const

export type OrderExchanges = {
  readonly exchanges: readonly OrderExchange[]
  /** The order whose goods come back for this one; null where its channel sold it. */
  readonly exchangeOf: { readonly id: number; readonly number: string } | null
  readonly returns: readonly OrderReturn[]
  /** Places that goods may come back to, or be handed over at. */
  readonly locations: readonly { readonly code: string; readonly name: string }[]
}

/** What this order goes out for, and what goes out for goods of it. */
export function Exchanges({ view, head, given }: { view: View; head: OrderHead; given: OrderExchanges }) {
  const t = view.t.exchange
  const { exchanges, exchangeOf } = given
  if (exchanges.length === 0 && exchangeOf === null) return null
  return (
    <Panel id="exchanges" title={t.title}>
      {exchangeOf === null ? null : (
        <p class="panel-body">
          <a href={`/orders/${exchangeOf.id}`}>{t.of(exchangeOf.number)}</a>
        </p>
      )}
      {exchanges.length === 0 ? null : (
        <Rows
          label={t.title}
          rows={exchanges}
          id={one => `exchange-${one.replacementId}`}
          isStacked
          empty=""
          columns={[
            { head: t.goesOut, names: true, cell: one => <a href={`/orders/${one.replacementId}`}>{one.number}</a> },
            { head: t.state, cell: one => <OrderStateMark view={view} state={one.state} /> },
            {
              head: t.back,
              cell: one => (
                <>
                  {t.returnStates[one.returnState]}
                  {one.waits && one.state === 'held' ? <Waiting view={view} exchange={one} /> : null}
                </>
              ),
            },
            { head: t.by, cell: one => (one.returnBy === null ? '–' : <At view={view} at={one.returnBy} />) },
            { head: t.difference, look: 'num', cell: one => (Number(one.difference) === 0 ? '–' : money(one.difference, head.currency)) },
          ]}
        />
      )}
    </Panel>
  )
}

/** What an exchange waits for, and what becomes of it where only some goods came back. */
function Waiting({ view, exchange }: { view: View; exchange: OrderExchange }) {
  const t = view.t.exchange
  const { came, announced, goesOn } = exchange
  if (came === 0) return <span class="sub">{t.waits}</span>
  return (
    <>
      <span class="sub">{t.part(came, announced)}</span>
      <span class="sub">{goesOn === null ? t.partByHand : t.partByRule(goesOn)}</span>
    </>
  )
}

/** To exchange goods that are with the buyer, and to say that expected ones came, or will not. */
export function ExchangeForms({
  view,
  head,
  lines,
  given,
}: {
  view: View
  head: OrderHead
  lines: readonly OrderLine[]
  given: OrderExchanges
}) {
  const expected = given.returns.filter(one => one.state === 'announced')
  const out = lines.filter(line => line.shipped > line.returned)
  return (
    <div class="columns even">
      {out.length === 0 ? null : <Exchanging view={view} head={head} lines={out} given={given} />}
      {expected.map(one => (
        <Expected view={view} head={head} lines={lines} given={given} expected={one} />
      ))}
    </div>
  )
}

type FormGiven = { view: View; head: OrderHead; lines: readonly OrderLine[]; given: OrderExchanges }

function Exchanging({ view, head, lines, given }: FormGiven) {
  const t = view.t.exchange
  return (
    <Panel id="exchange" title={t.exchange}>
      <div class="panel-body">
        <WriteForm view={view} action={`/orders/${head.id}/exchange`} id={`exchange-${given.returns.length}-${lines.length}`}>
          <p class="quiet">{t.hint}</p>
          {lines.map(line => (
            <div class="form-row top">
              <Field label={t.units(line.sku ?? line.channelSku)} class="wide">
                <input name={`back-${line.id}`} inputmode="numeric" maxlength={7} />
              </Field>
              <Field label={t.against}>
                <input name={`sku-${line.id}`} maxlength={60} />
              </Field>
              <Field label={t.goUnits} hint={t.goUnitsHint}>
                <input name={`units-${line.id}`} inputmode="numeric" maxlength={7} />
              </Field>
            </div>
          ))}
          <div class="form-row">
            <Field label={t.how}>
              <select name="how" required>
                {BACK.map(how => (
                  <option value={how}>{t.hows[how]}</option>
                ))}
              </select>
            </Field>
            <Place label={t.where} name="location" given={given} />
          </div>
          <div class="form-row top">
            <Field label={t.handOver}>
              <select name="handOver" required>
                {HAND_OVERS.map(how => (
                  <option value={how}>{t.handOvers[how]}</option>
                ))}
              </select>
            </Field>
            <Place label={t.store} name="store" given={given} empty={t.sameStore} hint={t.storeHint} />
          </div>
          <div class="form-row top">
            <Field label={t.returnBy}>
              <input name="returnBy" type="date" />
            </Field>
            <Field label={t.difference} hint={t.differenceHint(head.currency)}>
              <input name="difference" inputmode="decimal" maxlength={20} />
            </Field>
          </div>
          <label class="check">
            <input type="checkbox" name="waits" value="yes" /> {t.wait}
          </label>
          <Field label={view.t.orders.reason}>
            <input name="reason" maxlength={200} />
          </Field>
          <button type="submit">{t.exchange}</button>
        </WriteForm>
      </div>
    </Panel>
  )
}

function Place({ label, name, given, empty, hint }: { label: string; name: string; given: OrderExchanges; empty?: string; hint?: string }) {
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      <select name={name} required={empty === undefined}>
        {empty === undefined ? null : <option value="">{empty}</option>}
        {given.locations.map(location => (
          <option value={location.code}>{location.name}</option>
        ))}
      </select>
    </Field>
  )
}

function Expected({ view, head, lines, given, expected }: FormGiven & { expected: OrderReturn }) {
  const t = view.t.exchange
  const life = view.t.orderLife
  const isExchanged = given.exchanges.some(one => one.returnId === expected.id)
  return (
    <Panel id={`expected-${expected.id}`} title={t.expected(expected.id)}>
      <div class="panel-body">
        <WriteForm view={view} action={`/orders/${head.id}/return`} id={`expected-form-${expected.id}`}>
          {isExchanged ? <p class="quiet">{t.expectedHint}</p> : null}
          <input type="hidden" name="return" value={expected.id} />
          <Place label={t.where} name="location" given={given} />
          {expected.lines.map(({ lineId, announced }) => {
            const line = lines.find(one => one.id === lineId)
            return (
              <div class="form-row">
                {(['stock', 'aside', 'scrap'] as const).map(to => (
                  <Field
                    label={to === 'stock' ? life.toStock(line?.sku ?? line?.channelSku ?? '') : to === 'aside' ? life.aside : life.scrapped}
                  >
                    <input name={`${to}-${lineId}`} inputmode="numeric" maxlength={7} value={to === 'stock' ? announced : ''} />
                  </Field>
                ))}
              </div>
            )
          })}
          <button type="submit" class="main">
            {t.came}
          </button>
        </WriteForm>
        <WriteForm view={view} action={`/orders/${head.id}/returns/${expected.id}/cancel`} id={`stays-away-${expected.id}`}>
          {isExchanged ? <p class="quiet">{t.notComingHint}</p> : null}
          <button type="submit" class="danger">
            {t.notComing}
          </button>
        </WriteForm>
      </div>
    </Panel>
  )
}
