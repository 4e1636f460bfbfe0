import { expect } from 'vitest'
import { AccountTrouble, type PushItem, type PushOutcome } from '../../../connectors/contract.ts'
import type { Case } from '../conformance.ts'
import { drain, goods, listingOf, STARTED_AT, type Stage, shownOf } from '../stage.ts'
import { ordersSince } from './orders.ts'

/** The trouble that the work throws; fails when it throws none, or something else, or a secret. */
async function troubleOf(stage: Stage, work: Promise<unknown>): Promise<AccountTrouble> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof AccountTrouble)) throw new Error('no trouble of the account was thrown', { cause: error })
  for (const secret of stage.secrets) expect(`${error.message} ${error.stack ?? ''} ${JSON.stringify(error)}`).not.toContain(secret)
  return error
}

/** A push as a lane sees it: the trouble of the account, or the item's stock outcome. */
async function pushed(stage: Stage, item: PushItem): Promise<AccountTrouble | PushOutcome['stock']> {
  try {
    return (await stage.session.push([item]))[0]?.stock
  } catch (error) {
    if (error instanceof AccountTrouble) return error
    throw error
  }
}

const since = new Date(STARTED_AT.getTime() - 1000)

async function oneMug(stage: Stage): Promise<PushItem> {
  stage.sandbox.seed([goods(stage, 'MUG', 5)])
  return { listing: await listingOf(stage, 'MUG'), stock: { quantity: 9 } }
}

export const faultCases: readonly Case[] = [
  {
    title: 'finds a good account good',
    run: async stage => {
      const check = await stage.session.test()
      expect(check.findings.filter(finding => !finding.ok)).toEqual([])
      expect([check.ok, check.findings.length > 0]).toEqual([true, true])
    },
  },
  {
    title: 'names refused credentials in the test of an account, and stops the account elsewhere',
    run: async stage => {
      const item = await oneMug(stage)
      const check = await stage.stranger.test()
      expect(check.ok).toBe(false)
      expect(check.findings.find(finding => !finding.ok)?.words).toMatch(/\w/)
      for (const secret of stage.secrets) expect(JSON.stringify(check)).not.toContain(secret)
      expect((await troubleOf(stage, ordersSince(stage.stranger, since))).kind).toBe('auth')
      expect((await troubleOf(stage, drain(stage.stranger.listings()))).kind).toBe('auth')
      expect(await troubleOf(stage, stage.stranger.push([item]))).toMatchObject({ kind: 'auth', maybeTookEffect: false })
      expect(shownOf(stage, 'MUG').quantity).toBe(5)
    },
  },
  {
    title: 'stops the account when the platform takes the credentials away',
    run: async stage => {
      await oneMug(stage)
      stage.sandbox.misbehave({ kind: 'unauthorized', operation: stage.traits.operations.orders })
      expect((await troubleOf(stage, ordersSince(stage.session, since))).kind).toBe('auth')
      stage.sandbox.behave()
      expect(await ordersSince(stage.session, since)).toEqual([])
    },
  },
  {
    title: 'waits as long as it is told to',
    run: async stage => {
      await oneMug(stage)
      stage.sandbox.misbehave({ kind: 'throttle', operation: stage.traits.operations.orders, times: 1 })
      const trouble = await troubleOf(stage, ordersSince(stage.session, since))
      expect(trouble.kind).toBe('throttled')
      expect(trouble.afterMs).toBeGreaterThan(0)
      expect(trouble.afterMs).toBeLessThanOrEqual(3_600_000)
    },
  },
  {
    title: 'takes a throttled push as one that did not happen',
    run: async stage => {
      const item = await oneMug(stage)
      stage.sandbox.misbehave({ kind: 'throttle', operation: stage.traits.operations.push, times: 1 })
      const outcome = await pushed(stage, item)
      if (outcome instanceof AccountTrouble) expect([outcome.kind, outcome.maybeTookEffect]).toEqual(['throttled', false])
      else expect(outcome?.status).toBe('retry')
      await stage.settle()
      expect(shownOf(stage, 'MUG').quantity).toBe(5)
    },
  },
  ...(['error', 'timeout-before', 'garbage'] as const).map(
    (kind): Case => ({
      title: `takes the account for down when reading meets ${kind}, and reads on afterwards`,
      run: async stage => {
        await oneMug(stage)
        stage.sandbox.misbehave({ kind, operation: stage.traits.operations.orders, times: 1 })
        expect((await troubleOf(stage, ordersSince(stage.session, since))).kind).toBe('down')
        stage.sandbox.misbehave({ kind, operation: stage.traits.operations.listings, times: 1 })
        expect((await troubleOf(stage, drain(stage.session.listings()))).kind).toBe('down')
        expect((await listingOf(stage, 'MUG')).quantity).toBe(5)
      },
    }),
  ),
  ...(['error', 'timeout-before', 'timeout-after', 'garbage'] as const).map(
    (kind): Case => ({
      title: `claims nothing about a push that met ${kind}`,
      run: async stage => {
        const item = await oneMug(stage)
        stage.sandbox.misbehave({ kind, operation: stage.traits.operations.push, times: 1 })
        const outcome = await pushed(stage, item)
        if (outcome instanceof AccountTrouble) {
          expect(outcome.kind).toBe('down')
          // Of an error page nobody knows what ran before it; a broken connection says just as little.
          expect(outcome.maybeTookEffect).toBe(true)
        } else expect(outcome?.status).toBe('retry')
        await stage.settle()
        if (kind === 'timeout-after') expect(shownOf(stage, 'MUG').quantity).toBe(9)
        if (kind === 'error' || kind === 'timeout-before') expect(shownOf(stage, 'MUG').quantity).toBe(5)
        expect(await pushed(stage, item)).toMatchObject({ status: 'accepted' })
        await stage.settle()
        expect(shownOf(stage, 'MUG').quantity).toBe(9)
      },
    }),
  ),
]
