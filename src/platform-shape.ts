import type { Connector } from '../connectors/contract.ts'
import type { Limit } from '../connectors/pace.ts'
import type { PlatformPrices } from '../db/platforms.ts'
import type { PushPace } from './domain/sync/forecast.ts'
import type { PlatformShape } from './usecases/channels.ts'
import { Fault } from './values/fault.ts'

/** What the use cases may know of a connector: its shapes, with refusals as faults that name the field and never the value. */
export function platformShape(connector: Connector): PlatformShape {
  const read = (what: string, shape: Connector['settings']) => (value: unknown) => {
    const parsed = shape.safeParse(value)
    if (parsed.success) return { ...parsed.data }
    const [issue] = parsed.error.issues
    const field = [what, ...(issue?.path ?? [])].join('.')
    throw new Fault('invalid', `${field} of ${connector.platform}: ${issue?.message ?? 'cannot be read'}`, {
      field,
      expected: `as connectors/${connector.platform}/README.md says`,
    })
  }
  return {
    platform: connector.platform,
    stockPerAccount: connector.declares.stockPerAccount,
    readSettings: read('settings', connector.settings),
    readCredentials: read('credentials', connector.credentials),
    ...(connector.webhookSecret ? { webhookSecret: connector.webhookSecret } : {}),
    pace: pushPace(connector),
    provenWithinMs: connector.declares.applyWithinMs,
    can: connector.declares,
  }
}

/** What the database may know of a connector. */
export function platformPrices({
  platform,
  declares: { saleDates, saleBeside, referencePrice, acts, cancelsParts, cancelPaysBack, tellsBuyers = false },
}: Connector): PlatformPrices {
  const cancels = !acts.includes('cancel') ? 'none' : cancelsParts ? 'parts' : 'whole'
  const pays = { cancelPaysWhole: cancelPaysBack?.whole === true, cancelPaysParts: cancelPaysBack?.parts === true }
  return { platform, saleDates, saleBeside, referencePrice, tellsReady: acts.includes('ready'), tellsBuyers, cancels, ...pays }
}

function pushPace({ declares, limits }: Connector): PushPace {
  return {
    perCall: declares.pushMax,
    inFlight: declares.pushConcurrency,
    bucket: bucketOf(limits[declares.pushOperation]),
    latencyS: declares.pushLatencyMs / 1000,
    takesDates: declares.saleDates,
    showsWithinS: declares.acceptedIsNotApplied ? declares.applyWithinMs / 1000 : 0,
  }
}

/** A limit as a bucket. Without one nothing holds calls up but the calls themselves. */
function bucketOf(limit: Limit | undefined): PushPace['bucket'] {
  if (limit === undefined) return { ratePerS: 1000, burst: 1000 }
  return limit.kind === 'bucket' ? limit : { ratePerS: 1000 / limit.everyMs, burst: 1 }
}
