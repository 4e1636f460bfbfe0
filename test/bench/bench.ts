// `npm run -s bench -- [--json] [--explain] [--all] [NAME…]`: see README.md beside this file.
import { parseArgs } from 'node:util'
import { availabilityBulk } from './availability-bulk.ts'
import { availabilityRead } from './availability-read.ts'
import { changeOnBothBackends, efficiencyOnBothBackends } from './both-backends.ts'
import { bundleRace } from './bundle-race.ts'
import { changeToChannel } from './change-to-channel.ts'
import { changeToShown } from './change-to-shown.ts'
import { driftCheck, driftReport } from './drift-check.ts'
import { emptyAnswer } from './empty-answer.ts'
import { explain } from './explain.ts'
import { growth } from './growth.ts'
import { type Measured, table } from './line.ts'
import { orderIntake } from './order-intake.ts'
import { oversellSimulation } from './oversell-simulation.ts'
import { priceFeed } from './price-feed.ts'
import { priceImport } from './price-import.ts'
import { priceResolveBulk } from './price-resolve-bulk.ts'
import { reserveBasket, reserveHot, reserveSpread } from './reserve.ts'
import { routeBench } from './route.ts'
import { type Stage, startBench } from './stage.ts'
import { stockImport } from './stock-import.ts'
import { syncEfficiency, syncEfficiencyEaten, syncEfficiencyErrors, syncEfficiencyRestart } from './sync-efficiency.ts'
import { syncFreshness } from './sync-freshness.ts'
import { syncWaste } from './sync-waste.ts'

const ENTRIES: Readonly<Record<string, (stage: Stage) => Promise<Measured>>> = {
  'empty-answer': emptyAnswer,
  'reserve-spread': reserveSpread,
  'reserve-hot': reserveHot,
  'reserve-basket': reserveBasket,
  'bundle-race': bundleRace,
  'availability-read': availabilityRead,
  'availability-bulk': availabilityBulk,
  'stock-import': stockImport,
  'price-resolve-bulk': priceResolveBulk,
  'price-import': priceImport,
  'order-intake': orderIntake,
  route: routeBench,
  'sync-efficiency': syncEfficiency,
  'sync-efficiency-eaten': syncEfficiencyEaten,
  'sync-efficiency-5xx': syncEfficiencyErrors,
  'sync-efficiency-restart': syncEfficiencyRestart,
  'sync-waste': syncWaste,
  'price-feed': priceFeed,
  'sync-freshness': syncFreshness,
  'change-to-channel': changeToChannel,
  'change-to-channel-backends': changeOnBothBackends,
  'sync-efficiency-backends': efficiencyOnBothBackends,
  'change-to-shown': changeToShown,
  'oversell-simulation': oversellSimulation,
  'drift-check': driftCheck,
  'drift-report': driftReport,
  growth,
}
/** Take minutes: only when named, or with --all. */
const LONG = ['change-to-channel-backends', 'drift-check', 'drift-report', 'growth', 'price-feed', 'sync-efficiency-backends', 'sync-waste']

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    explain: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
  },
})
const unknown = positionals.filter(name => !Object.hasOwn(ENTRIES, name))
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. There are: ${Object.keys(ENTRIES).join(', ')}.`)
  process.exit(2)
}

function isWanted(name: string): boolean {
  if (positionals.length > 0) return positionals.includes(name)
  return flags.all || (!flags.explain && !LONG.includes(name))
}

const bench = await startBench()
let isEnding = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (isEnding) return
    isEnding = true
    void bench.stop().finally(() => process.exit(130))
  })

// Whoever read our lines may have gone away (`| head`); what was started must be stopped all the same.
process.stdout.on('error', () => {})

const done: Measured[] = []
let isPass = true
try {
  if (flags.explain) {
    const scans = await bench.withStage(explain)
    console.error(scans.length === 0 ? '\nNo large table is read whole.' : `\n${scans.join('\n')}`)
  }
  for (const [name, measure] of Object.entries(ENTRIES)) {
    if (!isWanted(name)) continue
    try {
      const measured = await bench.withStage(measure)
      done.push(measured)
      isPass &&= measured.line.pass
      if (flags.json) console.log(JSON.stringify(measured.line))
      else console.error([`${name}:`, ...measured.notes].join('\n  '))
    } catch (error) {
      // The server was stopped under it, because somebody asked us to end.
      if (isEnding) break
      isPass = false
      console.error(`${name} could not be measured:`, error)
    }
  }
} finally {
  isEnding = true
  await bench.stop()
}
if (!flags.json && done.length > 0) console.log(table(done))
process.exitCode = isPass ? 0 : 1
