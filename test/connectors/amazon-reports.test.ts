import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { afterEach, describe, expect, test } from 'vitest'
import type { FilePart } from '../../connectors/amazon/documents.ts'
import { listingParts } from '../../connectors/amazon/report-rows.ts'
import type { Report, ReportedListing, ReportPart } from '../../connectors/report.ts'
import { type Exchange, GERMANY, openAmazon, SWEDEN } from './amazon-stage.ts'
import { goods, type Stage } from './stage.ts'

const MODEL = new URL('../../../shared/specs/amazon/models/reports_2021-06-30.json', import.meta.url)

const opened: Stage[] = []
afterEach(async () => {
  for (const stage of opened.splice(0)) await stage.close()
})

async function open(more: Parameters<typeof openAmazon>[0] = {}): Promise<Stage> {
  const stage = await openAmazon(more)
  opened.push(stage)
  return stage
}

const reportOf = (stage: Stage, session = stage.session): Report => {
  if (!session.report) throw new Error('Amazon has reports')
  return session.report
}

async function requested(stage: Stage, channelRef = GERMANY.id): Promise<string> {
  const id = await reportOf(stage).request(channelRef)
  if (id === null) throw new Error('no report')
  return id
}

async function all(parts: AsyncIterable<ReportPart>): Promise<ReportedListing[]> {
  const rows: ReportedListing[] = []
  for await (const part of parts) {
    if ('words' in part) throw new Error(part.words)
    rows.push(...part.rows)
  }
  return rows
}

async function read(stage: Stage, report: string, fromRow = 0): Promise<ReportedListing[]> {
  const seen = await reportOf(stage).look(report)
  if (seen.status !== 'done') throw new Error(`the report is ${seen.status}`)
  return all(reportOf(stage).rows(seen.file, fromRow))
}

