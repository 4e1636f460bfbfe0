import type { Sql } from '../../db/connect.ts'

/** Where in the taking in of a report of returns. */
export type ReturnPoint = 'taking returns' | 'took returns'

/** After so many pages of a check of drift were taken in. */
export type LookPoint = `looked ${number}`

/** Where in a push a process may die; the platform's two are the platform's to do. */
export const OWN_POINTS = ['before marking', 'marking', 'marked', 'calling', 'answered', 'noting', 'noted'] as const
export const PLATFORM_POINTS = ['arrived', 'effective'] as const
export type DyingPoint = (typeof OWN_POINTS)[number] | (typeof PLATFORM_POINTS)[number]

/** Time for a statement to reach the server before the process is gone. */
const UNDER_WAY_MS = 2

export const die = (): void => void process.kill(process.pid, 'SIGKILL')

/** The same database, but this process is killed at the point of that moment, the first time that it comes to it. */
export function dyingSql(sql: Sql, pointNow: () => string): Sql {
  let looks = 0
  const step = (text: string): 'marking' | 'noting' | null =>
    text.includes('publications_send_') ? 'marking' : text.includes('publications_result_') ? 'noting' : null
  return new Proxy(sql, {
    apply: (target, self, args: unknown[]) => {
      const [first] = args
      const text = Array.isArray(first) && 'raw' in first ? first.join('?') : ''
      const at = step(text)
      const point = pointNow()
      if (at === 'marking' && point === 'before marking') die()
      const query = Reflect.apply(target, self, args) as Promise<unknown> & { execute: () => unknown }
      if (text.includes('returns_take_') && (point === 'taking returns' || point === 'took returns')) {
        if (point === 'took returns') return query.then(die)
        query.execute()
        setTimeout(die, UNDER_WAY_MS)
        return query
      }
      if (text.includes('drift_look_')) {
        looks += 1
        if (point === `looked ${looks}`) return query.then(die)
      }
      if (at === null) return query
      if (at === point) {
        query.execute()
        setTimeout(die, UNDER_WAY_MS)
      }
      const after = at === 'marking' ? 'marked' : 'noted'
      if (after !== point) return query
      return query.then(rows => {
        if (hasSent(rows)) die()
        return rows
      })
    },
  })
}

/** A push that came to nothing is not the one that is meant. */
function hasSent(rows: unknown): boolean {
  const [row] = rows as { answer?: { send?: readonly unknown[] } | null }[]
  return row?.answer === undefined || (row.answer?.send?.length ?? 0) > 0
}
