import { runAlerts } from './alerts.ts'
import type { JobDeps } from './deps.ts'
import { runDue } from './due.ts'
import { runExchanges } from './exchange.ts'
import { runLanes } from './lanes.ts'
import { runMarket } from './market.ts'
import { runPickUps } from './pick-up.ts'
import { runRouting } from './route.ts'
import { runShort } from './short.ts'
import { startTailer, type Tailer } from './tailer.ts'

export type Worker = {
  readonly tailer: Tailer
  /** Ends all lanes in good order: no new call starts, those under way are waited for, leases are given back. */
  readonly stop: () => Promise<void>
}

/** Starts what publishes and takes in: the tailer of the change feed, what is due by the clock, what follows the market, what routes orders, what looks after goods that wait for whoever collects them, what ends by rule orders that stay short or wait for goods that do not come back, what tells of alerts, and a lane for every account whose lease is free. */
export function startLanes(deps: JobDeps): Worker {
  const stopLanes = new AbortController()
  const stopTailer = new AbortController()
  const tailer = startTailer(deps.sql, deps.log, stopTailer.signal)
  const { sql, log } = deps
  const lanes = Promise.all([
    runLanes(deps, tailer, stopLanes.signal),
    runDue(sql, log, tailer, stopLanes.signal),
    runMarket(sql, log, tailer, stopLanes.signal),
    runRouting({ sql, keyring: deps.keyring, actor: 'routing' }, log, tailer, stopLanes.signal),
    runPickUps({ sql, keyring: deps.keyring, actor: 'rule' }, log, tailer, stopLanes.signal),
    runShort(sql, log, tailer, stopLanes.signal),
    runExchanges(sql, log, tailer, stopLanes.signal),
    runAlerts(deps, stopLanes.signal),
  ])
  return {
    tailer,
    stop: async () => {
      stopLanes.abort(new Error('shutting down'))
      await lanes
      stopTailer.abort(new Error('shutting down'))
      await tailer.ended
    },
  }
}
