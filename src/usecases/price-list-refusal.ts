import type { PriceListRefusal } from '../../db/price-lists.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { belowFloor } from './below-floor.ts'
import { keyConflict } from './carry-out.ts'

const NAMED: Readonly<Record<string, string>> = {
  ...{ sku: 'SKU', baseList: 'price list', group: 'channel group', tier: 'partner tier' },
}

/** Why a command on a price list was refused, in words. */
export function priceListRefusal(list: string, answer: PriceListRefusal): Fault {
  switch (answer.outcome) {
    case 'unknown':
      if (answer.field === 'list') return unknownList(list)
      return new Fault('invalid', `There is no ${NAMED[answer.field] ?? answer.field} ${String(answer.value)}.`, {
        field: answer.line === undefined ? answer.field : `entries.${answer.line}.${answer.field}`,
        value: answer.value,
        ...(answer.field === 'category' ? { expected: 'a category that some product is in' } : {}),
      })
    case 'missing':
      return new Fault('invalid', `The list ${list} is new: it needs a currency.`, {
        field: 'currency',
        expected: 'a currency code of ISO 4217',
      })
    case 'period':
      return new Fault('invalid', `The list would end (${answer.to}) before it begins (${answer.from}).`, {
        field: 'to',
        value: answer.to,
        expected: 'an instant after `from`',
      })
    case 'ended':
      return new Fault('conflict', `The list ${answer.list ?? list} was ended for good: make another.`, { list: answer.list ?? list })
    case 'stale':
      return new Fault('stale', `The list ${list} was changed meanwhile: look at it again (version ${answer.version}), then decide.`, {
        version: answer.version,
      })
    case 'cycle':
      return new Fault('conflict', `A list cannot lean on itself: ${answer.path.join(' → ')}.`, { path: answer.path })
    case 'too_deep':
      return new Fault('conflict', `At most six lists lean on each other in a row: ${answer.path.join(' → ')}.`, { path: answer.path })
    case 'twice':
      return new Fault('invalid', `Entry ${answer.line} speaks of the same goods from the same quantity on as one before it.`, {
        field: `entries.${answer.line}`,
        expected: 'each goods and quantity once',
      })
    case 'below_floor':
      return belowFloor(answer.below, line => `entries.${line}.value`)
    case 'nothing':
      return new Fault('conflict', `Nothing waits on the list ${list}.`, { list })
    case 'own':
      return new Fault(
        'forbidden',
        `The list ${list} is marked four eyes: whoever wrote what waits does not approve it; somebody else does.`,
      )
    case 'forbidden':
      return new Fault('forbidden', `The list ${list} is marked four eyes: those who may approve it end it.`, { needs: 'prices:approve' })
    case 'too_many':
      return new Fault(
        'invalid',
        `The list ${list} prices 20,000 SKUs or more: what the guard would hold of it is not judged ahead. Approve it without accepting that, and look at what is held at its beginning.`,
        { field: 'acceptHeld', value: true, expected: 'a list of fewer SKUs' },
      )
    case 'key_conflict':
      return keyConflict()
    default:
      return unreachable(answer)
  }
}

export const unknownList = (list: string): Fault =>
  new Fault('not_found', `There is no price list ${list}.`, { field: 'list', value: list })
