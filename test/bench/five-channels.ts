import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { connectorOf } from '../../connectors/registry.ts'
import type { RemoteSandbox } from '../../connectors/sandbox-remote.ts'
import { startLanes } from '../../jobs/worker.ts'
import type { SandboxProcess } from '../../src/demo/sandbox-process.ts'
import { layIn } from '../support/goods.ts'
import { allObserved, bringUpSandboxes, connectSeller, connectShop, listingOf, publish } from './live-hub.ts'
import { BASE } from './shown-journal.ts'
import { settled } from './shown-run.ts'
import type { Stage } from './stage.ts'

/** An account of its own at a platform of its own, with what is listed there. */
export type Channel = {
  readonly code: string
  readonly platform: RemoteSandbox
  readonly skus: ReadonlySet<string>
  readonly lagMs: number
}

export type FiveChannels = { readonly channels: readonly Channel[]; readonly sandboxes: SandboxProcess; readonly ring: () => void }

const SHOPS = ['woo-1', 'woo-2', 'woo-3']
const SELLERS = ['amazon-1', 'amazon-2']

/**
 * Three shops that list every SKU and two sellers of which each lists one in four, all in one hub at work. Amazon takes one listing a call: of 200 changes a second each
 * seller gets 50, half of what its scaled bucket lets through, so no quota presses.
 */
export async function startFiveChannels(stage: Stage, skus: readonly string[], lagMs: number): Promise<FiveChannels> {
  const { context, sql, log, folder } = stage
  await layIn(sql, Object.fromEntries(skus.map(sku => [sku, { main: BASE }])))
  const channels: Channel[] = []
  const processes: SandboxProcess[] = []
  for (const [n, code] of SHOPS.entries()) {
    const process = await bringUpSandboxes(join(folder, code), { lagMs }, log)
    stage.atEnd(process.stop)
    processes.push(process)
    const shop = process.remote.platform('woocommerce')
    await shop.seed(skus.map(sku => listingOf(sku, BASE, '10')))
    await connectShop(context, process, { account: code, channel: code })
    channels.push({ code, platform: shop, skus: new Set(skus), lagMs: 0 })
    const seller = SELLERS[n]
    if (seller === undefined) continue
    const own = skus.filter((_, at) => at % 4 === n)
    const amazon = process.remote.platform('amazon')
    await amazon.seed(own.map(sku => listingOf(sku, BASE, '10')))
    await connectSeller(context, process, { account: seller, german: seller, swedish: `${seller}-se` })
    channels.push({ code: seller, platform: amazon, skus: new Set(own), lagMs })
  }
  const deps = { sql, keyring: context.keyring, connectorOf, log, random: Math.random }
  const worker = startLanes({ ...deps, owner: `bench-${randomBytes(4).toString('hex')}`, publicUrl: null })
  stage.atEnd(worker.stop)
  await allObserved(sql, 60_000)
  await publish(
    context,
    channels.map(channel => channel.code),
  )
  await settled(sql)
  const [sandboxes] = processes
  if (sandboxes === undefined) throw new Error('there is no platform')
  return { channels, sandboxes, ring: worker.tailer.ring }
}
