import type { Hono } from 'hono'
import { z } from 'zod'
import { type Gate, refuse } from './gate.ts'
import type { World } from './world.ts'

/** What the sandbox's queue is called at AWS. */
export const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:000000000000:notifications'

type DestinationRow = { id: string; name: string; arn: string }
type SubscriptionRow = { id: string; type: string; version: string; destination: string }

const BASE = '/notifications/v1'
const destinationShape = z.object({
  name: z.string().min(1).max(256),
  resourceSpecification: z.object({ sqs: z.object({ arn: z.string().regex(/^arn:aws:sqs:\S+:\S+:\S+/) }) }),
})
const subscriptionShape = z.object({ payloadVersion: z.string(), destinationId: z.string() })

/** Whether messages of this type come to the sandbox's queue. */
export function isTold({ store }: World, type: string): boolean {
  return (
    store.one(
      'select 1 from subscription s join destination d on d.id = s.destination where s.type = ? and d.arn = ?',
      ...[type, QUEUE_ARN],
    ) !== undefined
  )
}

/** A seller who has connected the queue by hand. */
export function subscribeByHand({ store }: World, types: readonly string[]): void {
  store.run('insert into destination values (?, ?, ?)', 'by-hand', 'By hand', QUEUE_ARN)
  for (const type of types) store.run('insert into subscription values (?, ?, ?, ?)', `by-hand-${type}`, type, '1.0', 'by-hand')
}

/** Notifications v1: destinations of the application, subscriptions of the seller. */
export function addSubscriptions(app: Hono, world: World, gate: Gate): void {
  const { store } = world
  app.get(
    `${BASE}/destinations`,
    gate('getDestinations', () => Response.json({ payload: store.all<DestinationRow>('select * from destination order by id').map(view) })),
  )
  app.post(
    `${BASE}/destinations`,
    gate('createDestination', async context => {
      const asked = destinationShape.safeParse(await context.req.json().catch(() => null))
      if (!asked.success) return refuse(400, 'InvalidInput', z.prettifyError(asked.error))
      const { name, resourceSpecification } = asked.data
      const { arn } = resourceSpecification.sqs
      // Amazon looks whether it may send there.
      if (arn !== QUEUE_ARN) return refuse(400, 'InvalidInput', 'The queue does not let Amazon send to it.')
      if (store.one('select 1 from destination where arn = ?', arn)) return refuse(409, 'Conflict', 'The destination exists already.')
      const row = { id: crypto.randomUUID(), name, arn }
      store.run('insert into destination values (?, ?, ?)', row.id, row.name, row.arn)
      return Response.json({ payload: view(row) })
    }),
  )
  app.get(
    `${BASE}/subscriptions/:type`,
    gate('getSubscription', context => {
      const row = subscription(world, context.req.param('type') ?? '')
      return row ? Response.json({ payload: shown(row) }) : refuse(404, 'NotFound', 'There is no such subscription.')
    }),
  )
  app.post(
    `${BASE}/subscriptions/:type`,
    gate('createSubscription', async context => {
      const type = context.req.param('type') ?? ''
      const asked = subscriptionShape.safeParse(await context.req.json().catch(() => null))
      if (!asked.success) return refuse(400, 'InvalidInput', z.prettifyError(asked.error))
      const { payloadVersion, destinationId } = asked.data
      if (!store.one('select 1 from destination where id = ?', destinationId))
        return refuse(400, 'InvalidInput', 'There is no such destination.')
      if (subscription(world, type)) return refuse(409, 'Conflict', 'The subscription exists already.')
      const row = { id: crypto.randomUUID(), type, version: payloadVersion, destination: destinationId }
      store.run('insert into subscription values (?, ?, ?, ?)', row.id, row.type, row.version, row.destination)
      store.record('webhook', { ref: row.id, data: { subscribed: type } })
      return Response.json({ payload: shown(row) })
    }),
  )
  app.delete(
    `${BASE}/subscriptions/:type/:id`,
    gate('deleteSubscriptionById', context => {
      const gone = store.run('delete from subscription where id = ?', context.req.param('id') ?? '')
      return gone === 0 ? refuse(404, 'NotFound', 'There is no such subscription.') : Response.json({})
    }),
  )
}

function subscription({ store }: World, type: string): SubscriptionRow | undefined {
  return store.one<SubscriptionRow>('select * from subscription where type = ?', type)
}

const view = ({ id, name, arn }: DestinationRow): object => ({ destinationId: id, name, resource: { sqs: { arn } } })

const shown = ({ id, version, destination }: SubscriptionRow): object => ({
  ...{ subscriptionId: id, payloadVersion: version, destinationId: destination },
})
