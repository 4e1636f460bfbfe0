import { join } from 'node:path'
import { pino } from 'pino'
import type { Command } from './cli/command.ts'
import { wrongUsage } from './cli/command.ts'
import { barsOn } from './demo/replay/bars.ts'
import { replay } from './demo/replay/replay.ts'
import { reportText } from './demo/replay/text.ts'
import { Fault } from './values/fault.ts'

/** `replay`: a retailer's days through the real hub and both sandboxes. */
export const replayCommand: Command = {
  name: 'replay',
  usage: 'FOLDER [--invoices N] [--seed TEXT] [--keep]',
  summary: "Play a retailer's days through the hub and compare all books afterwards",
  details: `FOLDER holds CSV files with InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country.
Odd invoices are sold in a WooCommerce sandbox, even ones in an Amazon sandbox, with lost, doubled and late messages;
cancellations come back as returns. A hub of its own works on a database of its own (made on DATABASE_URL's server, else
on the embedded one) and is ended with it; --keep leaves both books for a look. The report compares the platforms'
journals and shop windows with the ledger; exit code 1 when they differ. With --json it is the last line.`,
  examples: ['replay ../shared/data/online-retail', 'replay ../shared/data/online-retail --invoices 60 --json'],
  options: { invoices: { type: 'string' }, seed: { type: 'string' }, keep: { type: 'boolean' } },
  takes: [1, 1],
  database: 'any',
  isLong: true,
  run: async call => {
    const [folder = ''] = call.args
    const invoices = call.text('invoices')
    if (invoices !== undefined && !/^[1-9]\d*$/.test(invoices)) throw wrongUsage(`--invoices ${invoices} is no number`)
    const { home } = await call.wiring.settings()
    const bars = barsOn(call.terminal.err)
    const interrupted = new AbortController()
    const release = onSignals(signal => interrupted.abort(new Fault('unavailable', `the replay was interrupted (${signal})`)))
    try {
      const report = await replay({
        folder,
        serverUrl: call.databaseUrl,
        redisUrl: process.env.REDIS_URL || null,
        workFolder: join(home, 'replay'),
        seed: call.text('seed') ?? 'online-retail',
        ...(invoices === undefined ? {} : { invoices: Number(invoices) }),
        keep: call.flag('keep'),
        log: pino({ level: process.env.LOG_LEVEL ?? 'warn' }, pino.destination(2)),
        progress: bars.progress,
        signal: interrupted.signal,
      })
      bars.end()
      call.answer(report, reportText(report))
      return report.differences === 0 ? 0 : 1
    } finally {
      release()
      bars.end()
    }
  },
}

/**
 * Takes signals over from whoever listened, who would end the program before the hub, the sandboxes and the database of the replay are
 * cleared away; answers what gives them back.
 */
function onSignals(act: (signal: string) => void): () => void {
  const before = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(signal => ({ signal, listeners: process.listeners(signal) }))
  for (const { signal } of before) process.removeAllListeners(signal).on(signal, act)
  return () => {
    for (const { signal, listeners } of before) {
      process.off(signal, act)
      for (const listener of listeners) process.once(signal, listener)
    }
  }
}
