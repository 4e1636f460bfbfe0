import { createHash } from 'node:crypto'
import { type DeskGroup, deskGroups } from '../../db/pages-desk.ts'
import type { OrderPerson } from '../values/channel-order.ts'
import { readKeyring, unsealText } from '../values/sealed.ts'
import type { Context } from './context.ts'

/** A group as the desk of its store may know it: of the buyer, the name only, and of the code only what tells a right one from a wrong one. */
export type DeskCard = Omit<DeskGroup, 'person' | 'collector' | 'code' | 'readyBy' | 'placedAt' | 'readyAt' | 'collectBy'> & {
  readonly readyBy: string | null
  readonly placedAt: string
  readonly readyAt: string | null
  readonly collectBy: string | null
  readonly buyer: string | null
  readonly collector: string | null
  readonly codeMark: string | null
}

/** What a location has in hand, who waits here first, then by promise. */
export async function readDesk(context: Context, locationId: number): Promise<DeskCard[]> {
  const groups = await deskGroups(context.sql, locationId)
  return Promise.all(
    groups.map(async ({ person, collector, code, readyBy, placedAt, readyAt, collectBy, ...group }) => ({
      ...group,
      readyBy: readyBy?.toISOString() ?? null,
      placedAt: placedAt.toISOString(),
      readyAt: readyAt?.toISOString() ?? null,
      collectBy: collectBy?.toISOString() ?? null,
      buyer: (await opened(context, person))?.name ?? null,
      collector: (await opened(context, collector))?.name ?? null,
      // Lets a device judge a code while the network is gone, without the code standing in every tablet for reading.
      codeMark: code === null ? null : createHash('sha256').update(`${group.id}:${code}`).digest('hex'),
    })),
  )
}

async function opened(context: Context, sealed: DeskGroup['person']): Promise<OrderPerson | null> {
  if (sealed === null) return null
  const own = await unsealText(context.keyring, 'person-key', sealed.key)
  return JSON.parse(await unsealText(await readKeyring(`order:${own}`), 'person', sealed.body))
}
