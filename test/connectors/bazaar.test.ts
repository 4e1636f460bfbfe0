import { expect, test } from 'vitest'
import { makeBazaarSandbox } from '../../connectors/bazaar/sandbox.ts'
import { KEYS, stage } from './bazaar-stage.ts'
import { conformance } from './conformance.ts'
import { STARTED_AT, seeded } from './stage.ts'

conformance('Bazaar', stage)

test('the sandbox of Bazaar refuses the 21st call of a moment, and takes ten more a second later', async () => {
  let now = STARTED_AT
  const told = { file: ':memory:', now: () => now, scale: 1, random: seeded(1), deliver: async () => 200, lagMs: 0 }
  const sandbox = makeBazaarSandbox({ ...told, ...KEYS, currency: 'EUR' })
  const call = async (): Promise<number> =>
    (await sandbox.fetch(new Request('https://bazaar.example/goods', { headers: { authorization: `Bearer ${KEYS.token}` } }))).status
  const many = async (times: number): Promise<number[]> => Promise.all(Array.from({ length: times }, call))
  expect((await many(21)).filter(status => status === 200).length).toBe(20)
  now = new Date(now.getTime() + 1000)
  expect((await many(21)).filter(status => status === 200).length).toBe(10)
  sandbox.close()
})
