import { createRoute, z } from '@hono/zod-openapi'
import { findStores } from '../../usecases/pick-up-stores.ts'
import { type Api, type ApiDeps, answers, contextOf, json, makeApi } from '../api.ts'
import { Code, LocationCode, Sku, SomeUnits, text } from '../shapes.ts'

const STORES_MOST = 500

type Near = { latitude?: number | undefined; longitude?: number | undefined; country?: string | undefined; postalCode?: string | undefined }
const pointIn = ({ latitude, longitude }: Near) => (latitude === undefined || longitude === undefined ? null : { latitude, longitude })
const codeIn = ({ country, postalCode }: Near) => (country === undefined || postalCode === undefined ? null : { country, postalCode })

const WishIn = z.strictObject({
  channel: Code.openapi({ description: 'The channel that sells it: only locations that serve it are asked.' }),
  lines: z
    .array(z.strictObject({ sku: Sku, quantity: SomeUnits }))
    .min(1)
    .max(100),
  near: z
    .strictObject({
      latitude: z.number().min(-90).max(90).optional(),
      longitude: z.number().min(-180).max(180).optional(),
      country: z
        .string()
        .regex(/^[A-Z]{2}$/, 'is no country code')
        .optional(),
      postalCode: text(20).optional(),
    })
    .refine(
      one => (pointIn(one) !== null) !== (codeIn(one) !== null) && Object.values(one).filter(part => part !== undefined).length === 2,
      'is neither latitude and longitude nor country and postalCode',
    )
    .optional()
    .openapi({
      description:
        "Where the buyer is: a point, or a postal code of a country whose codes were brought in (`import postal-codes`). Without it, or where the code is not known, the channel's order of its locations stands for nearness.",
    }),
  stores: z.array(LocationCode).min(1).max(STORES_MOST).optional().openapi({ description: 'Only these.' }),
  limit: z.int().min(1).max(STORES_MOST).default(20),
})

const Stores = z
  .object({
    items: z.array(
      z.object({
        store: z.string().openapi({ description: 'Its code: the `location` of lines to be held there, and `collectAt` of an order.' }),
        name: z.string(),
        address: z.string().nullable(),
        postalCode: z.string().nullable(),
        country: z.string().nullable(),
        latitude: z.number().nullable(),
        longitude: z.number().nullable(),
        km: z
          .number()
          .nullable()
          .openapi({ description: 'As the crow flies; null where it is not known where the store or the buyer is.' }),
        whole: z.boolean().openapi({ description: 'It has all of the basket.' }),
        readyBy: z.string().openapi({ description: 'What it has is ready there by then, if it is ordered now.' }),
        lines: z.array(z.object({ sku: z.string(), asked: z.int(), available: z.int() })),
      }),
    ),
  })
  .openapi('PickUpStores')

const find = createRoute({
  method: 'post',
  path: '/v1/pick-up/stores',
  tags: ['Pick-up'],
  summary: 'Which stores have a basket, and when it is ready there',
  description:
    'Stores where buyers collect (`collects` of their services) that have something of it and take it on: those that have all of it first, then the nearest. Ready by opening hours, cut-off, lead time, closed days and what the day has room for. Nothing is promised: hold it at the store (`POST /v1/reservations`, lines with `location`; lines to be sent without), then `POST /v1/reservations/{id}/order` with `collectAt`.',
  request: { body: json(WishIn) },
  responses: answers(Stores, 'The stores, the best first.'),
})

/** Stores to collect in, at checkout. */
export function pickUpStoreRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  app.openapi(find, async c => {
    const { channel, lines, near, stores, limit } = c.req.valid('json')
    const offers = await findStores(contextOf(deps, c), {
      channel,
      lines,
      near: near === undefined ? null : (pointIn(near) ?? codeIn(near)),
      stores: stores ?? null,
    })
    const items = offers.slice(0, limit).map(({ store, km, whole, readyBy, lines }) => ({
      ...{ store: store.code, name: store.name, address: store.address, postalCode: store.postalCode, country: store.country },
      ...{ latitude: store.point?.latitude ?? null, longitude: store.point?.longitude ?? null },
      ...{
        km: km === null ? null : Math.round(km * 10) / 10,
        whole,
        readyBy: readyBy.toISOString(),
        lines: lines.map(line => ({ ...line })),
      },
    }))
    return c.json({ items }, 200)
  })
  return app
}
