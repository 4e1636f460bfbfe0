import type { DeliveryRow } from '../../../../db/deliveries.ts'
import type { DeliveryLineShown } from '../../../../db/pages-deliveries.ts'
import { number } from '../../format.ts'
import { ChoiceEntry, type Draft, draftOf, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Panel, Table } from '../../parts/panel.tsx'
import type { View } from '../../view.ts'
import { reasonName } from '../reasons.tsx'
import type { DeliveryView } from './one.tsx'

/** The fields of a line in the form for receiving. */
export const lineField = (what: 'units' | 'aside' | 'lot' | 'expires' | 'cost', id: number): string => `${what}:${id}`

/** Receives: everything as expected with one button, or each line as it came. What is put aside is counted as received, and not for sale. */
export function ReceiveForm({ view, delivery }: { view: View; delivery: DeliveryView }) {
  const t = view.t.stock.deliveries
  const { head, lines, reasons, currency } = delivery
  const action = `/stock/deliveries/${head.id}/receive`
  const draft = draftOf(view, action)
  const hasLots = lines.some(line => line.lotTracked)
  const aside = reasons.filter(reason => reason.acts.includes('damage'))
  return (
    <Panel
      id="receive"
      title={t.receive}
      aside={
        <WriteForm view={view} action={action} class="inline-form">
          <input type="hidden" name="all" value="yes" />
          <button type="submit" class="main">
            {t.receiveAll(number(head.rest, view.language))}
          </button>
        </WriteForm>
      }
    >
      <p class="panel-note">{hasLots ? t.receiveHintLots : t.receiveHint}</p>
      <WriteForm view={view} action={action} class="table-form">
        <Table label={t.receive}>
          <thead>
            <tr>
              <th>{view.t.sku.columns.sku}</th>
              <th class="num">{t.ordered}</th>
              <th class="num">{t.received}</th>
              <th class="num">{t.rest}</th>
              <th class="num">{t.cameNow}</th>
              <th class="num">{t.cost}</th>
              <th class="num">{t.ofThemAside}</th>
              {hasLots ? <th>{t.lot}</th> : null}
            </tr>
          </thead>
          <tbody>
            {lines.map(line => (
              <Line view={view} line={line} draft={draft} hasLots={hasLots} />
            ))}
          </tbody>
        </Table>
        <div class="form-foot">
          <ChoiceEntry
            draft={draft}
            name="reasonCode"
            label={t.asideReason}
            none={view.t.stock.move.noReason}
            options={aside.map(reason => ({ value: reason.code, word: reasonName(view, reason) }))}
          />
          {lines.every(line => line.currency !== null) ? null : (
            <TextEntry draft={draft} name="currency" label={t.currency} value={currency} maxlength={3} class="small" />
          )}
          <label class="check">
            <input type="checkbox" name="close" value="yes" checked={draft.typed('close') === 'yes'} />
            {t.closeToo}
          </label>
          <button type="submit">{t.receiveThese}</button>
        </div>
      </WriteForm>
    </Panel>
  )
}

function Line({ view, line, draft, hasLots }: { view: View; line: DeliveryLineShown; draft: Draft; hasLots: boolean }) {
  const t = view.t.stock.deliveries
  const count = (value: number): string => number(value, view.language)
  return (
    <tr id={`line-${line.id}`}>
      <th scope="row">
        <a class="sku" href={`/skus/${encodeURIComponent(line.sku)}`}>
          {line.sku}
        </a>
        <span class="sub">{line.title}</span>
      </th>
      <td class="num">{count(line.ordered)}</td>
      <td class={line.received === 0 ? 'num zero' : 'num'}>{count(line.received)}</td>
      <td class={line.rest === 0 ? 'num zero' : 'num strong'}>{count(line.rest)}</td>
      <td class="num">
        <CellEntry view={view} draft={draft} name={lineField('units', line.id)} label={t.cameOf(line.sku)} value={String(line.rest)} />
      </td>
      <td class="num">
        <CellEntry
          view={view}
          draft={draft}
          name={lineField('cost', line.id)}
          label={t.costOf(line.sku)}
          value={line.unitCost ?? ''}
          kind="amount"
        />
        {line.currency === null ? null : <span class="sub">{line.currency}</span>}
      </td>
      <td class="num">
        <CellEntry view={view} draft={draft} name={lineField('aside', line.id)} label={t.asideOf(line.sku)} value="" />
      </td>
      {hasLots ? (
        <td>
          {line.lotTracked ? (
            <span class="lot-entry">
              <input
                name={lineField('lot', line.id)}
                value={draft.typed(lineField('lot', line.id))}
                aria-label={t.lotOf(line.sku)}
                placeholder={view.t.stock.move.lot}
                maxlength={80}
                autocomplete="off"
              />
              <input
                type="date"
                name={lineField('expires', line.id)}
                value={draft.typed(lineField('expires', line.id))}
                aria-label={t.expiresOf(line.sku)}
              />
              <Wrong draft={draft} names={[lineField('lot', line.id), lineField('expires', line.id)]} />
            </span>
          ) : null}
        </td>
      ) : null}
    </tr>
  )
}

type CellGiven = {
  readonly view: View
  readonly draft: Draft
  readonly name: string
  readonly label: string
  readonly value: string
  readonly kind?: 'whole' | 'amount'
}

/** A number in a cell of a table, with what was wrong with it below. */
export function CellEntry({ view, draft, name, label, value, kind = 'whole' }: CellGiven) {
  const { form } = view.t
  return (
    <>
      <input
        class="cell number"
        name={name}
        value={draft.typed(name, value)}
        inputmode={kind === 'amount' ? 'decimal' : 'numeric'}
        pattern={kind === 'amount' ? '[0-9]{1,12}(\\.[0-9]{1,6})?' : '[0-9]{1,7}'}
        title={kind === 'amount' ? form.amountHint : form.wholeHint}
        aria-label={label}
        autocomplete="off"
        aria-invalid={draft.wrong(name) === null ? undefined : 'true'}
      />
      <Wrong draft={draft} names={[name]} />
    </>
  )
}

function Wrong({ draft, names }: { draft: Draft; names: readonly string[] }) {
  const wrong = names.map(name => draft.wrong(name)).find(text => text !== null)
  if (wrong === undefined) return null
  return (
    <span class="field-wrong" role="alert">
      {wrong}
    </span>
  )
}

/** Ends a delivery: closes it short when something came, cancels it when nothing did. */
export function EndForms({ view, head }: { view: View; head: DeliveryRow }) {
  const t = view.t.stock.deliveries
  const rest = number(head.rest, view.language)
  const isBegun = head.received > 0
  return (
    <Panel id="end" title={isBegun ? t.closeTitle : t.cancelTitle}>
      <div class="panel-body">
        <details class="fold">
          <summary>{isBegun ? t.close : t.cancel}</summary>
          <div class="confirm">
            <p>{isBegun ? t.closeHint(rest) : t.cancelHint(rest)}</p>
            <WriteForm view={view} action={`/stock/deliveries/${head.id}/end`}>
              <input type="hidden" name="act" value={isBegun ? 'close' : 'cancel'} />
              <button type="submit" class="danger">
                {isBegun ? t.closeSure : t.cancelSure}
              </button>
            </WriteForm>
          </div>
        </details>
      </div>
    </Panel>
  )
}
