import { readFile } from 'node:fs/promises'
import type { Place } from './embedded-place.ts'

/** PostgreSQL's own words for: another server has this folder. */
const IS_HELD = /lock file|PID file|another server|shared memory|does not answer/i

/** What to tell where a server did not come up in time: which process holds the data, and what to do; `trouble` is what PostgreSQL says. */
export async function heldWords(place: Place, trouble: string): Promise<string> {
  if (!IS_HELD.test(trouble)) return `PostgreSQL in ${place.data} does not start: ${trouble}`
  const file = `${place.data}/postmaster.pid`
  // Gone meanwhile: then nobody is named.
  const [first = ''] = (await readFile(file, 'utf8').catch(() => '')).split('\n')
  const who = /^[1-9]\d*$/.test(first.trim()) ? `process ${first.trim()}, which does not answer` : 'a server that was starting or stopping'
  return [
    `the data in ${place.data} is held by ${who}: another hub may be starting or stopping there.`,
    `Wait for it and start again; where no PostgreSQL runs on that folder any more, delete ${file} first; or give this hub a folder of its own`,
    `(PostgreSQL says: ${trouble.split('\n').at(0)}).`,
  ].join(' ')
}
