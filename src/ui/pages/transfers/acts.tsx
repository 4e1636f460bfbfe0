import type { TransferLineRow, TransferRow } from '../../../../db/transfers.ts'
import { waiting } from '../../../domain/inventory/transfer.ts'
import { number } from '../../format.ts'
import { ChoiceEntry, draftOf, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Panel, Table } from '../../parts/panel.tsx'
import type { View } from '../../view.ts'
import { CellEntry } from '../deliveries/receive.tsx'
import { reasonName } from '../reasons.tsx'
import type { TransferView } from './one.tsx'

/** A part of a transfer that is entered by itself: a SKU, or one lot of it on its way. */
export type TransferPart = { readonly sku: string; readonly title: string; readonly lot: string | null; readonly units: number }

/** What was sent and not ended yet, each lot by itself; also what has all arrived, with no units. */
export function sentParts(lines: readonly TransferLineRow[]): readonly TransferPart[] {
  return lines.flatMap(({ sku, title, lots, underWay }) => {
    const whole: readonly TransferPart[] = [{ sku, title, lot: null, units: underWay }]
    return lots.length === 0 ? whole : lots.map(lot => ({ sku, title, lot: lot.code, units: lot.underWay }))
  })
}

/** What was asked for and not sent yet; also what was all sent, with no units. */
export function askedParts(lines: readonly TransferLineRow[]): readonly TransferPart[] {
  return lines.map(line => ({ sku: line.sku, title: line.title, lot: null, units: waiting(line) }))
}

/** The field of a part. */
export const partField = (what: 'good' | 'damaged' | 'send', part: { readonly sku: string; readonly lot: string | null }): string =>
  `${what}:${part.sku}:${part.lot ?? ''}`

const sumOf = (parts: readonly TransferPart[]): number => parts.reduce((sum, part) => sum + part.units, 0)

