import { expect } from 'vitest'
import type { MessageReading } from '../../../connectors/contract.ts'
import type { WebhookDoor } from '../../../connectors/webhooks.ts'
import type { ChannelOrder } from '../../../src/values/channel-order.ts'
import type { Case } from '../conformance.ts'
import { type Delivery, goods, STARTED_AT, type Stage } from '../stage.ts'
import { bought, ordersSince } from './orders.ts'

const webhooks: NonNullable<Case['needs']> = { what: 'webhooks', has: declares => declares.arrival === 'webhook' }
const queue: NonNullable<Case['needs']> = { what: 'a message queue', has: declares => declares.arrival === 'queue' }
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function doorOf(stage: Stage): WebhookDoor {
  if (!stage.traits.door) throw new Error(`${stage.connector.platform} declares webhooks but has no door`)
  return stage.traits.door
}

async function ensure(stage: Stage): Promise<string> {
  if (!stage.session.ensureWebhooks) throw new Error(`${stage.connector.platform} declares webhooks but cannot ensure them`)
  return stage.session.ensureWebhooks(stage.hub.address, stage.hub.secret)
}

/** The order ids that a message leads to. */
function idsIn(reading: MessageReading): readonly string[] {
  if (reading.kind === 'orders') return reading.orders.map(order => order.externalId)
  return reading.kind === 'reread' ? reading.externalIds : []
}

function read(stage: Stage, delivery: Delivery): MessageReading {
  const known = doorOf(stage).identify(delivery.headers, bytes(delivery.body))
  return known ? stage.session.readMessage(known.topic, delivery.body) : { kind: 'nothing', why: 'ping' }
}

/** Sets up webhooks and forgets what came until now. */
export async function listening(stage: Stage): Promise<void> {
  stage.sandbox.seed([goods(stage, 'MUG', 50)])
  await ensure(stage)
  await stage.settle()
  stage.hub.received.length = 0
}

/** The orders that the messages since then lead to, as they are read. */
export async function told(stage: Stage): Promise<ChannelOrder[]> {
  const orders: ChannelOrder[] = []
  for (const delivery of stage.hub.received) {
    const reading = read(stage, delivery)
    if (reading.kind === 'orders') orders.push(...reading.orders)
    for (const id of reading.kind === 'reread' ? reading.externalIds : []) {
      const order = await stage.session.order(id)
      if (order && 'effect' in order) orders.push(order)
    }
  }
  return orders
}

