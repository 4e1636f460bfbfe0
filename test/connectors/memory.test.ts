import { describe, expect, test } from 'vitest'
import type { Connector, Session } from '../../connectors/contract.ts'
import { memory } from '../../connectors/memory/index.ts'
import { cases, conformance } from './conformance.ts'
import { openMemory, stage } from './memory-stage.ts'

conformance('the in-memory reference connector', stage)

/** The reference connector with one fault built in. */
const broken = (change: (session: Session) => Partial<Session>): Connector => ({
  ...memory,
  open: (account, tools) => {
    const session = memory.open(account, tools)
    return { ...session, ...change(session) }
  },
})

const sabotage: readonly { fault: string; noticedBy: string; connector: Connector }[] = [
  {
    fault: 'forgets the last page of listings',
    noticedBy: 'lists everything the account sells, over several pages, with quantity and price',
    connector: broken(session => ({
      listings: async function* () {
        for await (const page of session.listings()) if (page.length === 50) yield page
      },
    })),
  },
  {
    fault: 'claims that an accepted value is applied',
    noticedBy: 'does not call a value applied that the platform accepted and dropped',
    connector: broken(session => ({
      push: async items =>
        (await session.push(items)).map(outcome =>
          outcome.stock ? { ...outcome, stock: { status: 'accepted', applied: true } } : outcome,
        ),
    })),
  },
  {
    fault: 'answers for the items in another order',
    noticedBy: 'refuses a listing that the platform does not have, and takes its neighbours',
    connector: broken(session => ({
      push: async items => [...(await session.push(items))].sort((a, b) => (a.stock?.status === 'rejected' ? -1 : b.stock ? 1 : 0)),
    })),
  },
  {
    fault: 'repeats an act whose answer did not come',
    noticedBy: 'leaves a shipment unknown whose answer never came, and finds by reading that it happened',
    connector: broken(session => ({
      act: async act => ((await session.act(act)).status === 'unknown' ? session.act(act) : { status: 'confirmed' }),
    })),
  },
  {
    fault: 'says that an act happened without looking',
    noticedBy: 'leaves a shipment unknown that never arrived, finds that it did not happen, and ships it once',
    connector: broken(() => ({ actHappened: async () => true })),
  },
  {
    fault: 'loses the orders behind the first page',
    noticedBy: 'reads all changed orders over several pages, oldest change first, also those of one second',
    connector: broken(session => ({
      orders: async function* (after) {
        for await (const page of session.orders(after)) {
          yield page
          return
        }
      },
    })),
  },
  {
    fault: 'knows only the lines that an order had first',
    noticedBy: 'tells an order that was edited at the platform: units added and taken off, a line gone, and a new one',
    connector: broken(session => {
      const known = new Map<string, number>()
      return {
        order: async id => {
          const order = await session.order(id)
          if (!order || !('effect' in order)) return order
          const first = known.get(id) ?? order.lines.length
          known.set(id, first)
          return { ...order, lines: order.lines.slice(0, first) }
        },
      }
    }),
  },
  {
    fault: 'takes a throttled push for done',
    noticedBy: 'takes a throttled push as one that did not happen',
    connector: broken(session => ({
      push: items => session.push(items).catch(() => items.map(() => ({ stock: { status: 'accepted', applied: false } as const }))),
    })),
  },
]

describe('the conformance suite', () => {
  test.each(sabotage)('notices a connector that $fault', async ({ noticedBy, connector }) => {
    const found = cases.find(each => each.title === noticedBy)
    if (!found) throw new Error(`there is no case "${noticedBy}"`)
    const stage = await openMemory(connector)
    try {
      await expect(found.run(stage)).rejects.toThrow()
    } finally {
      await stage.close()
    }
  })
})
