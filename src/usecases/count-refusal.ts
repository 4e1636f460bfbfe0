import type { CountAnswer, CountState } from '../../db/counts.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { keyConflict } from './carry-out.ts'

type Refusal = Exclude<CountAnswer, { readonly outcome: 'done' }>

const NEXT: Readonly<Record<CountState, string>> = {
  open: 'is still being counted: hand it in first',
  review: 'was handed in: send its lines back to be counted once more, or decide about them',
  approved: 'is over, and its differences are on the books',
  cancelled: 'was cancelled or rejected: start another',
}

/** Why a command on a count was refused, in words: `not_found`, `invalid`, `forbidden` (one's own count) or `conflict`. */
export function countRefusal(answer: Refusal): Fault {
  switch (answer.outcome) {
    case 'unknown':
      if (answer.field === 'count')
        return new Fault('not_found', `There is no count ${String(answer.value)}.`, { field: 'count', value: answer.value })
      return new Fault('invalid', `There is no ${answer.field === 'sku' ? 'SKU' : answer.field} ${String(answer.value)}.`, {
        field: answer.line === undefined ? answer.field : `${answer.line}.${answer.field}`,
        value: answer.value,
        expected: answer.field === 'sku' ? 'a SKU of the catalog' : 'the code of a location',
      })
    case 'state':
      return new Fault('conflict', `This count ${NEXT[answer.state]}.`, { state: answer.state })
    case 'nothing_counted':
      return new Fault('conflict', 'Nothing of this count was counted yet: enter 0 where a shelf is empty, or cancel it.')
    case 'own':
      return new Fault(
        'forbidden',
        'Whoever counted or handed it in does not approve it: somebody else with operations or admin rights does.',
      )
    case 'partly_posted':
      return new Fault('conflict', 'Some lines of this count are approved and on the books already: reject the rest instead.')
    case 'future':
      return new Fault('invalid', `countedAt ${answer.value} is in the future.`, {
        ...at(answer.line, 'countedAt'),
        value: answer.value,
        expected: 'an instant that has passed',
      })
    case 'no_lots':
      return new Fault(
        'invalid',
        `${answer.sku} is not told apart by lot: count it without one, or switch lots on for it.`,
        at(answer.line, 'lot'),
      )
    case 'below_zero':
      return new Fault(
        'invalid',
        `${ofLot(answer)} was counted ${answer.counted} times so far: ${-answer.add} cannot be taken back.`,
        at(answer.line, 'add'),
      )
    case 'decided':
      return new Fault('conflict', `${ofLot(answer)} is approved or rejected already.`, at(answer.line, 'sku'))
    case 'unknown_line':
      return new Fault('invalid', `${ofLot(answer)} is not in this count.`, at(answer.line, 'sku'))
    case 'not_counted':
      return new Fault(
        'invalid',
        `${ofLot(answer)} was not counted: have it counted, reject the line, or approve with uncounted as zero.`,
        at(answer.line, 'sku'),
      )
    case 'reason_missing':
      return new Fault('invalid', `${ofLot(answer)} differs from the books: choose a reason of the list for it.`, {
        field: 'reasonCode',
        expected: 'a reason that is on for counts',
      })
    case 'unknown_reason':
      return new Fault('invalid', `There is no reason ${answer.value} for counts, or it is switched off.`, {
        field: 'reasonCode',
        value: answer.value,
        expected: 'a reason that is on for counts',
      })
    case 'key_conflict':
      return keyConflict()
    default:
      return unreachable(answer)
  }
}

const ofLot = (line: { readonly sku: string; readonly lot?: string | null }): string =>
  line.lot === undefined || line.lot === null || line.lot === '' ? line.sku : `Lot ${line.lot} of ${line.sku}`

const at = (line: number | undefined, field: string): { readonly field: string } => ({
  field: line === undefined ? field : `${line}.${field}`,
})
