import { closeStaleImports, leftImports } from '../db/imports.ts'
import { applyImport } from '../src/usecases/import-apply.ts'
import type { JobDeps } from './deps.ts'

/**
 * Goes on with stock files that a process began to apply and left: it died, or the database was away too long for it. Answers the numbers of those
 * that are done now. Any number of processes may do it at once. What stops one of them is logged and does not keep the others.
 */
export async function takeUpImports(
  { sql, keyring, log }: Pick<JobDeps, 'sql' | 'keyring' | 'log'>,
  now: Date,
): Promise<readonly number[]> {
  await closeStaleImports(sql, now)
  const done: number[] = []
  for (const { id, actor } of await leftImports(sql, now)) {
    try {
      const { state, rows } = await applyImport({ sql, keyring, actor }, id, () => {})
      if (state === 'done') done.push(id)
      log.info({ import: id, state, rows }, 'an import that was left half applied went on')
    } catch (error) {
      log.error({ err: error, import: id }, 'an import that was left half applied stopped again')
    }
  }
  return done
}
