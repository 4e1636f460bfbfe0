import { makeOutside } from '../connectors/outside.ts'
import { type Look, lookForAlerts, takeAlertLook } from '../db/alerts.ts'
import { untilTaken } from '../db/once-more.ts'
import { ALERT_KINDS } from '../src/domain/sync/alert-kinds.ts'
import { type Bell, makeBell } from './bell.ts'
import type { JobDeps } from './deps.ts'
import { loop } from './loop.ts'
import { makeMail } from './mail.ts'
import { tellBuyers } from './notices.ts'
import { tellDue } from './tell.ts'

/** How often is looked, by one of all processes. */
const LOOK_MS = 15_000
/** How often a process asks whether a look is due: one that died in its look is replaced by then. */
const ASK_MS = 5_000
/** A look takes at most this part of the time: where much waits it takes long, and matters less by the second. */
const LOOK_SHARE = 1 / 50
/** How long what is due to be told may wait for somebody to see it. */
const TELL_MS = 2_000

/** Looks once for what is wrong and what is over. Null: another process is just at it. */
export async function lookOnce({ sql, log }: Pick<JobDeps, 'sql' | 'log'>): Promise<Look | null> {
  const look = await untilTaken(() => lookForAlerts(sql, ALERT_KINDS))
  if (look !== null && look.opened + look.ended > 0) log.info(look, 'alerts opened and ended')
  return look
}

/** Looks for what is wrong and tells it, until the signal. What is under way then is given back, and another process or the next start tells it. */
export async function runAlerts(deps: JobDeps, signal: AbortSignal): Promise<void> {
  const toTell = makeBell()
  await Promise.all([runLooks(deps, toTell, signal), runTelling(deps, toTell, signal)])
}

async function runLooks(deps: JobDeps, toTell: Bell, signal: AbortSignal): Promise<void> {
  const bell = makeBell()
  /** Until the look after the next, as long as looks take as long as the last one did, ms. */
  let restMs = LOOK_MS
  const step = async (): Promise<boolean> => {
    if (!(await untilTaken(() => takeAlertLook(deps.sql, restMs)))) return false
    const began = performance.now()
    if (((await lookOnce(deps))?.told ?? 0) > 0) toTell.ring()
    restMs = Math.max(LOOK_MS, (performance.now() - began) / LOOK_SHARE)
    return false
  }
  await loop('alerts', step, { bell, idleMs: ASK_MS, signal, log: deps.log })
}

async function runTelling(deps: JobDeps, toTell: Bell, signal: AbortSignal): Promise<void> {
  const { toPrivate = false, smtp = null } = deps.telling ?? {}
  const outside = makeOutside({ allowPrivate: toPrivate })
  const mail = smtp === null ? null : makeMail(smtp.url, smtp.from)
  const tell = { ...deps, post: outside.post, mail: mail?.send ?? null }
  const step = async (): Promise<boolean> => {
    await Promise.all([tellDue(tell, signal), tellBuyers(tell, signal)])
    return false
  }
  await loop('tell', step, { bell: toTell, idleMs: TELL_MS, signal, log: deps.log })
  mail?.close()
  await outside.close()
}
