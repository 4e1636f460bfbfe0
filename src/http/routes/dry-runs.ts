import { createRoute, z } from '@hono/zod-openapi'
import { Hono } from 'hono'
import { beginDryRun, type DryOutcome } from '../../usecases/dry-run.ts'
import { dryRunMarketRule } from '../../usecases/dry-run-market.ts'
import { mayPass, type Principal, type RequestEnv, type RouteTable } from '../../usecases/principal.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, json, makeApi } from '../api.ts'
import { valueShown } from '../money-shown.ts'
import { Code } from '../shapes.ts'
import { bundleRoutes } from './bundles.ts'
import { channelRoutes } from './channels.ts'
import { guardRoutes } from './guard.ts'
import { marketRuleRoutes, RuleIn } from './market-rules.ts'
import { priceLimitRoutes } from './price-limits.ts'
import { priceListRoutes } from './price-lists.ts'
import { pricePolicyRoutes } from './price-policies.ts'
import { priceRateRoutes } from './price-rates.ts'
import { priceRoutes } from './prices.ts'
import { stockChangeRoutes } from './stock-changes.ts'
import { termsRoutes } from './terms.ts'

/** Routes whose write is one command, by method and pattern, and what answers them. */
const COMMANDS: Readonly<Record<string, (deps: ApiDeps) => Api>> = {
  'POST /v1/prices': priceRoutes,
  'PUT /v1/price-lists/:code': priceListRoutes,
  'POST /v1/price-lists/:code/entries': priceListRoutes,
  'POST /v1/price-lists/:code/approve': priceListRoutes,
  'POST /v1/price-lists/:code/reject': priceListRoutes,
  'POST /v1/price-lists/:code/end': priceListRoutes,
  'PATCH /v1/channels/:code/price-policy': pricePolicyRoutes,
  'POST /v1/tax-categories': pricePolicyRoutes,
  'POST /v1/tax-rates': priceRateRoutes,
  'POST /v1/exchange-rates': priceRateRoutes,
  'POST /v1/price-limits': priceLimitRoutes,
  'POST /v1/stock/receive': stockChangeRoutes,
  'POST /v1/stock/adjust': stockChangeRoutes,
  'POST /v1/stock/count': stockChangeRoutes,
  'POST /v1/stock/damage': stockChangeRoutes,
  'POST /v1/stock/restore': stockChangeRoutes,
  'POST /v1/stock/return': stockChangeRoutes,
  'POST /v1/stock/safety-stock': stockChangeRoutes,
  'PUT /v1/variants/:sku/terms': termsRoutes,
  'PATCH /v1/channels/:code': channelRoutes,
  'PATCH /v1/channels/:code/guard': guardRoutes,
  'PUT /v1/bundles/:sku': bundleRoutes,
  'PUT /v1/market/rules/:code': marketRuleRoutes,
}

/** What this command changes in channels are steps that follow it. */
const MARKET = 'PUT /v1/market/rules/:code'

const Field = z.enum(['stock', 'price'])

const DryRunIn = z.strictObject({
  command: z
    .string()
    .max(400)
    .openapi({ example: 'POST /v1/prices', description: `One of: ${Object.keys(COMMANDS).join(', ')}.` }),
  body: z.record(z.string(), z.unknown()).default({}).openapi({ description: 'As the real command takes it.' }),
  channel: Code.optional().openapi({ description: 'Examples of this channel only.' }),
  field: Field.optional(),
  after: z
    .int()
    .min(0)
    .optional()
    .openapi({ description: 'Examples after this listing: `next` of the answer before, with `channel` and `field`.' }),
  limit: z.int().min(1).max(200).default(20).openapi({ description: 'Examples for each channel and field.' }),
})

const Value = z.record(z.string(), z.unknown()).nullable()

const Fields = z.array(
  z.object({
    channel: z.string(),
    field: Field,
    listings: z.int(),
    moved: z.int().openapi({ description: "Listings that the guard's window counts already." }),
    allowed: z.int().nullable().openapi({ description: 'So many may move within the window. Null: as many as like.' }),
    windowMinutes: z.int(),
    changed: z.int(),
    goes: z.int().openapi({ description: 'Would be sent.' }),
    refused: z.int().openapi({ description: 'Have no price that may be shown: held between floor and ceiling.' }),
    off: z.int().openapi({ description: 'Would change, in a channel that is not published.' }),
    quarantined: z
      .object({ changed: z.int().optional(), dropped: z.int().optional(), zeroed: z.int().optional() })
      .openapi({ description: 'Would be held by the guard, by the limit that they go beyond.' }),
    examples: z.array(
      z.object({
        listingId: z.int(),
        sku: z.string(),
        before: Value,
        after: Value,
        verdict: z.enum(['goes', 'refused', 'off', 'changed', 'dropped', 'zeroed']),
        words: z.string().optional(),
      }),
    ),
    next: z.int().nullable(),
  }),
)

const Accounts = z.array(
  z.object({
    account: z.string(),
    platform: z.string(),
    skus: z.int(),
    calls: z.int().nullable(),
    seconds: z.number().nullable().openapi({ description: "The shortest time in which the platform's limits let them through." }),
  }),
)

