import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { connectors } from '../../connectors/registry.ts'
import { cases, left } from './conformance.ts'
import { everyStage } from './platform-stage.ts'

/** So many things every connector must do, where its platform can. */
const CASES_LEAST = 50

test(`the contract has at least ${CASES_LEAST} cases, each with a title of its own`, () => {
  expect(cases.length).toBeGreaterThanOrEqual(CASES_LEAST)
  expect(new Set(cases.map(one => one.title)).size).toBe(cases.length)
})

// The closing lines of a whole run look for a passed run of the contract for each of these titles.
test.each(connectors.map(({ platform, title }) => ({ platform, title })))('$title is held to the contract', async ({ platform, title }) => {
  const text = await readFile(new URL(`./${platform}.test.ts`, import.meta.url), 'utf8').catch(() => '')
  const [, factory] = new RegExp(`^conformance\\('${title}', (\\w+)\\)$`, 'm').exec(text) ?? []
  expect(factory, `test/connectors/${platform}.test.ts must say conformance('${title}', stage)`).toBeDefined()
  expect(text).toMatch(new RegExp(`^import \\{.*\\b${factory}\\b.*\\} from './${platform}-stage\\.ts'$`, 'm'))
})

test('what is left out for a platform is what it does not declare, and most of the contract is run', async () => {
  for (const { connector, traits } of await everyStage()) {
    const out = left({ connector, traits })
    expect(cases.length - out.length, connector.title).toBeGreaterThanOrEqual(CASES_LEAST)
    for (const { needs } of out) expect(needs?.has(connector.declares, traits), connector.title).toBe(false)
  }
})
