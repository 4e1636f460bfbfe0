import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { priceDocument } from '../../jobs/read-back.ts'
import { everyStage, stageOf } from '../connectors/platform-stage.ts'
import { goods, listingOf, STARTED_AT, type Stage } from '../connectors/stage.ts'
import { repetitions } from '../support/repetitions.ts'

// What is intended goes out in each platform's own format and must come back as the very same document: else it would be sent again for ever.

const HOUR_MS = 3_600_000
const CURRENCIES = [
  ['JPY', 0],
  ['EUR', 2],
  ['KWD', 3],
] as const

/** Hours from the sandbox's first instant; far enough on that time that passes meanwhile does not reach it. */
const ahead = fc.integer({ min: 10_000, max: 20_000 })
const sketch = fc.record({
  regular: fc.bigInt({ min: 2n, max: 10n ** 13n }),
  /** How many thousandths of the regular price the sale asks. */
  share: fc.option(fc.integer({ min: 1, max: 999 })),
  begins: fc.option(ahead),
  lasts: fc.option(fc.integer({ min: 1, max: 5_000 })),
  reference: fc.option(fc.bigInt({ min: 1n, max: 10n ** 13n })),
})
type Sketch = typeof sketch extends fc.Arbitrary<infer T> ? T : never

/** Units of a currency as the database writes them: without zeros at the end. */
function text(units: bigint, digits: number): string {
  const padded = units.toString().padStart(digits + 1, '0')
  const [whole, cents] = [padded.slice(0, padded.length - digits), padded.slice(padded.length - digits).replace(/0+$/, '')]
  return cents === '' ? whole : `${whole}.${cents}`
}

/** `takes`: what the platform can show beside the regular price; where that is no sale, the database never asks for one. */
function documentOf(
  { regular, share, begins, lasts, reference }: Sketch,
  currency: string,
  digits: number,
  takes: { readonly referencePrice: boolean; readonly saleDates: boolean; readonly saleBeside: boolean },
) {
  const at = (hours: number) => new Date(STARTED_AT.getTime() + hours * HOUR_MS).toISOString()
  const amount = share === null ? 0n : (regular * BigInt(share)) / 1000n
  if (amount === 0n || !takes.saleBeside) return { currency, regular: text(regular, digits), sale: null }
  if (!takes.saleDates) return { currency, regular: text(regular, digits), sale: { amount: text(amount, digits), from: null, to: null } }
  const sale = {
    amount: text(amount, digits),
    from: begins === null ? null : at(begins),
    to: lasts === null ? null : at((begins ?? 20_000) + lasts),
    ...(takes.referencePrice ? { reference: reference === null ? null : text(reference, digits) } : {}),
  }
  return { currency, regular: text(regular, digits), sale }
}

const stages = [...(await everyStage()), await stageOf('memory')]

describe.each(stages.map(one => [one.connector.platform, one] as const))(
  '%s',
  (platform, { connector: { declares }, openIn, finerPrice }) => {
    const opened: Stage[] = []
    afterAll(() => Promise.all(opened.map(stage => stage.close())))

    test.each(CURRENCIES)(
      'takes a price in %s and shows the same one',
      async (currency, digits) => {
        const stage = await openIn(currency)
        opened.push(stage)
        stage.sandbox.seed([goods(stage, 'MUG', 5)])
        await fc.assert(
          fc.asyncProperty(sketch, async one => {
            const price = documentOf(one, currency, digits, declares)
            const listing = await listingOf(stage, 'MUG')
            const [pushed] = await stage.session.push([{ listing, prices: [{ channelRef: listing.channelRef, price }] }])
            expect(pushed?.prices?.map(outcome => outcome.status)).toEqual(['accepted'])
            await stage.settle()
            const [shown] = await stage.session.readListings([listing])
            expect(shown?.price && priceDocument(shown.price)).toEqual(price)
          }),
          { numRuns: repetitions(`prices in ${currency} through ${platform}`, 80, 5_000) },
        )
      },
      600_000,
    )

    test('shows a price that is finer than its currency as it is, or refuses it and takes what came with it', async () => {
      const stage = await openIn('EUR')
      opened.push(stage)
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const listing = await listingOf(stage, 'MUG')
      const price = { currency: 'EUR', regular: '0.012345', sale: null }
      const [pushed] = await stage.session.push([{ listing, stock: { quantity: 7 }, prices: [{ channelRef: listing.channelRef, price }] }])
      await stage.settle()
      const [shown] = await stage.session.readListings([listing])
      const isRefused = finerPrice === 'refused'
      expect(pushed?.prices?.map(one => one.status)).toEqual([isRefused ? 'rejected' : 'accepted'])
      expect([pushed?.stock?.status, shown?.quantity, shown?.price?.regular]).toEqual(['accepted', 7, isRefused ? '10.00' : '0.012345'])
    })
  },
)
