import { createReadStream } from 'node:fs'
import { importPostalCodes } from '../usecases/import-postal-codes.ts'
import type { Command } from './command.ts'
import { refuseNoFile } from './import-options.ts'
import { table } from './terminal.ts'

/** `import postal-codes`. */
export const importPostalCodesCommand: Command = {
  name: 'import postal-codes',
  usage: 'FILE',
  summary: 'Bring in where postal codes lie, so that routing knows how far a buyer is from each location',
  details: `GeoNames' file of a country as it is (download.geonames.org/export/zip, such as DE.txt; CC BY 4.0), or lines of
country,postal_code,latitude,longitude. It takes the place of what was known of its countries. Channels tell postal codes and
seldom coordinates; without a file, distances are told apart by country only. No address is told to anybody.`,
  examples: ['import postal-codes DE.txt'],
  takes: [1, 1],
  database: 'migrated',
  isLong: true,
  run: async call => {
    const [path = ''] = call.args
    await refuseNoFile(path)
    const done = await importPostalCodes(call.context, () => createReadStream(path) as AsyncIterable<Uint8Array>)
    call.answer(done, table([['country', 'postal codes'], ...Object.entries(done).map(([country, codes]) => [country, `${codes}`])]))
    return 0
  },
}
