import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { connectors } from '../connectors/registry.ts'
import { packageRoot } from '../db/root.ts'
import { accessCommands } from './cli/access.ts'
import { alertCommands } from './cli/alert.ts'
import { audienceCommands } from './cli/audience.ts'
import { availabilityCommands } from './cli/availability.ts'
import { backupCommands } from './cli/backup.ts'
import { bundleCommands } from './cli/bundle.ts'
import { channelCommands } from './cli/channel.ts'
import type { Command, Wiring } from './cli/command.ts'
import { costCommand } from './cli/cost.ts'
import { countCommands } from './cli/count.ts'
import { deliveryCommands } from './cli/delivery.ts'
import { driftCommands } from './cli/drift.ts'
import { withDryRun } from './cli/dry-run.ts'
import { explainCommands } from './cli/explain.ts'
import { exportCommands } from './cli/export.ts'
import { guardCommands } from './cli/guard.ts'
import { holdCommands } from './cli/hold.ts'
import { importCommands } from './cli/import.ts'
import { importPostalCodesCommand } from './cli/import-postal-codes.ts'
import { importSalesCommand } from './cli/import-sales.ts'
import { ledgerCommands } from './cli/ledger.ts'
import { lotCommands } from './cli/lot.ts'
import { marketCommands } from './cli/market.ts'
import { marketRuleCommands } from './cli/market-rule.ts'
import { noticeCommands } from './cli/notice.ts'
import { orderCommands } from './cli/order.ts'
import { orderBuyerCommands } from './cli/order-buyer.ts'
import { orderExceptionsCommand } from './cli/order-exceptions.ts'
import { orderExchangeCommands } from './cli/order-exchange.ts'
import { orderLifeCommands } from './cli/order-life.ts'
import { pickUpCommands } from './cli/pick-up.ts'
import { priceCommands } from './cli/price.ts'
import { priceExplainCommands } from './cli/price-explain.ts'
import { priceLimitCommands } from './cli/price-limits.ts'
import { priceListCommands } from './cli/price-list.ts'
import { priceListDecisions } from './cli/price-list-decide.ts'
import { priceListEntryCommands } from './cli/price-list-entries.ts'
import { pricePolicyCommands } from './cli/price-policy.ts'
import { priceRateCommands } from './cli/price-rates.ts'
import { publicationCommands } from './cli/publication.ts'
import { reasonCommands } from './cli/reason.ts'
import { routingCommands } from './cli/routing.ts'
import { runCli } from './cli/run.ts'
import { stockCommands } from './cli/stock.ts'
import { termsCommands } from './cli/terms.ts'
import { transferCommands } from './cli/transfer.ts'
import { upkeepCommands } from './cli/upkeep.ts'
import { webhookCommands } from './cli/webhook.ts'
import { platformPrices, platformShape } from './platform-shape.ts'
import { replayCommand } from './replay.ts'
import { readSettings } from './settings.ts'

/** Every command, in the order of the help. A new one is a file of its own and a line here. */
const commands: readonly Command[] = withDryRun([
  ...upkeepCommands,
  ...explainCommands,
  ...importCommands,
  ...exportCommands,
  ...stockCommands,
  importSalesCommand,
  importPostalCodesCommand,
  costCommand,
  ...deliveryCommands,
  ...transferCommands,
  ...availabilityCommands,
  ...termsCommands,
  ...holdCommands,
  ...orderCommands,
  ...orderLifeCommands,
  ...orderExchangeCommands,
  orderExceptionsCommand,
  ...pickUpCommands,
  ...orderBuyerCommands,
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
  ...publicationCommands,
  ...driftCommands,
  ...guardCommands,
  ...alertCommands,
  ...webhookCommands,
  ...accessCommands,
  ...backupCommands,
  replayCommand,
])

const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }

const wiring: Wiring = {
  settings: () => readSettings(process.env, []),
  platforms: connectors.map(platformShape),
  declared: connectors.map(platformPrices),
  release: version,
  actor: `cli:${userInfo().username}`,
  now: () => new Date(),
}

// The reader of a pipe may leave first (`| head`): what was to be printed then is of no use to anybody, but the command still ends in order.
process.stdout.on('error', error => {
  if (!('code' in error) || error.code !== 'EPIPE') throw error
})
process.exitCode = await runCli(process.argv.slice(2), commands, wiring, { in: process.stdin, out: process.stdout, err: process.stderr })
