import type { ActKind } from '../../../connectors/contract.ts'
import type { OrderAct, OrderHead, OrderLine } from '../../../db/pages-orders.ts'
import { type LeftUnits, leftToHandOver, unitsIn } from '../../domain/orders/left.ts'
import { type ActCause, CANCEL_CAUSES, REFUND_CAUSES } from '../../values/act-cause.ts'
import type { PlatformFacts } from '../deps.ts'
import { actorName, money, number } from '../format.ts'
import { Field, WriteForm } from '../parts/form.tsx'
import { Empty, Panel, Table } from '../parts/panel.tsx'
import { State } from '../parts/state.tsx'
import { At } from '../parts/time.tsx'
import { may, type View } from '../view.ts'

/** What was asked of the platform, newest first, with its answer. */
export function Acts({ view, head, acts }: { view: View; head: OrderHead; acts: readonly OrderAct[] }) {
  const t = view.t.orders
  return (
    <Panel id="acts" title={t.acts}>
      {acts.length === 0 ? (
        <Empty text={t.noActs} />
      ) : (
        <Table label={t.acts} isStacked>
          <thead>
            <tr>
              <th>{t.asked}</th>
              <th>{t.by}</th>
              <th>{t.state}</th>
              <th class="num">{t.units}</th>
              <th>{t.tracking}</th>
              <th>{t.answer}</th>
            </tr>
          </thead>
          <tbody>
            {acts.map(act => (
              <tr id={`act-${act.id}`}>
                <th scope="row">
                  {view.t.orderActs.names[act.kind]}
                  {act.cause === null ? null : <span class="sub">{view.t.orderActs.causes[act.cause]}</span>}
                  <span class="sub">
                    <At view={view} at={act.createdAt} />
                  </span>
                </th>
                <td data-label={t.by}>{actorName(act.actor, view.t.actor.system)}</td>
                <td data-label={t.state}>
                  <State view={view} state={act.state} />
                </td>
                <td class="num" data-label={t.units}>
                  {number(act.units, view.language)}
                  {act.refunded === null ? null : <span class="sub">{money(act.refunded, head.currency)}</span>}
                </td>
                <td data-label={t.tracking} class={act.tracking === null ? 'nothing' : ''}>
                  {act.tracking === null ? <span class="quiet">–</span> : `${act.tracking.carrier} ${act.tracking.number}`}
                </td>
                <td data-label={t.answer} class={act.endedAt === null && act.reason === null ? 'nothing' : 'wide'}>
                  {act.endedAt === null ? null : <At view={view} at={act.endedAt} />}
                  {act.reason === null ? null : (
                    <span class={act.state === 'refused' ? 'sub reason' : 'sub'} translate="no">
                      {act.reason}
                    </span>
                  )}
                  {act.state === 'refused' && (act.kind === 'ship' || act.kind === 'cancel') ? (
                    <Again view={view} head={head} act={act} />
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Panel>
  )
}

/** The books have moved already: what is left is that the platform takes it, or a person does it there. */
function Again({ view, head, act }: { view: View; head: OrderHead; act: OrderAct }) {
  const t = view.t.orderActs
  return (
    <>
      <span class="sub">{t.againHint}</span>
      {may(view, 'orders:write') ? (
        <WriteForm
          view={view}
          action={`/orders/${head.id}/acts/${act.id}/retry`}
          class="inline-form"
          id={`again-${act.id}-${act.attempts}`}
        >
          <button type="submit">{t.again}</button>
        </WriteForm>
      ) : null}
    </>
  )
}

type Given = {
  view: View
  head: OrderHead
  lines: readonly OrderLine[]
  acts: readonly OrderAct[]
  /** What the platform takes; null where this program does not know it. */
  platform: PlatformFacts | null
  /** It goes out in exchange: its platform is told nothing, and ours is all that there is to do. */
  isExchange: boolean
}

/** What can be done with an order now: each form stands only where the platform takes what it asks. */
export function Actions(given: Given) {
  const { view, head, lines, acts, platform, isExchange } = given
  const t = view.t.orders
  const left = leftToHandOver(lines)
  const [toSend, toTell] = [unitsIn(left.send), unitsIn(left.tell)]
  const open = lines.reduce((sum, line) => sum + line.reserved + line.short, 0)
  const takes = (act: ActKind): boolean =>
    isExchange ? act === 'ship' || act === 'cancel' : (platform?.declares.acts.includes(act) ?? false)
  const isTold = (kind: ActKind): boolean => acts.some(act => act.kind === kind && act.state !== 'refused')
  // The forms speak of these units: with other numbers they are other forms, and take the place of the old ones.
  const isHeld = head.state === 'held'
  const stand = `${toSend}-${toTell}-${open}-${isHeld}`
  return (
    <>
      {open === 0 ? <p class="quiet said">{t.nothingOpen}</p> : null}
      <div class="columns even">
        {open > 0 && !isHeld && takes('acknowledge') && !isTold('acknowledge') ? (
          <Telling given={given} act="acknowledge" stand={stand} hint={view.t.orderActs.acknowledgeHint} />
        ) : null}
        {toTell > 0 && !isHeld && takes('ready') ? (
          <Telling given={given} act="ready" stand={stand} hint={view.t.orderActs.readyHint(toTell)} left={left.tell} />
        ) : null}
        {toSend > 0 && !isHeld && takes('ship') ? <Shipping given={given} stand={stand} left={left.send} /> : null}
        {open > 0 ? <Cancelling given={given} stand={stand} open={open} takes={takes('cancel')} /> : null}
        {head.total !== null && head.state !== 'received' && head.state !== 'foreign' && !isExchange ? (
          <Refunding given={given} takes={takes('refund')} />
        ) : null}
      </div>
    </>
  )
}

type FormGiven = { given: Given; stand: string }

/** The units that a form speaks of, by line: `12:1 13:2`. */
export const LEFT_FIELD = 'left'

function Left({ left }: { left: LeftUnits }) {
  return <input type="hidden" name={LEFT_FIELD} value={left.map(({ lineId, quantity }) => `${lineId}:${quantity}`).join(' ')} />
}

type TellingGiven = FormGiven & { act: 'acknowledge' | 'ready'; hint: string; left?: LeftUnits }

function Telling({ given: { view, head }, act, stand, hint, left }: TellingGiven) {
  const name = view.t.orderActs[act]
  return (
    <Panel id={act} title={name}>
      <div class="panel-body">
        <WriteForm view={view} action={`/orders/${head.id}/${act}`} id={`${act}-${stand}`}>
          <p class="quiet">{hint}</p>
          {left === undefined ? null : <Left left={left} />}
          <button type="submit">{name}</button>
        </WriteForm>
      </div>
    </Panel>
  )
}

function Shipping({ given: { view, head, lines }, stand, left }: FormGiven & { left: LeftUnits }) {
  const t = view.t.orders
  return (
    <Panel id="ship" title={t.ship}>
      <div class="panel-body">
        <WriteForm view={view} action={`/orders/${head.id}/ship`} id={`ship-${stand}`}>
          <p class="quiet">{t.shipHint(unitsIn(left))}</p>
          <Left left={left} />
          <div class="form-row">
            <Field label={t.carrier}>
              <input name="carrier" required maxlength={60} />
            </Field>
            <Field label={t.trackingNumber}>
              <input name="number" required maxlength={80} />
            </Field>
          </div>
          <Field label={t.trackingUrl}>
            <input name="url" type="url" maxlength={500} />
          </Field>
          <Part {...{ view, lines, left }} title={view.t.orderActs.shipPart} />
          <button type="submit" class="main">
            {t.ship}
          </button>
        </WriteForm>
      </div>
    </Panel>
  )
}

/** Where a person says of which lines only some units are meant; nothing said means all of them. */
function Part({ view, lines, left, title }: { view: View; lines: readonly OrderLine[]; left: LeftUnits; title: string }) {
  const skuOf = (lineId: number): string => {
    const line = lines.find(one => one.id === lineId)
    return line?.sku ?? line?.channelSku ?? ''
  }
  return unitsIn(left) === 1 ? null : (
    <details>
      <summary>{title}</summary>
      <div class="form-row">
        {left.map(({ lineId, quantity }) => (
          <Field label={view.t.orderActs.partUnits(skuOf(lineId), quantity)}>
            <input name={`units-${lineId}`} inputmode="numeric" maxlength={7} />
          </Field>
        ))}
      </div>
    </details>
  )
}

function Cause({ view, causes }: { view: View; causes: readonly ActCause[] }) {
  const t = view.t.orderActs
  return (
    <Field label={t.cause}>
      <select name="cause" required>
        <option value=""></option>
        {causes.map(cause => (
          <option value={cause}>{t.causes[cause]}</option>
        ))}
      </select>
    </Field>
  )
}

function Cancelling({
  given: { view, head, lines, platform, isExchange },
  stand,
  open,
  takes,
}: FormGiven & { open: number; takes: boolean }) {
  const t = view.t.orders
  const left = lines.map(line => ({ lineId: line.id, quantity: line.reserved + line.short })).filter(line => line.quantity > 0)
  const title = platform?.title ?? head.platform
  return (
    <Panel id="cancel" title={t.cancel}>
      {takes ? (
        <div class="panel-body">
          <WriteForm view={view} action={`/orders/${head.id}/cancel`} id={`cancel-${stand}`}>
            <p class="quiet">
              {t.cancelHint(open)}
              {platform?.declares.cancelsParts === false && !isExchange ? ` ${view.t.orderActs.cancelsWhole(title)}` : null}
            </p>
            <Cause view={view} causes={CANCEL_CAUSES} />
            <Field label={t.reason}>
              <input name="reason" maxlength={200} />
            </Field>
            <Part {...{ view, lines, left }} title={view.t.orderActs.cancelPart} />
            <button type="submit" class="danger">
              {t.cancel}
            </button>
          </WriteForm>
        </div>
      ) : (
        <Empty text={t.cannotCancel(title)} />
      )}
    </Panel>
  )
}

function Refunding({ given: { view, head, lines, acts, platform }, takes }: { given: Given; takes: boolean }) {
  const t = view.t.orderActs
  const asked = acts.filter(act => act.kind === 'refund').length
  // Money goes back for what was sold, whatever is handed over instead.
  const sold = lines.filter(line => line.insteadOf === null)
  return (
    <Panel id="refund" title={t.refund}>
      {takes ? (
        <div class="panel-body">
          <WriteForm view={view} action={`/orders/${head.id}/refund`} id={`refund-${asked}`}>
            <p class="quiet">{t.refundHint}</p>
            {sold.map(line => (
              <div class="form-row">
                <Field label={t.refundLine(line.sku ?? line.channelSku)}>
                  <input name={`amount-${line.id}`} inputmode="decimal" maxlength={20} placeholder={head.currency} />
                </Field>
                <Field label={t.refundUnits(line.ordered + line.substituted)}>
                  <input name={`units-${line.id}`} inputmode="numeric" maxlength={7} />
                </Field>
              </div>
            ))}
            <Field label={t.refundShipping}>
              <input name="shipping" inputmode="decimal" maxlength={20} placeholder={head.currency} />
            </Field>
            <Cause view={view} causes={REFUND_CAUSES} />
            <Field label={view.t.orders.reason}>
              <input name="reason" maxlength={200} />
            </Field>
            <button type="submit" class="danger">
              {t.refund}
            </button>
          </WriteForm>
        </div>
      ) : (
        <Empty text={t.cannotRefund(platform?.title ?? head.platform)} />
      )}
    </Panel>
  )
}