export const messageCases: readonly Case[] = [
  {
    title: 'makes the webhooks once, and takes the first call for the ping that it is',
    needs: webhooks,
    run: async stage => {
      expect(await ensure(stage)).toBe('created')
      await stage.settle()
      expect(stage.hub.received.length > 0).toBe(stage.traits.pings !== false)
      for (const ping of stage.hub.received) expect(doorOf(stage).identify(ping.headers, bytes(ping.body))).toBeNull()
      expect(await ensure(stage)).toBe('present')
    },
  },
  {
    title: 'sends a signed order, which only the right secret and the untouched body pass',
    needs: webhooks,
    run: async stage => {
      await listening(stage)
      const sold = bought(stage, 'b1', 'MUG', 2)
      await stage.settle()
      const delivery = stage.hub.received.find(each => idsIn(read(stage, each)).includes(sold.externalId))
      if (!delivery) throw new Error('no webhook told of the order')
      const door = doorOf(stage)
      expect(await door.verify(stage.hub.secret, delivery.headers, bytes(delivery.body))).toBe(true)
      expect(await door.verify('another secret', delivery.headers, bytes(delivery.body))).toBe(false)
      expect(await door.verify(stage.hub.secret, delivery.headers, bytes(`${delivery.body} `))).toBe(false)
      expect(await door.verify(stage.hub.secret, new Headers(), bytes(delivery.body))).toBe(false)
    },
  },
  {
    title: 'gives a delivery that comes twice the same id, and two deliveries different ones',
    needs: webhooks,
    run: async stage => {
      await listening(stage)
      stage.sandbox.misbehave({ kind: 'webhook-double', times: 1 })
      bought(stage, 'b1', 'MUG', 2)
      await stage.settle()
      stage.clock.advance(1000)
      bought(stage, 'b2', 'MUG', 2)
      await stage.settle()
      const ids = stage.hub.received.map(each => doorOf(stage).identify(each.headers, bytes(each.body))?.deliveryId)
      expect(ids).not.toContain(undefined)
      expect(new Set(ids).size).toBe(ids.length - 1)
    },
  },
  {
    title: 'finds an order by polling whose webhook was lost',
    needs: webhooks,
    run: async stage => {
      await listening(stage)
      stage.sandbox.misbehave({ kind: 'webhook-drop' })
      const sold = bought(stage, 'b1', 'MUG', 2)
      await stage.settle()
      expect(stage.hub.received).toEqual([])
      expect((await ordersSince(stage.session, new Date(STARTED_AT.getTime() - 1000))).map(order => order.externalId)).toEqual([
        sold.externalId,
      ])
    },
  },
  {
    title: 'lets an older state that comes late be told by its stamp',
    needs: {
      what: 'webhooks that hold the order',
      has: (declares, traits) => declares.arrival === 'webhook' && traits.messagesTellOrders !== false,
    },
    run: async stage => {
      await listening(stage)
      stage.sandbox.misbehave({ kind: 'webhook-late', times: 1 })
      const sold = bought(stage, 'b1', 'MUG', 2)
      stage.clock.advance(1000)
      stage.sandbox.cancel(sold.externalId)
      await stage.settle()
      const told = stage.hub.received.map(each => read(stage, each)).flatMap(reading => (reading.kind === 'orders' ? reading.orders : []))
      expect(told.map(order => order.effect)).toContain('reserve')
      expect([...told].sort((a, b) => a.stamp.localeCompare(b.stamp)).at(-1)?.effect).toBe('cancel')
      expect(told.at(-1)?.effect).toBe('reserve')
    },
  },
  {
    title: 'keeps a webhook apart that is garbage, with the reason',
    needs: webhooks,
    run: async stage => {
      await listening(stage)
      stage.sandbox.misbehave({ kind: 'webhook-garbage' })
      bought(stage, 'b1', 'MUG', 2)
      await stage.settle()
      expect(stage.hub.received.length).toBeGreaterThan(0)
      for (const each of stage.hub.received) {
        const known = doorOf(stage).identify(each.headers, bytes(each.body))
        expect(known && stage.session.readMessage(known.topic, each.body)).toMatchObject({
          kind: 'unreadable',
          reason: expect.stringMatching(/\w/),
        })
      }
    },
  },
  {
    title: 'revives webhooks that the platform switched off after failures',
    needs: webhooks,
    run: async stage => {
      await listening(stage)
      stage.hub.answers = 500
      for (let n = 0; n < 8; n += 1) {
        bought(stage, `lost-${n}`, 'MUG', 1)
        await stage.settle()
      }
      const before = stage.hub.received.length
      stage.hub.answers = 202
      bought(stage, 'silent', 'MUG', 1)
      await stage.settle()
      expect(stage.hub.received.length).toBe(before)
      expect(await ensure(stage)).toBe('revived')
      const sold = bought(stage, 'heard', 'MUG', 1)
      await stage.settle()
      expect(stage.hub.received.slice(before).flatMap(each => idsIn(read(stage, each)))).toContain(sold.externalId)
    },
  },
  {
    title: 'receives messages from the queue, again until they are deleted',
    needs: queue,
    run: async stage => {
      const { receive, deleteMessages } = stage.session
      if (!receive || !deleteMessages) throw new Error(`${stage.connector.platform} declares a queue but cannot receive and delete`)
      stage.sandbox.seed([goods(stage, 'MUG', 50)])
      const sold = bought(stage, 'b1', 'MUG', 2)
      await stage.settle()
      const wanted = async (): Promise<{ receipt: string }[]> => {
        const messages = await receive()
        return messages.filter(each => idsIn(stage.session.readMessage(each.topic, each.body)).includes(sold.externalId))
      }
      const first = await wanted()
      expect(first.length).toBeGreaterThan(0)
      // Longer than any visibility time-out: what was not deleted comes again.
      stage.clock.advance(3_600_000)
      const again = await wanted()
      expect(again.length).toBe(first.length)
      await deleteMessages(again.map(each => each.receipt))
      stage.clock.advance(3_600_000)
      expect(await wanted()).toEqual([])
    },
  },
  {
    title: 'reads nonsense without a throw',
    run: async stage => {
      for (const body of ['', '{{{', 'null', '[]', '{"id":"x"}', '<html>'])
        for (const topic of ['order.updated', 'ORDER_CHANGE', 'no.such.topic'])
          expect(['unreadable', 'nothing']).toContain(stage.session.readMessage(topic, body).kind)
    },
  },
]
