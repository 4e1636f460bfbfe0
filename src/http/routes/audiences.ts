import { createRoute, z } from '@hono/zod-openapi'
import { type AudienceKind, type AudienceRow, listAudiences } from '../../../db/audiences.ts'
import { type AudienceStated, putAudience } from '../../usecases/audiences.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { PAGE, page, pageOf, readCursor } from '../paging.ts'
import { Code, leaving, text } from '../shapes.ts'

const Named = z.object({ code: z.string(), name: z.string(), createdAt: z.string() })
const Channels = z.array(z.string())
const name = text(200).optional().openapi({ description: 'What people call it; its code unless told.' })

const RegionOut = Named.extend({ channels: Channels.openapi({ description: 'Channels that are priced as this region.' }) }).openapi(
  'Region',
)
const GroupOut = Named.extend({ channels: Channels }).openapi('ChannelGroup')
const TierOut = Named.extend({ partners: z.int().openapi({ description: 'How many partners are in it.' }) }).openapi('PartnerTier')
const PartnerOut = Named.extend({ tier: z.string().nullable() }).openapi('Partner')

const tags = ['Price lists']
const put = { method: 'put' as const, tags }
const get = { method: 'get' as const, tags }
const ByCode = z.object({ code: Code })
const query = z.strictObject(PAGE)
const STAYS = 'What is not sent stays as it is. None is ever deleted: versions of the past name them.'

const regionList = createRoute({
  ...{ ...get, path: '/v1/regions', summary: 'Regions', request: { query } },
  responses: answers(pageOf(RegionOut), 'By their codes.'),
})
const regionPut = createRoute({
  ...{ ...put, path: '/v1/regions/{code}', summary: 'Make or rename a region', description: STAYS },
  request: { params: ByCode, headers: WriteHeaders, body: json(z.strictObject({ name })) },
  responses: answers(RegionOut, 'The region. A channel is put into one by its price policy.'),
})
const groupList = createRoute({
  ...{ ...get, path: '/v1/channel-groups', summary: 'Channel groups', request: { query } },
  responses: answers(pageOf(GroupOut), 'By their codes.'),
})
const groupPut = createRoute({
  ...{ ...put, path: '/v1/channel-groups/{code}', summary: 'Make or change a channel group' },
  description: `A channel that joins or leaves is priced anew. ${STAYS}`,
  request: {
    ...{ params: ByCode, headers: WriteHeaders },
    body: json(z.strictObject({ name, channels: z.array(Code).max(500).optional().openapi({ description: 'All its channels.' }) })),
  },
  responses: answers(GroupOut, 'The group.'),
})
const tierList = createRoute({
  ...{ ...get, path: '/v1/partner-tiers', summary: 'Partner tiers', request: { query } },
  responses: answers(pageOf(TierOut), 'By their codes.'),
})
const tierPut = createRoute({
  ...{ ...put, path: '/v1/partner-tiers/{code}', summary: 'Make or rename a partner tier', description: STAYS },
  request: { params: ByCode, headers: WriteHeaders, body: json(z.strictObject({ name })) },
  responses: answers(TierOut, 'The tier.'),
})
const partnerList = createRoute({
  ...{ ...get, path: '/v1/partners', summary: 'Partners', request: { query } },
  responses: answers(pageOf(PartnerOut), 'By their codes.'),
})
const partnerPut = createRoute({
  ...{ ...put, path: '/v1/partners/{code}', summary: 'Make or change a partner', description: STAYS },
  request: {
    ...{ params: ByCode, headers: WriteHeaders },
    body: json(z.strictObject({ name, tier: Code.nullable().optional().openapi({ description: 'The code of its tier; null: none.' }) })),
  },
  responses: answers(PartnerOut, 'The partner.'),
})

/** For whom price lists can be: regions, channel groups, partner tiers, partners. */
export function audienceRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  async function rows<Item>(kind: AudienceKind, { cursor, limit }: z.infer<typeof query>, show: (row: AudienceRow) => Item) {
    const [after] = readCursor(cursor, z.tuple([z.string().max(40)])) ?? ['']
    return page(await listAudiences(deps.sql, kind, after, limit + 1), limit, row => [row.code], show)
  }
  const write = async (c: Parameters<typeof contextOf>[1], key: string | null, kind: AudienceKind, code: string, said: AudienceStated) =>
    (await putAudience(contextOf(deps, c), key, kind, code, said)).audience

  app.openapi(regionList, async c => c.json(await rows('region', c.req.valid('query'), region), 200))
  app.openapi(groupList, async c => c.json(await rows('group', c.req.valid('query'), region), 200))
  app.openapi(tierList, async c => c.json(await rows('tier', c.req.valid('query'), tier), 200))
  app.openapi(partnerList, async c => c.json(await rows('partner', c.req.valid('query'), partner), 200))
  app.openapi(regionPut, async c =>
    c.json(region(await write(c, keyOf(c.req.valid('header')), 'region', c.req.valid('param').code, c.req.valid('json'))), 200),
  )
  app.openapi(groupPut, async c =>
    c.json(region(await write(c, keyOf(c.req.valid('header')), 'group', c.req.valid('param').code, c.req.valid('json'))), 200),
  )
  app.openapi(tierPut, async c =>
    c.json(tier(await write(c, keyOf(c.req.valid('header')), 'tier', c.req.valid('param').code, c.req.valid('json'))), 200),
  )
  app.openapi(partnerPut, async c =>
    c.json(partner(await write(c, keyOf(c.req.valid('header')), 'partner', c.req.valid('param').code, c.req.valid('json'))), 200),
  )

  return app
}

const named = ({ code, name, createdAt }: AudienceRow) => leaving({ code, name, createdAt })
const region = (row: AudienceRow) => ({ ...named(row), channels: [...row.channels] })
const tier = (row: AudienceRow) => ({ ...named(row), partners: row.partners })
const partner = (row: AudienceRow) => ({ ...named(row), tier: row.tier })
