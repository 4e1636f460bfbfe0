import { afterEach, describe, expect, test } from 'vitest'
import type { FilePart } from '../../connectors/amazon/documents.ts'
import { amazon } from '../../connectors/amazon/index.ts'
import { readReturns } from '../../connectors/amazon/return-rows.ts'
import { makePace } from '../../connectors/pace.ts'
import type { ReturnsReport } from '../../connectors/returns.ts'
import { accessTo, GERMANY, openAmazon, SWEDEN } from './amazon-stage.ts'
import { bought } from './cases/orders.ts'
import { goods, type Stage } from './stage.ts'

const opened: Stage[] = []
afterEach(async () => {
  for (const stage of opened.splice(0)) await stage.close()
})

async function open(): Promise<Stage> {
  const stage = await openAmazon()
  opened.push(stage)
  stage.sandbox.seed([goods(stage, 'MUG', 9)])
  return stage
}

const returnsOf = (stage: Stage): ReturnsReport => {
  const { returns } = stage.session
  if (returns === undefined) throw new Error('Amazon tells returns in reports')
  return returns
}

async function shipped(stage: Stage, units: number) {
  const sold = bought(stage, `b${units}`, 'MUG', units)
  await stage.settle()
  const lines = sold.lines.map(line => ({ externalLineId: line.externalLineId, quantity: line.quantity }))
  const tracking = { carrier: 'DHL', number: 'T1', shippedAt: stage.clock.now().toISOString() }
  const act = { key: `ship-${units}`, kind: 'ship', externalOrderId: sold.externalId, channelRef: GERMANY.id, lines, tracking } as const
  expect(await stage.session.act(act)).toEqual({ status: 'confirmed' })
  return { id: sold.externalId, line: lines[0]?.externalLineId ?? '' }
}

async function report(stage: Stage, channelRef = GERMANY.id) {
  const returns = returnsOf(stage)
  const id = await returns.request(channelRef)
  await stage.settle()
  const seen = await returns.look(id ?? '')
  return seen.status === 'done' ? returns.read(seen.file) : seen.status
}

describe('the report of returns', () => {
  test('tells what has arrived by its order, item and day, in the marketplace it was sold in, and goes on telling it', async () => {
    const stage = await open()
    const { id, line } = await shipped(stage, 3)
    stage.sandbox.refund(id, [{ externalLineId: line, quantity: 2 }])
    await stage.settle()
    const back = {
      ...{
        key: expect.stringMatching(new RegExp(`^${id}/D\\w+RRMA/${line}$`)),
        externalOrderId: id,
        externalLineId: line,
        sku: 'MUG',
        quantity: 2,
      },
      arrivedOn: '2026-11-22',
    }
    const first = await report(stage)
    expect(first).toEqual({ returns: [back], unreadable: [] })
    stage.clock.advance(59 * 24 * 3_600_000)
    expect(await report(stage)).toEqual(first)
    expect(await report(stage, SWEDEN.id)).toBe('none')
    stage.clock.advance(2 * 24 * 3_600_000)
    expect(await report(stage)).toBe('none')
  })

  test('that was asked for lately is found again', async () => {
    const stage = await open()
    const asked = await returnsOf(stage).request(GERMANY.id)
    const since = (ms: number) => returnsOf(stage).requestedSince(GERMANY.id, new Date(stage.clock.now().getTime() + ms))
    expect([await since(-3_600_000), await since(120_000)]).toEqual([asked, null])
    // Reports of listings are others.
    await stage.session.report?.request(GERMANY.id)
    expect(await since(-3_600_000)).toBe(asked)
  })

  test('is not read where people count in what comes back', () => {
    const tools = { http: () => Promise.reject(new Error('nothing is called')), pace: makePace(amazon.limits), now: () => new Date() }
    const account = accessTo('http://127.0.0.1:1')
    const session = (returns: boolean | undefined) => amazon.open({ ...account, settings: { ...account.settings, returns } }, tools)
    expect([undefined, true, false].map(returns => session(returns).returns !== undefined)).toEqual([true, true, false])
  })

  test('of an application that may not read reports is none, and no trouble of the account', async () => {
    const stage = await open()
    stage.sandbox.misbehave({ kind: 'unauthorized', operation: 'getReports' })
    stage.sandbox.misbehave({ kind: 'unauthorized', operation: 'createReport' })
    expect(await returnsOf(stage).requestedSince(GERMANY.id, new Date(0))).toBeNull()
    expect(await returnsOf(stage).request(GERMANY.id)).toBeNull()
  })
})

