import type { ImportKind } from '../../../../db/imports.ts'
import type { View } from '../../view.ts'

/** Which files a page is about, where they are sent to, and what it takes. */
export const importRooms = {
  stock: { address: '/stock/import', write: 'stock:write', sample: 'sku,location,quantity\nMUG-BLUE,berlin,12\nMUG-RED,berlin,0' },
  prices: {
    address: '/prices/import',
    write: 'prices:write',
    sample: 'sku,currency,amount,channel\nMUG-BLUE,EUR,12.90,\nMUG-BLUE,CHF,14.90,shop-ch\nMUG-RED,EUR,none,',
  },
} as const satisfies Partial<Record<ImportKind, unknown>>

export type ImportRoom = keyof typeof importRooms

/** What is said of the files of a room alone. */
export const roomWords = ({ t }: View, room: ImportRoom): View['t']['imports']['rooms'][ImportRoom] => t.imports.rooms[room]
