import { type Document, type Field, filled, type Selection } from './sandbox-document.ts'

/** Something of the platform: values, further things, and functions of a field's arguments. `__typename` is its type, `__is` the interface that it has besides. */
export type Thing = { readonly [field: string]: unknown }
export type Args = Readonly<Record<string, unknown>>
export type Resolver = (args: Args, directives: Readonly<Record<string, Args>>) => unknown
export type Variables = Readonly<Record<string, unknown>>

/** A call that is wrong as a whole. */
export class Refusal extends Error {
  readonly code: string | null
  constructor(message: string, code: string | null = null) {
    super(message)
    this.code = code
  }
}

export const isField = (one: Selection): one is Field => 'key' in one

/** The answer, just as it was asked for. `seen` is told of each thing whose fields are looked at, for platforms that count them. */
export function execute(
  document: Document,
  root: Thing,
  variables: Variables,
  seen: (thing: object) => void = () => {},
): Record<string, unknown> {
  const pick = (thing: Thing, all: readonly Selection[]): Record<string, unknown> => {
    const found: Record<string, unknown> = {}
    for (const one of all) {
      if (isField(one)) found[one.key] = shown(read(thing, one), one)
      else if (thing.__typename === one.on || thing.__is === one.on) Object.assign(found, pick(thing, one.fields))
    }
    return found
  }
  const read = (thing: Thing, field: Field): unknown => {
    const value = thing[field.name]
    if (value === undefined)
      throw new Refusal(`Field '${field.name}' doesn't exist on type '${String(thing.__typename ?? 'QueryRoot')}'`, 'undefinedField')
    if (typeof value !== 'function') return value
    const directives = Object.fromEntries(Object.entries(field.directives).map(([name, args]) => [name, filled(args, variables)]))
    return (value as Resolver)(filled(field.args, variables), directives)
  }
  const shown = (value: unknown, field: Field): unknown => {
    if (value === null || field.fields.length === 0) return value
    if (Array.isArray(value)) return value.map(one => shown(one, field))
    seen(value as object)
    return pick(value as Thing, field.fields)
  }
  return pick(root, document.fields)
}
