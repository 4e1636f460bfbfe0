import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { inject, onTestFinished } from 'vitest'
import { replay } from '../../src/demo/replay/replay.ts'
import type { ReplayReport } from '../../src/demo/replay/report.ts'
import type { Stage } from '../../src/demo/replay/stage.ts'
import { builtPrograms } from './built.ts'
import { sharedPath } from './needs.ts'

/** The retailer's days, or null where `../shared` is missing. */
export const retailDays = (): string | null => sharedPath('data/online-retail')

/** A folder for the sandboxes' state, gone when the test is. */
export function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'concord-replay-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export type Meddling = {
  readonly seed: string
  /** All when absent. */
  readonly invoices?: number
  readonly redisUrl: string | null
  readonly meddle: (stage: Stage, sold: () => number, signal: AbortSignal) => Promise<void>
}

/** Replays with the real hub as a process, while somebody meddles. */
export async function replayWhile(folder: string, options: Meddling): Promise<ReplayReport> {
  await builtPrograms()
  const ending = new AbortController()
  onTestFinished(() => ending.abort(new Error('the test is over')))
  return replay({
    ...options,
    folder,
    serverUrl: inject('provided').postgresUrl,
    workFolder: join(workFolder(), 'stage'),
    keep: false,
    log: pino({ level: 'error' }, pino.destination(2)),
    progress: () => {},
    signal: ending.signal,
  })
}
