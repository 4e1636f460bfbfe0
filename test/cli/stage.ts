import { Readable, Writable } from 'node:stream'
import { connectors } from '../../connectors/registry.ts'
import { accessCommands } from '../../src/cli/access.ts'
import { alertCommands } from '../../src/cli/alert.ts'
import { audienceCommands } from '../../src/cli/audience.ts'
import { availabilityCommands } from '../../src/cli/availability.ts'
import { backupCommands } from '../../src/cli/backup.ts'
import { bundleCommands } from '../../src/cli/bundle.ts'
import { channelCommands } from '../../src/cli/channel.ts'
import type { Command, Wiring } from '../../src/cli/command.ts'
import { costCommand } from '../../src/cli/cost.ts'
import { countCommands } from '../../src/cli/count.ts'
import { deliveryCommands } from '../../src/cli/delivery.ts'
import { driftCommands } from '../../src/cli/drift.ts'
import { withDryRun } from '../../src/cli/dry-run.ts'
import { explainCommands } from '../../src/cli/explain.ts'
import { exportCommands } from '../../src/cli/export.ts'
import { guardCommands } from '../../src/cli/guard.ts'
import { holdCommands } from '../../src/cli/hold.ts'
import { importCommands } from '../../src/cli/import.ts'
import { importSalesCommand } from '../../src/cli/import-sales.ts'
import { ledgerCommands } from '../../src/cli/ledger.ts'
import { lotCommands } from '../../src/cli/lot.ts'
import { marketCommands } from '../../src/cli/market.ts'
import { marketRuleCommands } from '../../src/cli/market-rule.ts'
import { noticeCommands } from '../../src/cli/notice.ts'
import { orderCommands } from '../../src/cli/order.ts'
import { orderBuyerCommands } from '../../src/cli/order-buyer.ts'
import { orderExceptionsCommand } from '../../src/cli/order-exceptions.ts'
import { orderExchangeCommands } from '../../src/cli/order-exchange.ts'
import { orderLifeCommands } from '../../src/cli/order-life.ts'
import { pickUpCommands } from '../../src/cli/pick-up.ts'
import { priceCommands } from '../../src/cli/price.ts'
import { priceExplainCommands } from '../../src/cli/price-explain.ts'
import { priceLimitCommands } from '../../src/cli/price-limits.ts'
import { priceListCommands } from '../../src/cli/price-list.ts'
import { priceListDecisions } from '../../src/cli/price-list-decide.ts'
import { priceListEntryCommands } from '../../src/cli/price-list-entries.ts'
import { pricePolicyCommands } from '../../src/cli/price-policy.ts'
import { priceRateCommands } from '../../src/cli/price-rates.ts'
import { publicationCommands } from '../../src/cli/publication.ts'
import { reasonCommands } from '../../src/cli/reason.ts'
import { routingCommands } from '../../src/cli/routing.ts'
import { runCli } from '../../src/cli/run.ts'
import { stockCommands } from '../../src/cli/stock.ts'
import { termsCommands } from '../../src/cli/terms.ts'
import { transferCommands } from '../../src/cli/transfer.ts'
import { upkeepCommands } from '../../src/cli/upkeep.ts'
import { webhookCommands } from '../../src/cli/webhook.ts'
import { platformPrices, platformShape } from '../../src/platform-shape.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { KEYS } from '../usecases/import-support.ts'

export const commands: readonly Command[] = withDryRun([
  ...upkeepCommands,
  ...explainCommands,
  ...importCommands,
  importSalesCommand,
  ...exportCommands,
  ...stockCommands,
  costCommand,
  ...deliveryCommands,
  ...transferCommands,
  ...availabilityCommands,
  ...termsCommands,
  ...holdCommands,
  ...orderCommands,
  ...orderBuyerCommands,
  ...orderLifeCommands,
  ...orderExchangeCommands,
  orderExceptionsCommand,
  ...pickUpCommands,
  ...noticeCommands,
  ...routingCommands,
  ...bundleCommands,
  ...countCommands,
  ...lotCommands,
  ...reasonCommands,
  ...ledgerCommands,
  ...priceCommands,
  ...priceListCommands,
  ...priceListEntryCommands,
  ...priceListDecisions,
  ...audienceCommands,
  ...priceExplainCommands,
  ...pricePolicyCommands,
  ...priceRateCommands,
  ...priceLimitCommands,
  ...marketRuleCommands,
  ...marketCommands,
  ...channelCommands,
  ...accessCommands,
  ...backupCommands,
  ...publicationCommands,
  ...driftCommands,
  ...guardCommands,
  ...alertCommands,
  ...webhookCommands,
])

export type Ran = { readonly code: 0 | 1 | 2; readonly out: string; readonly err: string }

/** A command line on a database, as if typed; `input` is piped in, or typed where `isTerminal`. */
export function cliOn(databaseUrl: string, actor = 'cli:test') {
  const wiring: Wiring = {
    settings: async () => ({ databaseUrl, home: '/nowhere', keyring: await readKeyring(KEYS) }),
    platforms: connectors.map(platformShape),
    declared: connectors.map(platformPrices),
    release: '0.1.0',
    actor,
    now: () => new Date('2026-11-22T12:00:00Z'),
  }
  return async (words: readonly string[], input = '', isTerminal = false): Promise<Ran> => {
    const [out, err] = [collector(), collector()]
    const keys = Object.assign(Readable.from(isTerminal ? [...input] : [input]), { isTTY: isTerminal })
    const terminal = { in: keys, out: out.stream, err: Object.assign(err.stream, { isTTY: isTerminal }) }
    const code = await runCli(words, commands, wiring, terminal)
    return { code, out: out.text(), err: err.text() }
  }
}

function collector() {
  const pieces: string[] = []
  const stream = new Writable({
    write(piece, _, done) {
      pieces.push(String(piece))
      done()
    },
  })
  return { stream, text: () => pieces.join('') }
}