describe.skipIf(!existsSync(MODEL))('an Amazon report is as its published model says (needs ../shared/specs/amazon)', () => {
  test('its request, its state, its list, its document', async () => {
    const wire: Exchange[] = []
    const stage = await open({ record: wire })
    stage.sandbox.seed(Array.from({ length: 20 }, (_, n) => goods(stage, `MUG-${n}`, 5)))
    const report = await requested(stage)
    await reportOf(stage).look(report)
    await stage.settle()
    await read(stage, report)
    await reportOf(stage).requestedSince(GERMANY.id, new Date(0))
    const ajv = new Ajv({ strict: false, allErrors: true, logger: false })
    formats.default(ajv)
    const { definitions, paths } = JSON.parse(readFileSync(MODEL, 'utf8'))
    const of = (name: string): ValidateFunction => ajv.compile({ definitions, $ref: `#/definitions/${name}` })
    const seen = (method: string, path: RegExp) => wire.filter(one => one.method === method && path.test(one.url.pathname))
    const check = (validate: ValidateFunction, texts: readonly string[]): void => {
      expect(texts.length).toBeGreaterThan(0)
      for (const text of texts) {
        validate(JSON.parse(text))
        expect(validate.errors ?? []).toEqual([])
      }
    }
    const [started, states, lists] = [seen('POST', /\/reports$/), seen('GET', /\/reports\/\d+$/), seen('GET', /\/reports$/)]
    check(
      of('CreateReportSpecification'),
      started.map(one => one.asked),
    )
    check(
      of('CreateReportResponse'),
      started.map(one => one.answered),
    )
    check(
      of('Report'),
      states.map(one => one.answered),
    )
    expect(states.map(one => JSON.parse(one.answered).processingStatus)).toEqual(['IN_QUEUE', 'DONE'])
    check(
      of('GetReportsResponse'),
      lists.map(one => one.answered),
    )
    const known = paths['/reports/2021-06-30/reports'].get.parameters.map((one: { name: string }) => one.name)
    for (const name of lists.flatMap(one => [...one.url.searchParams.keys()])) expect(known).toContain(name)
    check(
      of('ReportDocument'),
      seen('GET', /\/documents\//).map(one => one.answered),
    )
  })
})

describe('a report of Amazon', () => {
  test('tells of each listing of one marketplace its stock and its regular price, and of a sale nothing', async () => {
    const stage = await open()
    const { [GERMANY.id]: german } = goods(stage, 'ONLY-DE', 1).prices
    stage.sandbox.seed([
      goods(stage, 'MUG', 5, { price: '12.50' }),
      goods(stage, 'SOLD-OUT', 0),
      { ...goods(stage, 'ONLY-DE', 1), prices: { [GERMANY.id]: german ?? '' } },
    ])
    const sale = { amount: '8.00', from: null, to: '2027-01-01T00:00:00.000Z' }
    const listing = { channelRef: GERMANY.id, externalId: 'MUG', externalParentId: null, externalSku: 'MUG', productType: 'HOME' }
    await stage.session.push([{ listing, prices: [{ channelRef: GERMANY.id, price: { currency: 'EUR', regular: '12.50', sale } }] }])
    await stage.settle()
    const reports = [await requested(stage), await requested(stage, SWEDEN.id)] as const
    await stage.settle()
    expect(await read(stage, reports[0])).toEqual([
      { sku: 'MUG', state: 'active', quantity: 5, regular: '12.50' },
      { sku: 'SOLD-OUT', state: null, quantity: 0, regular: '10.00' },
      { sku: 'ONLY-DE', state: 'active', quantity: 1, regular: '10.00' },
    ])
    expect((await read(stage, reports[1])).map(one => one.sku)).toEqual(['MUG', 'SOLD-OUT'])
  })

  test('shows the listings as they were when it was begun, however long it takes', async () => {
    const stage = await open({ options: { reportWorkMs: 60_000 } })
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    const report = await requested(stage)
    stage.clock.advance(1000)
    await stage.sandbox.tick()
    stage.sandbox.edit({ sku: 'MUG', quantity: 9 })
    expect(await reportOf(stage).look(report)).toEqual({ status: 'waiting' })
    await stage.settle()
    expect((await read(stage, report))[0]?.quantity).toBe(5)
  })

  test('is found again by whoever asked for it and did not hear its name', async () => {
    const stage = await open()
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    const at = stage.clock.now()
    expect(await reportOf(stage).requestedSince(GERMANY.id, at)).toBeNull()
    stage.sandbox.misbehave({ kind: 'timeout-after', operation: 'createReport', times: 1 })
    await expect(reportOf(stage).request(GERMANY.id)).rejects.toMatchObject({ maybeTookEffect: true })
    stage.clock.advance(5000)
    const found = await reportOf(stage, stage.reopen()).requestedSince(GERMANY.id, at)
    await stage.settle()
    expect(await read(stage, found ?? '')).toHaveLength(1)
    expect(await reportOf(stage).requestedSince(SWEDEN.id, at)).toBeNull()
    expect(await reportOf(stage).requestedSince(GERMANY.id, new Date(at.getTime() + 3_600_000))).toBeNull()
  })

  test('that is taken back, broken off or unknown brings no file; an application without the role has none', async () => {
    const stage = await open()
    const empty = await requested(stage)
    await stage.settle()
    expect(await reportOf(stage).look(empty)).toEqual({ status: 'none' })
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    for (const kind of ['cancelled', 'fatal'] as const) {
      stage.sandbox.misbehave({ kind, operation: 'createReport', times: 1 })
      const report = await requested(stage)
      await stage.settle()
      expect(await reportOf(stage).look(report)).toEqual({ status: 'none' })
    }
    expect(await reportOf(stage).look('1')).toEqual({ status: 'none' })
    stage.sandbox.misbehave({ kind: 'unauthorized', operation: 'createReport' })
    expect(await reportOf(stage).request(GERMANY.id)).toBeNull()
  })

  test('of 25,000 listings comes in parts of its file and of its rows, and goes on at a row and at an address that has run out', async () => {
    const wire: Exchange[] = []
    const stage = await open({ record: wire })
    const skus = Array.from({ length: 25_000 }, (_, n) => `S${n}`)
    stage.sandbox.seed(skus.map(sku => ({ ...goods(stage, sku, 3), title: randomBytes(90).toString('base64') })))
    const report = await requested(stage)
    await stage.settle()
    const seen = await reportOf(stage).look(report)
    if (seen.status !== 'done') throw new Error('no file')
    const sizes: number[] = []
    const told: string[] = []
    for await (const part of reportOf(stage).rows(seen.file, 0)) {
      if ('words' in part) throw new Error(part.words)
      sizes.push(part.rows.length)
      told.push(...part.rows.map(one => one.sku))
      expect(part.nextRow).toBe(told.length)
      // The five minutes of the address are over after the first rows.
      if (sizes.length === 1) stage.clock.advance(301_000)
    }
    expect([Math.max(...sizes), told]).toEqual([1000, skus])
    const parts = wire.filter(one => one.url.pathname.startsWith('/presigned'))
    expect(parts.map(one => one.status)).toEqual([206, 403, 206])
    expect((await read(stage, report, 24_990)).map(one => one.sku)).toEqual(skus.slice(24_990))
  })
})

describe('the rows of a report', () => {
  const header = 'item-name\tseller-sku\tprice\tquantity\tfulfillment-channel\tstatus'
  const file = (text: string | Uint8Array, more: Partial<FilePart> = {}, size = 7): AsyncIterable<FilePart> =>
    (async function* () {
      const bytes = Buffer.from(text)
      for (let at = 0; at < bytes.length; at += size)
        yield {
          ...{ bytes: new Uint8Array(bytes.subarray(at, at + size)), contentType: 'text/plain; charset=Cp1252', isPacked: false },
          ...more,
        }
    })()

  test('are read in the character set that the store names, packed or not, whatever the ends of lines', async () => {
    const text = `${header}\r\nTasse "gro\u00df"\tT\u00c4SSE\t9.99\t4\tDEFAULT\tActive\r\n`
    const expected = [{ sku: 'TÄSSE', state: 'active', quantity: 4, regular: '9.99' }]
    const latin = Buffer.from(text, 'latin1')
    expect(await all(listingParts(file(latin), 0))).toEqual(expected)
    expect(await all(listingParts(file(gzipSync(latin), { isPacked: true }), 0))).toEqual(expected)
    expect(await all(listingParts(file(Buffer.from(text), { contentType: 'text/plain;charset=UTF-8' }), 0))).toEqual(expected)
  })

  test("say nothing of Amazon's own stock, nor of a price that is none", async () => {
    const lines = ['a\tAFN\t5.00\t\tAMAZON_EU\tActive', 'a\tODD\t1,50\tmany\tDEFAULT\tIncomplete', 'a\t\t1.00\t1\tDEFAULT\tActive', '']
    expect(await all(listingParts(file([header, ...lines].join('\n')), 0))).toEqual([
      { sku: 'AFN', state: 'active', quantity: null, regular: '5.00' },
      { sku: 'ODD', state: 'inactive', quantity: null, regular: null },
    ])
  })

  test('in a file without the columns are told as such, and a file that is cut short is trouble', async () => {
    await expect(all(listingParts(file('<html>\tlater'), 0))).rejects.toThrow(/columns/)
    await expect(all(listingParts(file(''), 0))).rejects.toThrow(/empty/)
    const packed = gzipSync(`${header}\na\tMUG\t1.00\t1\tDEFAULT\tActive`)
    await expect(all(listingParts(file(packed.subarray(0, -12), { isPacked: true }), 0))).rejects.toMatchObject({ kind: 'down' })
    const endless = `${header}\n${'x'.repeat(1_100_000)}`
    await expect(all(listingParts(file(endless, {}, 65_536), 0))).rejects.toThrow(/no end/)
  })
})
