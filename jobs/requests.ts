import { endRequest, openRequests, type RequestRow } from '../db/accounts.ts'
import type { JsonValue } from '../db/connect.ts'
import { isAccountTrouble } from './account.ts'
import type { Lane } from './lane.ts'
import { observe } from './observe.ts'
import { pollOrders } from './poll.ts'

/** Does what people asked of the account, in their order. A request that fails is answered with the reason. */
export async function answerRequests(lane: Lane): Promise<boolean> {
  const open = await openRequests(lane.deps.sql, lane.account.row.id)
  for (const request of open) {
    try {
      await endRequest(lane.deps.sql, request.id, 'done', (await answer(lane, request)) as JsonValue)
    } catch (error) {
      if (!isAccountTrouble(error)) throw error
      await endRequest(lane.deps.sql, request.id, 'failed', { trouble: error.kind, words: error.message })
      if (error.kind !== 'auth') throw error
    }
  }
  return open.length > 0
}

async function answer(lane: Lane, request: RequestRow): Promise<unknown> {
  switch (request.kind) {
    case 'test':
      return lane.account.session.test()
    case 'observe':
    case 'compare':
      return observe(lane)
    case 'poll':
      return { orders: await pollOrders(lane) }
  }
}
