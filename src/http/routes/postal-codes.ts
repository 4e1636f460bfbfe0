import { createRoute, z } from '@hono/zod-openapi'
import { postalCountries } from '../../../db/postal-areas.ts'
import { importPostalCodes } from '../../usecases/import-postal-codes.ts'
import { type Api, type ApiDeps, answers, contextOf, makeApi } from '../api.ts'
import { problem } from '../problem.ts'
import { atMost } from './import-shape.ts'

const Countries = z
  .object({
    items: z.array(
      z.object({
        country: z.string().openapi({ example: 'DE' }),
        codes: z.int(),
        importedAt: z.string().nullable().openapi({ description: 'When its file came in.' }),
        actor: z.string().nullable(),
      }),
    ),
  })
  .openapi('PostalCountries')

const TYPES = ['text/csv', 'text/tab-separated-values', 'text/plain'] as const
const line = (example: string) => ({ schema: z.string().openapi({ example }) })

const list = createRoute({
  method: 'get',
  path: '/v1/postal-codes',
  tags: ['Locations'],
  summary: 'Of which countries postal codes are known',
  responses: answers(Countries, 'By country.'),
})
const upload = createRoute({
  method: 'post',
  path: '/v1/postal-codes',
  tags: ['Locations'],
  summary: 'Send where postal codes lie, so that routing knows how far a buyer is from each location',
  description: `GeoNames' file of a country as it is (tab-separated, without a header), or lines of country,postal_code,latitude,longitude. What it tells of a country
takes the place of what was known of it; a line that cannot be read refuses the whole file. Sent twice it changes nothing.`,
  request: {
    body: {
      required: true,
      content: {
        'text/csv': line('DE,10115,52.53,13.38\n'),
        'text/tab-separated-values': line('DE\t10115\tBerlin\tBerlin\tBE\t\t00\tBerlin\t11000\t52.5323\t13.3846\t4\n'),
        'text/plain': line('DE,10115,52.53,13.38\n'),
      },
    },
  },
  responses: answers(Countries, 'What is known now, by country.'),
})

/** Whether the request brings such a file, which is read as a stream. */
export const isPostalUpload = (method: string, path: string): boolean => method === 'POST' && path === upload.path

/** Where postal codes lie. */
export function postalCodeRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  const known = async () => ({
    items: (await postalCountries(deps.sql)).map(row => ({ ...row, importedAt: row.importedAt?.toISOString() ?? null })),
  })
  app.openapi(list, async c => c.json(await known(), 200))
  app.openapi(upload, async c => {
    const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
    if (!TYPES.some(one => one === type))
      return problem(c, 'unsupported_media_type', `The body must be sent as ${TYPES.join(', ')}.`) as never
    const body = c.req.raw.body
    await importPostalCodes(contextOf(deps, c), () => atMost(body))
    return c.json(await known(), 200)
  })
  return app
}
