import type { JsonValue } from '../../db/connect.ts'

/** A body as it goes into a command: what is undefined is not there. */
export function stated(body: object): Readonly<Record<string, JsonValue>> {
  return JSON.parse(JSON.stringify(body)) as Readonly<Record<string, JsonValue>>
}