const HEADINGS =
  'Order ID\tReturn request status\tAmazon RMA ID\tMerchant SKU\tReturn quantity\tReturn Reason\tReturn delivery date\tRefunded Amount'

async function* file(...rows: readonly string[]): AsyncGenerator<FilePart> {
  yield { bytes: new TextEncoder().encode(`\ufeff${rows.join('\r\n')}\r\n`), contentType: 'text/plain;charset=UTF-8', isPacked: false }
}

describe('rows of returns', () => {
  test('without the id of an item are told by their SKU, and those of one return are one', async () => {
    const rows = [
      '305-1\tCompleted\tDA\tMUG\t1\tTOO-SMALL\t09-Sep-2026\t10.00',
      '305-1\tCompleted\tDA\tMUG\t2\tTOO-SMALL\t2026-09-10\t20.00',
      '305-1\tApproved\tDB\tMUG\t1\tTOO-SMALL\t \t',
      '305-2\tCompleted\tDC\tCUP\t1\tDEFECTIVE\t2026-09-10T08:00:00Z',
      '',
    ]
    expect(await readReturns(file(HEADINGS, ...rows))).toEqual({
      returns: [
        { key: '305-1/DA/MUG', externalOrderId: '305-1', externalLineId: null, sku: 'MUG', quantity: 3, arrivedOn: '2026-09-09' },
        { key: '305-2/DC/CUP', externalOrderId: '305-2', externalLineId: null, sku: 'CUP', quantity: 1, arrivedOn: '2026-09-10' },
      ],
      unreadable: [],
    })
  })

  test('that are wrong are kept with their number and the reason, without what they tell of people, and the others are read', async () => {
    const rows = [
      '305-1\tCompleted\tDA\tMUG\tmany\tDEAR MAX\t09-Sep-2026\t10.00',
      '305-2\tCompleted\tDB\tMUG\t1\tX\t31-Feb-2026\t10.00',
      '\tCompleted\tDC\tMUG\t1\tX\t09-Sep-2026\t10.00',
      '305-4\tCompleted',
      '305-5\tCompleted\tDE\t\t1\tX\t09-Sep-2026\t',
      '305-6\tCompleted\tDF\tMUG\t1\tX\t9-sep-2026\t',
    ]
    const read = await readReturns(file(HEADINGS, ...rows))
    if ('words' in read) throw new Error(read.words)
    expect(read.returns.map(one => one.key)).toEqual(['305-6/DF/MUG'])
    expect(read.unreadable.map(one => one.reason)).toEqual([
      'row 1 of Amazon\'s returns: order 305-1: "many" is no quantity',
      'row 2 of Amazon\'s returns: order 305-2: "31-Feb-2026" is no day',
      "row 3 of Amazon's returns: it names no order",
      "row 4 of Amazon's returns: it has 2 columns only",
      "row 5 of Amazon's returns: order 305-5: it names no SKU",
    ])
    expect(read.unreadable[0]?.raw).toBe('{"order":"305-1","rma":"DA","sku":"MUG","quantity":"many","arrived":"09-Sep-2026","item":""}')
  })

  test.each([
    ['is empty', [], "Amazon's report of returns is empty"],
    [
      'has other columns',
      ['order-id\tsku\tqty'],
      'Amazon\'s report of returns has no column "order id", "amazon rma id", "merchant sku", "return quantity", "return delivery date"',
    ],
  ])('of a file that %s are not guessed', async (_title, rows, words) => {
    const parts = rows.length === 0 ? (async function* (): AsyncGenerator<FilePart> {})() : file(...rows)
    expect(await readReturns(parts)).toEqual({ words })
  })
})