/** Receives: everything with one button, or each part as it came, short or damaged. */
export function ArriveForm({ view, transfer }: { view: View; transfer: TransferView }) {
  const t = view.t.stock.transfers
  const action = `/stock/transfers/${transfer.head.id}/receive`
  const draft = draftOf(view, action)
  const parts = sentParts(transfer.lines).filter(part => part.units > 0)
  const damage = transfer.reasons.filter(reason => reason.acts.includes('damage'))
  return (
    <Panel
      id="receive"
      title={t.receive(transfer.to)}
      aside={
        <WriteForm view={view} action={action} class="inline-form">
          <input type="hidden" name="all" value="yes" />
          <button type="submit" class="main">
            {t.receiveAll(number(sumOf(parts), view.language))}
          </button>
        </WriteForm>
      }
    >
      <p class="panel-note">{t.receiveHint}</p>
      <WriteForm view={view} action={action} class="table-form">
        <Table label={t.receive(transfer.to)}>
          <PartsHead view={view} hasLots={parts.some(part => part.lot !== null)} words={[t.underWay, t.good, t.damaged]} />
          <tbody>
            {parts.map(part => (
              <tr>
                <PartName view={view} part={part} hasLots={parts.some(one => one.lot !== null)} />
                <td class="num strong">{number(part.units, view.language)}</td>
                <td class="num">
                  <CellEntry
                    view={view}
                    draft={draft}
                    name={partField('good', part)}
                    label={t.goodOf(part.sku)}
                    value={String(part.units)}
                  />
                </td>
                <td class="num">
                  <CellEntry view={view} draft={draft} name={partField('damaged', part)} label={t.damagedOf(part.sku)} value="" />
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
        <div class="form-foot">
          <ChoiceEntry
            draft={draft}
            name="reasonCode"
            label={t.damageReason}
            none={view.t.stock.move.noReason}
            options={damage.map(reason => ({ value: reason.code, word: reasonName(view, reason) }))}
          />
          <button type="submit">{t.receiveThese}</button>
        </div>
      </WriteForm>
    </Panel>
  )
}

/** Sends what was asked for with one button, or a part of it. */
export function SendForm({ view, transfer }: { view: View; transfer: TransferView }) {
  const t = view.t.stock.transfers
  const action = `/stock/transfers/${transfer.head.id}/send`
  const draft = draftOf(view, action)
  const parts = askedParts(transfer.lines).filter(part => part.units > 0)
  return (
    <Panel
      id="send"
      title={t.send(transfer.from)}
      aside={
        <WriteForm view={view} action={action} class="inline-form">
          <input type="hidden" name="all" value="yes" />
          <button type="submit" class="main">
            {t.sendAll(number(sumOf(parts), view.language))}
          </button>
        </WriteForm>
      }
    >
      <p class="panel-note">{t.sendHint}</p>
      <WriteForm view={view} action={action} class="table-form">
        <Table label={t.send(transfer.from)}>
          <PartsHead view={view} hasLots={false} words={[t.toSend, t.sendNow]} />
          <tbody>
            {parts.map(part => (
              <tr>
                <PartName view={view} part={part} hasLots={false} />
                <td class="num strong">{number(part.units, view.language)}</td>
                <td class="num">
                  <CellEntry
                    view={view}
                    draft={draft}
                    name={partField('send', part)}
                    label={t.sendOf(part.sku)}
                    value={String(part.units)}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
        <div class="form-foot">
          <TextEntry
            draft={draft}
            name="expectedAt"
            label={t.arrives}
            type="date"
            value={transfer.head.expectedAt?.toISOString().slice(0, 10) ?? ''}
          />
          <button type="submit">{t.sendThese}</button>
        </div>
      </WriteForm>
    </Panel>
  )
}

function PartsHead({ view, hasLots, words }: { view: View; hasLots: boolean; words: readonly string[] }) {
  return (
    <thead>
      <tr>
        <th>{view.t.sku.columns.sku}</th>
        {hasLots ? <th>{view.t.stock.move.lot}</th> : null}
        {words.map(word => (
          <th class="num">{word}</th>
        ))}
      </tr>
    </thead>
  )
}

function PartName({ view, part, hasLots }: { view: View; part: TransferPart; hasLots: boolean }) {
  return (
    <>
      <th scope="row">
        <a class="sku" href={`/skus/${encodeURIComponent(part.sku)}`}>
          {part.sku}
        </a>
        <span class="sub">{part.title}</span>
      </th>
      {hasLots ? <td>{part.lot === '' ? view.t.stock.move.noLot : (part.lot ?? '')}</td> : null}
    </>
  )
}

/** What became of units that did not arrive: they are lost, or still coming by another day. */
export function ResolveForm({ view, transfer }: { view: View; transfer: TransferView }) {
  const t = view.t.stock.transfers
  const { head, reasons } = transfer
  const missing = number(head.sent - head.received - head.lost, view.language)
  const action = `/stock/transfers/${head.id}/resolve`
  const draft = draftOf(view, action)
  const losing = reasons.filter(reason => reason.acts.includes('transfer'))
  return (
    <Panel id="resolve" title={t.missing(missing)}>
      <div class="panel-body split">
        <WriteForm view={view} action={action}>
          <input type="hidden" name="as" value="coming" />
          <p class="hint">{t.comingHint}</p>
          <TextEntry draft={draft} name="expectedAt" label={t.newDay} type="date" required />
          <button type="submit">{t.stillComing}</button>
        </WriteForm>
        <WriteForm view={view} action={action}>
          <input type="hidden" name="as" value="lost" />
          <p class="hint">{t.lostHint(missing)}</p>
          <ChoiceEntry
            draft={draft}
            name="reasonCode"
            label={view.t.sku.stock.reason}
            required
            none={t.choose}
            options={losing.map(reason => ({ value: reason.code, word: reasonName(view, reason) }))}
          />
          <button type="submit" class="danger">
            {t.asLost}
          </button>
        </WriteForm>
      </div>
    </Panel>
  )
}

/** Cancels what was not sent. */
export function CancelForm({ view, head }: { view: View; head: TransferRow }) {
  const t = view.t.stock.transfers
  const units = number(waiting(head), view.language)
  return (
    <Panel id="cancel" title={t.cancelTitle}>
      <div class="panel-body">
        <WriteForm view={view} action={`/stock/transfers/${head.id}/cancel`}>
          <p class="hint">{t.cancelHint(units)}</p>
          <button type="submit" class="danger">
            {t.cancel}
          </button>
        </WriteForm>
      </div>
    </Panel>
  )
}
