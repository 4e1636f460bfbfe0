import { Readable } from 'node:stream'
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { RequestEnv } from '../usecases/principal.ts'
import { Fault } from '../values/fault.ts'
import { answers } from './api.ts'

/** Each download keeps a connection to the database for as long as its reader takes; the others are for everybody else. */
const DOWNLOADS_MOST = 2
let underWay = 0

/** The responses of a route that answers CSV. */
export function csvAnswers(description: string) {
  const { default: refusal } = answers(z.never(), '')
  return { 200: { description, content: { 'text/csv': { schema: z.string() } } }, default: refusal } as const
}

/**
 * Streams CSV as a file to be saved. Who goes away ends the reading of the database too.
 * @throws Fault too_many while this process sends as many files as it may.
 */
export async function sendCsv(c: Context<RequestEnv>, name: string, open: () => Promise<Readable>): Promise<Response> {
  if (underWay >= DOWNLOADS_MOST) throw new Fault('too_many', `${DOWNLOADS_MOST} downloads are under way: ask again when one has ended`)
  underWay += 1
  try {
    const file = await open()
    file.once('close', () => {
      underWay -= 1
    })
    const head = { 'content-type': 'text/csv; charset=utf-8', 'content-disposition': `attachment; filename="${name}"` }
    // The types of Node's and the web's streams differ in name only.
    return c.body(Readable.toWeb(file) as ReadableStream, 200, head)
  } catch (error) {
    underWay -= 1
    throw error
  }
}
