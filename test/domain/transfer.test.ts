import { describe, expect, test } from 'vitest'
import { averageCost } from '../../src/domain/inventory/average-cost.ts'
import { possibleActs, stateOf, type TransferAct, type TransferState, type TransferUnits } from '../../src/domain/inventory/transfer.ts'

const units = (asked: number, cancelled: number, sent: number, received: number, lost: number): TransferUnits => ({
  asked,
  cancelled,
  sent,
  received,
  lost,
})

describe('a transfer', () => {
  test.each<[string, TransferUnits, TransferState, TransferAct[]]>([
    ['asked for', units(5, 0, 0, 0, 0), 'requested', ['send', 'cancel']],
    ['cancelled before anything left', units(5, 5, 0, 0, 0), 'cancelled', []],
    ['under way in part', units(5, 0, 3, 0, 0), 'sent', ['send', 'cancel', 'receive', 'lose', 'postpone']],
    ['under way in part, the rest cancelled', units(5, 2, 3, 0, 0), 'sent', ['receive', 'lose', 'postpone']],
    ['under way', units(5, 0, 5, 0, 0), 'sent', ['receive', 'lose', 'postpone']],
    ['received short', units(5, 0, 5, 4, 0), 'sent', ['receive', 'lose', 'postpone']],
    ['received in part, with more to be sent', units(5, 0, 3, 3, 0), 'sent', ['send', 'cancel']],
    ['received short, the rest lost', units(5, 0, 5, 4, 1), 'received', []],
    ['lost as a whole', units(5, 0, 5, 0, 5), 'received', []],
    ['received in full', units(5, 0, 5, 5, 0), 'received', []],
  ])('%s', (_, numbers, state, acts) => {
    expect(stateOf(numbers)).toBe(state)
    expect(possibleActs(state, numbers)).toEqual(acts)
  })
})

describe('the average cost', () => {
  test.each([
    ['of units that join others', { units: 10, unitCost: '2' }, { units: 30, unitCost: '3' }, '2.750000'],
    ['of the first units is their own', { units: 0, unitCost: '9' }, { units: 4, unitCost: '1.5' }, '1.500000'],
    ['stays while nothing comes', { units: 7, unitCost: '1.25' }, { units: 0, unitCost: '99' }, '1.250000'],
    ['is rounded half up', { units: 1, unitCost: '0.000001' }, { units: 1, unitCost: '0.000002' }, '0.000002'],
    ['is rounded once only', { units: 2_000_000, unitCost: '0' }, { units: 1, unitCost: '0.999999' }, '0.000000'],
    ['of goods that were free', { units: 3, unitCost: '4' }, { units: 1, unitCost: '0' }, '3.000000'],
  ])('%s', (_, before, arriving, after) => {
    expect(averageCost(before, arriving)).toBe(after)
  })
})
