import { accountForm } from '../connectors/account-form.ts'
import { connectors } from '../connectors/registry.ts'
import type { PlatformPrices } from '../db/platforms.ts'
import { platformPrices, platformShape } from './platform-shape.ts'
import type { PlatformFacts } from './ui/index.ts'
import type { PlatformShape } from './usecases/channels.ts'

/** What an account of each platform is made of, for use cases that must not see connectors. */
export const platformShapes: readonly PlatformShape[] = connectors.map(platformShape)

/** What people are told of each platform, by its name. */
export const platformFacts: Readonly<Record<string, PlatformFacts>> = Object.fromEntries(
  connectors.map(connector => [connector.platform, { title: connector.title, declares: connector.declares, form: accountForm(connector) }]),
)

/** What the database is told of each platform when it is opened. */
export const declaredPrices: readonly PlatformPrices[] = connectors.map(platformPrices)