const DryRunOut = z
  .object({
    touched: z.int().openapi({ description: 'SKUs that it speaks of.' }),
    fields: Fields,
    accounts: Accounts,
    turns: z.array(z.object({ at: z.string(), fields: Fields, accounts: Accounts })).openapi({
      description:
        'What would change at each instant at which the change begins or ends, and does not change now: a raise that is dated, the end of a list.',
    }),
    fallsAway: z
      .array(
        z.object({
          at: z.string(),
          channel: z.string(),
          listings: z.int(),
          examples: z.array(z.object({ sku: z.string(), planned: Value, stays: Value })),
        }),
      )
      .openapi({
        description: 'What was to change at an instant to come, and stays as it is: a dated raise of a list that ends before it begins.',
      }),
    later: z.int().openapi({ description: 'More instants of the change, which were not looked at.' }),
  })
  .openapi('DryRun')

const run = createRoute({
  method: 'post',
  path: '/v1/dry-runs',
  tags: ['Guard'],
  summary: 'What a command would do in every channel, without doing it',
  description:
    'Checks and refuses as the command itself would, and needs its scope. Nothing remains of it, and no key is used up. Needs no Idempotency-Key. Limits of the guard are tried ' +
    'on all that waits to go out in the channel or is held there: `changed` of them, of which `goes` would pass and `quarantined` would be held; what is held already stays held ' +
    'until a person decides.',
  request: { body: json(DryRunIn) },
  responses: answers(DryRunOut, 'By channel and field; and what the pushes would need.'),
})

/** Dry runs. `access` is who may call each route. */
export function dryRunRoutes(deps: ApiDeps, access: RouteTable): Api {
  const app = makeApi()
  app.openapi(run, async c => {
    const { command, body, ...look } = c.req.valid('json')
    const [method = '', path = ''] = command.split(' ')
    const pattern = patternOf(command)
    if (pattern === null)
      throw new Fault('invalid', `${command} is not a command that can be tried.`, {
        field: 'command',
        value: command,
        expected: Object.keys(COMMANDS).join(', '),
      })
    refuseOthers(access, pattern, c.var.principal)
    const dry = beginDryRun(contextOf(deps, c), look)
    const { principal, requestId } = c.var
    const who = { principal, visitor: principal, requestId }
    const door = COMMANDS[pattern]?.({ ...deps, sql: dry.context.sql })
    if (pattern === MARKET) {
      const { why: _why, ...rule } = body
      const asked = await tried(door, who, 'POST', `${path}/dry-run?limit=1`, rule)
      if (!asked.ok) return asked as never
      const outcome = await dryRunMarketRule(contextOf(deps, c), path.split('/').at(-1) ?? '', RuleIn.parse(rule), look)
      return c.json(shown(outcome), 200)
    }
    const asked = await tried(door, who, method, path, body)
    // What the command's own door refuses, it refuses here in the same words.
    if (!asked.ok) return asked as never
    return c.json(shown(dry.outcome()), 200)
  })
  return app
}

function patternOf(command: string): string | null {
  const fits = (pattern: string) => new RegExp(`^${pattern.replace(/:\w+/g, '[^/?\\s]+')}$`).test(command)
  return Object.keys(COMMANDS).find(fits) ?? null
}

function refuseOthers(table: RouteTable, pattern: string, principal: Principal): void {
  const access = table[pattern]
  if (access === undefined || !mayPass(access, principal))
    throw new Fault('forbidden', `${principal.name} lacks what ${pattern} needs: ${String(access)}.`, { needs: access })
}

/** Sends the body to the command's own door, in the name of who asks. */
async function tried(group: Api | undefined, who: RequestEnv['Variables'], method: string, path: string, body: unknown): Promise<Response> {
  if (group === undefined) throw new Error(`${method} ${path} has no door`)
  const door = new Hono<RequestEnv>()
  door.onError(error => {
    throw error
  })
  door.use((c, next) => {
    c.set('principal', who.principal)
    c.set('visitor', who.visitor)
    c.set('requestId', who.requestId)
    return next()
  })
  door.route('/', group)
  return door.request(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
}

const shownFields = (fields: DryOutcome['fields']): z.infer<typeof Fields> =>
  fields.map(field => ({
    ...field,
    quarantined: { ...field.quarantined },
    examples: field.examples.map(example => ({ ...example, before: valueShown(example.before), after: valueShown(example.after) })),
  }))

const shown = ({ touched, fields, accounts, turns, fallsAway, later }: DryOutcome): z.infer<typeof DryRunOut> => ({
  touched,
  accounts: [...accounts],
  fields: shownFields(fields),
  turns: turns.map(one => ({ at: one.at, fields: shownFields(one.fields), accounts: [...one.accounts] })),
  fallsAway: fallsAway.map(one => ({
    ...one,
    examples: one.examples.map(({ sku, planned, stays }) => ({ sku, planned: valueShown(planned), stays: valueShown(stays) })),
  })),
  later,
})
