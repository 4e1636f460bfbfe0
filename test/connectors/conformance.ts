import { describe, test } from 'vitest'
import type { Connector, Declaration } from '../../connectors/contract.ts'
import { actCases } from './cases/acts.ts'
import { amountCases } from './cases/amounts.ts'
import { editCases } from './cases/edits.ts'
import { faultCases } from './cases/faults.ts'
import { feedCases } from './cases/feeds.ts'
import { listingCases } from './cases/listings.ts'
import { messageCases } from './cases/messages.ts'
import { orderCases } from './cases/orders.ts'
import { pushCases } from './cases/push.ts'
import { refundCases } from './cases/refunds.ts'
import { toldCases } from './cases/told.ts'
import type { Stage, Traits } from './stage.ts'

/**
 * One thing that every connector must do, against its sandbox. `needs` names the capability without which it is left out. The cases are
 * data, so that they can also be run against a connector that is broken on purpose, to show that they notice.
 */
export type Case = {
  readonly title: string
  readonly needs?: { readonly what: string; readonly has: (declares: Declaration, traits: Traits) => boolean }
  readonly run: (stage: Stage) => Promise<void>
}

/** How to set the stage for one platform; each case gets a fresh one. */
export type Factory = { readonly connector: Connector; readonly traits: Traits; readonly open: () => Promise<Stage> }

export const cases: readonly Case[] = [
  ...listingCases,
  ...pushCases,
  ...feedCases,
  ...orderCases,
  ...toldCases,
  ...amountCases,
  ...editCases,
  ...actCases,
  ...refundCases,
  ...messageCases,
  ...faultCases,
]

/** The cases that are left out for a platform, because it does not declare what they need. */
export function left({ connector, traits }: Pick<Factory, 'connector' | 'traits'>): readonly Case[] {
  return cases.filter(({ needs }) => needs !== undefined && !needs.has(connector.declares, traits))
}

/** Registers the suite for one platform. What it does not declare is skipped by name. */
export function conformance(name: string, factory: Factory): void {
  describe(`${name} keeps the connector's contract`, () => {
    const out = new Set(left(factory))
    for (const one of cases) {
      const { title, needs, run } = one
      if (out.has(one)) {
        test.skip(`${title} [not declared: ${needs?.what}]`, () => {})
        continue
      }
      test(title, async () => {
        const stage = await factory.open()
        try {
          await run(stage)
        } finally {
          await stage.close()
        }
      })
    }
  })
}
