import { expect, test } from 'vitest'
import { makeTurns } from '../../connectors/medusa/turns.ts'

/** Work that ends when told. */
function held(log: string[], name: string): { readonly work: () => Promise<string>; readonly end: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  const work = async (): Promise<string> => {
    log.push(`${name} begins`)
    await promise
    log.push(`${name} ends`)
    return name
  }
  return { work, end: resolve }
}

test('stock is written by several at once, and what is packed goes alone, each in its turn', async () => {
  const log: string[] = []
  const turns = makeTurns()
  const [first, second, parcel, third] = ['first', 'second', 'parcel', 'third'].map(name => held(log, name))
  if (!first || !second || !parcel || !third) throw new Error('four of them')
  const all = [turns.stock(first.work), turns.stock(second.work)]
  await new Promise(resolve => setImmediate(resolve))
  all.push(turns.packing(parcel.work), turns.stock(third.work))
  await new Promise(resolve => setImmediate(resolve))
  expect(log).toEqual(['first begins', 'second begins'])
  first.end()
  second.end()
  await Promise.all(all.slice(0, 2))
  await new Promise(resolve => setImmediate(resolve))
  expect(log.slice(4)).toEqual(['parcel begins'])
  parcel.end()
  third.end()
  expect(await Promise.all(all)).toEqual(['first', 'second', 'parcel', 'third'])
  expect(log.slice(5)).toEqual(['parcel ends', 'third begins', 'third ends'])
})

test('what fails keeps nobody waiting', async () => {
  const turns = makeTurns()
  const broken = (): Promise<never> => Promise.reject(new Error('broken'))
  await expect(turns.packing(broken)).rejects.toThrow('broken')
  await expect(turns.stock(broken)).rejects.toThrow('broken')
  expect(await turns.packing(() => Promise.resolve('sent'))).toBe('sent')
})
