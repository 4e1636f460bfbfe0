import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { expect, onTestFinished } from 'vitest'
import type { Sandbox, SandboxOptions } from '../../connectors/sandbox.ts'
import { platformFacts } from '../../src/main-platforms.ts'
import type { NewAccount } from '../../src/usecases/channels.ts'
import { textOf, type UiStage, type Visit } from './stage.ts'

/** A platform that answers, until the test ends. */
export async function played(make: (options: SandboxOptions) => Sandbox): Promise<string> {
  const sandbox = make({ file: ':memory:', now: () => new Date(), scale: 1000, random: () => 0.5, deliver: async () => 202, lagMs: 0 })
  const server = serve({ fetch: sandbox.fetch, port: 0, hostname: '127.0.0.1' })
  await new Promise<void>(resolve => server.once('listening', resolve))
  onTestFinished(async () => {
    await new Promise(resolve => server.close(resolve))
    sandbox.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export type Account = Omit<NewAccount, 'name' | 'platform'>

/** What a person types to connect this account. */
export function typedFor(platform: string, name: string, account: Account): Record<string, string> {
  const form = platformFacts[platform]?.form
  const credentials = account.credentials as Record<string, string>
  const way = form?.ways.findIndex(one => Object.keys(credentials).every(key => one.fields.some(field => field.name === key))) ?? 0
  const text = (value: unknown): string => {
    if (typeof value === 'boolean') return value ? 'yes' : 'no'
    return typeof value === 'object' && !Array.isArray(value) ? JSON.stringify(value) : String(value)
  }
  return {
    ...{ name, way: String(way), rows: String(account.channels.length) },
    ...Object.fromEntries(Object.entries(account.settings as object).map(([key, value]) => [`settings.${key}`, text(value)])),
    ...Object.fromEntries(Object.entries(credentials).map(([key, value]) => [`credentials.${way}.${key}`, value])),
    ...Object.fromEntries(
      account.channels.flatMap((channel, row) =>
        Object.entries({ ...channel, code: `${name}-${row}` }).map(([part, value]) => [`channels.${row}.${part}`, String(value)]),
      ),
    ),
  }
}

/** The credentials that are no mere names, such as a client id or an e-mail address. */
export function secretsOf(platform: string, account: Account): string[] {
  const names = platformFacts[platform]?.form?.ways
    .flatMap(way => way.fields.filter(field => field.isName === true))
    .map(field => field.name)
  return Object.entries(account.credentials as Record<string, string>).flatMap(([name, value]) => (names?.includes(name) ? [] : [value]))
}

/** The words beside a field. */
export function wrongAt(html: string, field: string): string | undefined {
  const frame = html.split('<label').find(part => part.includes(`name="${field}"`))
  const said = /<span class="field-wrong" role="alert">(.*?)<\/span>/s.exec(frame ?? '')?.[1]
  return said === undefined ? undefined : textOf(said)
}

/** Neither the page nor its cookies nor the log tell any of these. */
export function holdsNone(stage: UiStage, page: Visit, secrets: readonly string[]): void {
  for (const secret of secrets) {
    expect(page.html.includes(secret), 'a page shows a secret').toBe(false)
    expect([...page.headers].join('\n').includes(secret), 'a cookie holds a secret').toBe(false)
    expect(stage.logged().includes(secret), 'the log tells a secret').toBe(false)
  }
}
