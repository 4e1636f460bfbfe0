import type { Logger } from 'pino'
import { readBooks } from '../../../db/replay-books.ts'
import { check } from '../../usecases/check.ts'
import { connectPlatforms, publishAll } from './accounts.ts'
import type { Evidence } from './evidence.ts'
import { readJournal } from './journal.ts'
import { layIn } from './lay-in.ts'
import { makePlan, type Plan, type Platform } from './plan.ts'
import { isQuiet, type Watch, watchBooks } from './pulse.ts'
import { makeReport, type ReplayReport } from './report.ts'
import { readSales } from './rows.ts'
import { PLATFORMS, type Progress, type Scene } from './scene.ts'
import { type Done, orders, playDays } from './sell.ts'
import { shipWhatIsPromised } from './ship.ts'
import { type Stage, setStage } from './stage.ts'

export type ReplayOptions = {
  /** Folder with the retailer's CSV files. */
  readonly folder: string
  /** A PostgreSQL server on which the replay makes, and in the end drops, a database of its own. */
  readonly serverUrl: string
  readonly redisUrl: string | null
  /** Where the sandboxes keep their state meanwhile. */
  readonly workFolder: string
  readonly seed: string
  /** Only the first invoices; all when absent. */
  readonly invoices?: number
  readonly keep: boolean
  readonly log: Logger
  readonly progress: Progress
  readonly signal: AbortSignal
  /** Runs beside the sales and may kill the hub (and start it again); awaited before the end. `sold`: share of the sales so far. For fault tests. */
  readonly meddle?: (stage: Stage, sold: () => number, signal: AbortSignal) => Promise<void>
}

/** Of all messages about orders: this share is lost, this comes twice, this comes late, behind later ones. */
const MESSAGE_FAULTS = { 'webhook-drop': 0.03, 'webhook-double': 0.03, 'webhook-late': 0.03 } as const
/** Shorts that late returns fill are shipped in another round; each round can only fill what came back before it. */
const ROUNDS_MAX = 10

/**
 * Plays the retailer's days through the real hub: builds catalog and stock, lets both platforms sell, takes goods back, ships, waits until the
 * hub has nothing left to do, and compares the platforms' journals with the hub's books.
 * @throws Fault when the folder holds no such files. Rejects with the signal's reason when it is aborted.
 */
export async function replay(options: ReplayOptions): Promise<ReplayReport> {
  const began = performance.now()
  const plan = makePlan(await readSales(options.folder), {
    seed: options.seed,
    ...(options.invoices === undefined ? {} : { invoices: options.invoices }),
  })
  const stage = await setStage({ ...options, folder: options.workFolder })
  // A failure in one part ends the others.
  const failing = new AbortController()
  const signal = AbortSignal.any([options.signal, failing.signal])
  try {
    // Also where something waits that cannot be cut short, such as a statement whose server is gone.
    const playing = play(options, plan, stage, { signal, fail: error => failing.abort(error) })
    const report = await Promise.race([playing, untilAborted(signal)])
    return { ...report, seconds: Math.round((performance.now() - began) / 100) / 10 }
  } catch (error) {
    // A wait that was cut short has an error of its own; why it was cut short is what counts.
    signal.throwIfAborted()
    throw error
  } finally {
    await stage.end()
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
}

async function play(
  options: ReplayOptions,
  plan: Plan,
  stage: Stage,
  end: Pick<Scene, 'signal' | 'fail'>,
): Promise<Omit<ReplayReport, 'seconds'>> {
  const { context, sandboxes, hub } = stage
  const platforms = { woocommerce: sandboxes.remote.platform('woocommerce'), amazon: sandboxes.remote.platform('amazon') }
  const scene: Scene = { context, platforms, progress: options.progress, ...end }
  await layIn(scene, plan)
  await connectPlatforms(context, sandboxes.address, sandboxes.config)
  await hub.start()
  const watch = watchBooks(context.sql, end.signal)
  await openTheShops(scene, watch, plan.items.length)

  const sellingAt = performance.now()
  let sold = 0
  const playing = { ...scene, progress: noting(scene.progress, share => (sold = share)) }
  const meddling = Promise.resolve(options.meddle?.(stage, () => sold, end.signal))
  meddling.catch(end.fail)
  const done = await playDays(playing, watch, plan)
  const sellingSeconds = (performance.now() - sellingAt) / 1000
  await meddling
  await hub.start()
  await finish(scene, watch, done)

  const jobs = options.redisUrl === null ? 'PostgreSQL' : 'Redis'
  const evidence = await gather(scene, plan, done)
  return makeReport(evidence, { sellingSeconds, jobs, seed: options.seed })
}

async function gather({ context, platforms }: Scene, plan: Plan, done: Done): Promise<Evidence> {
  const tell = async (platform: Platform) => ({
    told: await readJournal(platform, platforms[platform]),
    shown: await platforms[platform].shown(),
  })
  const [woocommerce, amazon] = await Promise.all([tell('woocommerce'), tell('amazon')])
  return {
    ...{ plan, done, books: await readBooks(context.sql), check: await check(context) },
    told: { woocommerce: woocommerce.told, amazon: amazon.told },
    shown: { woocommerce: woocommerce.shown, amazon: amazon.shown },
  }
}

function noting(progress: Progress, note: (share: number) => void): Progress {
  return (part, done, of) => {
    if (part === 'sold') note(done / of)
    progress(part, done, of)
  }
}

/** Waits for the first observation, switches publishing on, and waits until both shops show everything; then messages begin to fail. */
async function openTheShops(scene: Scene, watch: Watch, listings: number): Promise<void> {
  await watch.until(pulse => pulse.observed)
  await publishAll(scene.context)
  const fields = listings * 2
  await watch.until(pulse => {
    scene.progress('published', Math.max(0, fields - pulse.waiting - pulse.unsettled), fields)
    return pulse.listings >= listings * 2 && pulse.waiting + pulse.unsettled + pulse.unread === 0
  })
  for (const platform of PLATFORMS)
    for (const [kind, chance] of Object.entries(MESSAGE_FAULTS))
      await scene.platforms[platform].misbehave({ kind: kind as keyof typeof MESSAGE_FAULTS, chance })
}

/** Ships until nothing is promised any more, and waits until the hub is quiet. */
async function finish(scene: Scene, watch: Watch, done: Done): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const since = new Date()
    const total = orders(done)
    let most = 1
    let toShip = 0
    const isDone = await watch.until(pulse => {
      const open = pulse.intake + pulse.waiting + pulse.unsettled + pulse.acts
      most = Math.max(most, open)
      toShip = pulse.toShip
      scene.progress('booked', pulse.orders, total)
      scene.progress('settled', most - open, most)
      return isQuiet(pulse, total, since)
    })
    if (!isDone || toShip === 0) return
    await shipWhatIsPromised(scene)
  }
}
