import { createReadStream } from 'node:fs'
import { bookReceipts } from '../usecases/book-receipts.ts'
import { ANY_STORE } from '../usecases/own-store.ts'
import type { Command } from './command.ts'
import { counted } from './counted.ts'
import { delimiterOf, encodingOf, refuseNoFile } from './import-options.ts'
import { table } from './terminal.ts'

const text = { type: 'string' } as const

/** `import sales`. */
export const importSalesCommand: Command = {
  name: 'import sales',
  usage: 'FILE [--dry-run] [--encoding NAME] [--delimiter CHAR]',
  summary: 'Book a file of receipts: till, receipt, location, sku, quantity, and where they are known lot, sold_at',
  details: `A row for each line of a receipt; units below 0 came back at the till. Each receipt is booked whole, once, by till and receipt, whoever brings it and however often; one
that cannot be (an unknown SKU, say) is told and left out, and the others are booked all the same. With --dry-run each is judged by itself, and none is booked.`,
  examples: ['import sales till-2026-11-23.csv'],
  options: { encoding: text, delimiter: text, 'dry-run': { type: 'boolean' } },
  takes: [1, 1],
  database: 'migrated',
  isLong: true,
  run: async call => {
    const [path = ''] = call.args
    await refuseNoFile(path)
    const source = (): AsyncIterable<Uint8Array> => createReadStream(path) as AsyncIterable<Uint8Array>
    const dryRun = call.flag('dry-run')
    const file = { source, encoding: encodingOf(call), delimiter: delimiterOf(call), dryRun, own: ANY_STORE }
    const done = await bookReceipts(call.context, file)
    const refused = done.errors.map(error => [error.row, error.column, error.till, error.receipt, error.words])
    const words = `${counted(done.booked, 'receipt')} ${dryRun ? 'would be booked' : 'booked'}, ${done.known} booked before, ${done.refused} refused.`
    call.answer(done, refused.length === 0 ? words : `${words}\n\n${table([['row', 'column', 'till', 'receipt', 'why'], ...refused])}`)
    return done.refused === 0 ? 0 : 1
  },
}
