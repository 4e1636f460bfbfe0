import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { readChannels } from '../../db/channels.ts'
import type { Sql } from '../../db/connect.ts'
import { changeChannel, type PlatformShape, previewSwitches } from '../usecases/channels.ts'
import type { Context } from '../usecases/context.ts'
import type { Keyring } from '../values/sealed.ts'
import { CHANNELS, connectAccounts, hasDemoAccounts } from './accounts.ts'
import { startClerk } from './clerk.ts'
import { layInGoods } from './lay-in.ts'
import { AMAZON_LISTINGS, SHOP_LISTINGS } from './listings.ts'
import { layInPrices } from './prices.ts'
import { type SandboxProcess, startSandboxes } from './sandbox-process.ts'

export type DemoOptions = {
  readonly sql: Sql
  readonly keyring: Keyring
  readonly log: Logger
  readonly home: string
  /** Null: the embedded database of `home`. Each database has sandboxes of its own. */
  readonly databaseUrl: string | null
  /** Purchases per second over both platforms. */
  readonly shoppersPerS: number
  /** What an account of each platform is made of. */
  readonly platforms: readonly PlatformShape[]
}

export type Demo = {
  readonly sandboxes: SandboxProcess
  /** Once lanes run: switches publishing on, then lets shoppers and clerk begin. Resolves when they have, or the demo was stopped. */
  readonly openShops: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Made once publishing was switched on. */
const SWITCHED_ON = 'switched-on'

const LOOK_MS = 100
/** Shoppers come in even when something could not be published: then the board shows what and why. */
const SETTLED_MS = 15_000

/**
 * Brings up the demo as far as it goes without lanes: the sandboxes' process, sample goods, accounts. Every step looks at what is there, so
 * that a start which was killed between any two is carried on by the next.
 */
export async function prepareDemo(options: DemoOptions): Promise<Demo> {
  const context: Context = { sql: options.sql, keyring: options.keyring, actor: 'demo' }
  const folder = sandboxFolder(options)
  const isFirst = !(await hasDemoAccounts(context))
  // Without accounts nothing knows these sandboxes: what they hold is of another database, or of a start that was cut short.
  const sandboxes = await startSandboxes(folder, isFirst, options.log)
  try {
    if (isFirst) {
      await layInGoods(context)
      await sandboxes.remote.platform('woocommerce').seed(SHOP_LISTINGS)
      await sandboxes.remote.platform('amazon').seed(AMAZON_LISTINGS)
    }
    await connectAccounts(context, options.platforms, sandboxes)
    // Their channels are there now. What is published already is for whoever looks at the console.
    if (!existsSync(join(folder, SWITCHED_ON))) await layInPrices(context)
  } catch (error) {
    await sandboxes.stop()
    throw error
  }

  const ending = new AbortController()
  let sendClerkHome = async (): Promise<void> => {}
  return {
    sandboxes,
    openShops: async () => {
      await switchOn(context, join(folder, SWITCHED_ON), ending.signal)
      if (ending.signal.aborted) return
      await sandboxes.remote.shoppers(options.shoppersPerS)
      sandboxes.watch(() => sandboxes.remote.shoppers(options.shoppersPerS))
      sendClerkHome = startClerk(context, options.log)
    },
    stop: async () => {
      ending.abort()
      await sendClerkHome()
      await sandboxes.stop()
    },
  }
}

function sandboxFolder({ home, databaseUrl }: DemoOptions): string {
  const own = databaseUrl === null ? '' : `-${createHash('sha256').update(databaseUrl).digest('hex').slice(0, 8)}`
  return join(home, `sandboxes${own}`)
}

/**
 * Switches publishing on once everything is observed, and waits until the platforms show our values. Only ever done once: it is our own
 * sandbox, but whether it stays on is for whoever looks at the console.
 */
async function switchOn(context: Context, mark: string, signal: AbortSignal): Promise<void> {
  if (existsSync(mark)) return
  await until(signal, Number.POSITIVE_INFINITY, async () => (await demoChannels(context)).every(channel => channel.observedAt !== null))
  for (const { code } of await demoChannels(context)) {
    if (signal.aborted) return
    await changeChannel(context, code, { publishStock: true, publishPrices: true }, `demo-switch-on-${code}`)
  }
  await until(signal, SETTLED_MS, async () => {
    const waiting = await Promise.all(CHANNELS.map(code => previewSwitches(context, code)))
    return waiting.every(({ stock, prices }) => stock + prices === 0)
  })
  if (!signal.aborted) await writeFile(mark, `${new Date().toISOString()}\n`)
}

async function demoChannels(context: Context) {
  return (await readChannels(context.sql)).filter(channel => CHANNELS.some(code => code === channel.code))
}

async function until(signal: AbortSignal, withinMs: number, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + withinMs
  while (!signal.aborted && Date.now() < end && !(await holds())) await wait(LOOK_MS, undefined, { signal }).catch(() => {})
}
