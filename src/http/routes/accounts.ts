import { createRoute, z } from '@hono/zod-openapi'
import { listAccounts } from '../../../db/reads.ts'
import { createAccount, type PlatformShape, setAccountPaused } from '../../usecases/channels.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, creates, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import { fieldErrors } from '../problem.ts'
import { Code, Currency, LocationCode, leaving, present, text, Zone } from '../shapes.ts'

const AccountOut = z
  .object({
    id: z.int(),
    name: z.string(),
    platform: z.string(),
    settings: z.record(z.string(), z.unknown()),
    state: z.string(),
    stateReason: z.string().nullable(),
    stateSince: z.string(),
    retryAt: z.string().nullable(),
    coveredUntil: z.string().nullable().openapi({ description: 'All orders that the platform changed before this instant are known.' }),
    polledAt: z.string().nullable(),
    observedAt: z.string().nullable(),
    createdAt: z.string(),
    channels: z.array(z.string()),
  })
  .openapi('Account')

const AccountIn = z.strictObject({
  name: Code,
  platform: text(40),
  settings: z.record(z.string(), z.unknown()),
  credentials: z.record(z.string(), z.unknown()).openapi({ description: 'Stored sealed; never shown again.' }),
  webhookSecret: text(200).optional(),
  channels: z
    .array(
      z.strictObject({
        code: Code,
        name: text(200),
        ref: text(100).openapi({ description: "The platform's marketplace id; `shop` where an account is one shop." }),
        currency: Currency,
        zone: Zone.optional(),
        locale: text(20).optional(),
        taxMode: z.enum(['inclusive', 'exclusive']).optional(),
      }),
    )
    .min(1)
    .max(100),
  locations: z.array(LocationCode).max(1000).optional(),
})

const ByName = z.object({ name: Code })

const list = createRoute({
  method: 'get',
  path: '/v1/accounts',
  tags: ['Channels'],
  summary: 'Accounts at platforms',
  request: { query: z.strictObject(PAGE) },
  responses: answers(pageOf(AccountOut), 'Never with their credentials.'),
})

const get = createRoute({
  method: 'get',
  path: '/v1/accounts/{name}',
  tags: ['Channels'],
  summary: 'One account',
  request: { params: ByName },
  responses: answers(AccountOut, 'The account.'),
})

const create = createRoute({
  method: 'post',
  path: '/v1/accounts',
  tags: ['Channels'],
  summary: 'Connect an account with its channels',
  description: 'It begins in observe: everything is read, nothing is written, until its switches are turned.',
  request: { headers: WriteHeaders, body: json(AccountIn) },
  responses: creates(AccountOut, 'The account.'),
})

const pause = createRoute({
  method: 'post',
  path: '/v1/accounts/{name}/pause',
  tags: ['Channels'],
  summary: 'Call nothing at this account any more',
  description: 'Needs no Idempotency-Key: an account that is paused stays so.',
  request: { params: ByName, body: json(z.strictObject({ reason: text(300) })) },
  responses: answers(AccountOut, 'The account.'),
})

const resume = createRoute({
  method: 'post',
  path: '/v1/accounts/{name}/resume',
  tags: ['Channels'],
  summary: 'Let the account go on',
  description: 'Needs no Idempotency-Key: an account that goes on stays so.',
  request: { params: ByName },
  responses: answers(AccountOut, 'The account.'),
})

/** Accounts: our logins at platforms. */
export function accountRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  async function show(name: string) {
    const [row] = await listAccounts(deps.sql, name, 0, 1)
    if (row === undefined) throw new Fault('not_found', `There is no account ${name}.`)
    return shown(row)
  }

  app.openapi(list, async c => {
    const { cursor, limit } = c.req.valid('query')
    const rows = await listAccounts(deps.sql, null, idCursor(cursor) ?? 0, limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], shown),
      200,
    )
  })

  app.openapi(get, async c => c.json(await show(c.req.valid('param').name), 200))

  app.openapi(create, async c => {
    const account = c.req.valid('json')
    const stated = { ...present(account), channels: account.channels.map(present) }
    await createAccount(contextOf(deps, c), platformOf(deps, account.platform), stated, keyOf(c.req.valid('header')))
    return c.json(await show(account.name), 201)
  })

  app.openapi(pause, async c => {
    const { name } = c.req.valid('param')
    await setAccountPaused(contextOf(deps, c), name, true, c.req.valid('json').reason)
    return c.json(await show(name), 200)
  })

  app.openapi(resume, async c => {
    const { name } = c.req.valid('param')
    await setAccountPaused(contextOf(deps, c), name, false, '')
    return c.json(await show(name), 200)
  })

  return app
}

function shown(row: Awaited<ReturnType<typeof listAccounts>>[number]): z.infer<typeof AccountOut> {
  return { ...leaving(row), settings: { ...row.settings }, channels: [...row.channels] }
}

/** The platform's shapes, so that what they refuse is told field by field. */
function platformOf(deps: ApiDeps, name: string): PlatformShape {
  const known = deps.platforms ?? []
  const shape = known.find(one => one.platform === name)
  if (shape === undefined) {
    throw new Fault('invalid', `There is no platform ${name}.`, {
      field: 'platform',
      value: name,
      expected: known.map(one => one.platform).join(', '),
    })
  }
  return {
    ...shape,
    readSettings: value => readPart('settings', () => shape.readSettings(value)),
    readCredentials: value => readPart('credentials', () => shape.readCredentials(value)),
  }
}

function readPart(part: string, read: () => Record<string, unknown>): Record<string, unknown> {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error
    const [first] = fieldErrors(error.issues)
    throw new Fault('invalid', first?.message ?? `The ${part} are not valid.`, {
      field: first === undefined || first.field === '' ? part : `${part}.${first.field}`,
      ...(first?.expected === undefined ? {} : { expected: first.expected }),
    })
  }
}
