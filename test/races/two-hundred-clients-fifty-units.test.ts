import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Agent, request } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Stage, setStage, stockUp } from '../http/stage.ts'
import { repetitions } from '../support/repetitions.ts'

let stage: Stage
let key: string
const servers: Server[] = []
const agent = new Agent({ connections: 200 })

async function serve(fetch: Parameters<typeof getRequestListener>[0]): Promise<string> {
  const server = createServer(getRequestListener(fetch))
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

beforeAll(async () => {
  stage = await setStage()
  key = await stage.key('catalog:write', 'stock:write')
})

afterAll(async () => {
  await agent.close()
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
})

test('two hundred clients reserve the last fifty units at once: exactly fifty get one, on one node and on two', async () => {
  const nodes = [await serve(stage.app.fetch), await serve(stage.another().fetch)]
  const rounds = repetitions('200 clients for 50 units', 2, 20)
  for (let round = 0; round < rounds; round++) {
    const sku = `LAST-${round}`
    await stockUp(stage.app, key, sku, 50)
    const among = nodes.slice(0, 1 + (round % 2))
    const statuses = await Promise.all(
      Array.from({ length: 200 }, async (_, client) => {
        const answer = await request(`${among[client % among.length]}/v1/reservations`, {
          method: 'POST',
          dispatcher: agent,
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': `${sku}-${client}` },
          body: JSON.stringify({ lines: [{ sku, quantity: 1 }] }),
        })
        await answer.body.dump()
        return answer.statusCode
      }),
    )
    expect(statuses.filter(status => status === 201)).toHaveLength(50)
    expect(statuses.filter(status => status === 409)).toHaveLength(150)
    const [balance] = await stage.sql`
      select b.on_hand, b.reserved, (select sum(quantity)::int from reservations r where r.variant_id = b.variant_id and r.state = 'open') as promised,
        (select sum(m.reserved)::int from movements m where m.variant_id = b.variant_id) as ledger
      from balances b join variants v on v.id = b.variant_id where v.sku = ${sku}`
    expect(balance).toEqual({ on_hand: 50, reserved: 50, promised: 50, ledger: 50 })
  }
})
