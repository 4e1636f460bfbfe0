import { setTimeout as wait } from 'node:timers/promises'

const LOST = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  // What is written behind the server's end finds the socket closed.
  ...['EPIPE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'],
  '57P01',
  '57P02',
  '57P03',
])

/** Whether the error says that the connection went away: then the outcome of the statement is unknown. */
export function isConnectionLost(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && LOST.has(error.code)
}

/**
 * Whether PostgreSQL refused the data itself: a value that it cannot hold (class 22), a rule of the tables (23), a limit of its own (54). The
 * same statement fails the same way for ever, and nothing of it was written.
 */
export function isRefusedByBooks(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(22|23|54)[0-9A-Z]{3}$/.test(error.code)
}

/**
 * Whether it is the surroundings that failed, whatever was asked: the connection, the server, its resources, a lock, or tables and rights that are not as this release knows them.
 * Any other error is of what was asked.
 */
export function isOfSurroundings(error: unknown): boolean {
  if (isConnectionLost(error)) return true
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^(08|25|28|3D|40|42|53|55|57|58)[0-9A-Z]{3}$/.test(error.code)
  )
}

/** Whether a number did not fit: one that was sent, or a sum of it with what was there. Nothing was written. */
export function isOutOfRange(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '22003'
}

/**
 * Whether PostgreSQL chose this statement to give way: two waited for each other (40P01), or another node decided the same key at the same
 * moment (40001). Nothing of it took effect.
 */
export function isTakenBack(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '40P01' || error.code === '40001')
}

const TRIES_MOST = 8

/** Runs a statement again when it was taken back, a random while later each time: that needs no key. Whatever else goes wrong is the caller's. */
export async function untilTaken<T>(statement: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await statement()
    } catch (error) {
      if (!isTakenBack(error) || tries === TRIES_MOST) throw error
      await wait(Math.random() * 10 * tries)
    }
  }
}

/**
 * Runs a statement that carries its own key, and asks once more when the connection was lost meanwhile: the key makes the second time
 * harmless. What was taken back is asked again as well. Whatever else goes wrong is the caller's.
 */
export async function onceMore<T>(statement: () => Promise<T>, pauseMs = 300): Promise<T> {
  try {
    return await untilTaken(statement)
  } catch (error) {
    if (!isConnectionLost(error)) throw error
    await wait(pauseMs)
    return untilTaken(statement)
  }
}
