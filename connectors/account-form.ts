import { z } from 'zod'
import type { AccountForm, Asked, FormField, Told } from '../src/values/connecting.ts'
import type { Connector } from './contract.ts'

/** A shape of settings or credentials, as far as a form needs it. */
const fieldShape = z.looseObject({ type: z.string().optional(), format: z.string().optional() })
const objectShape = z.looseObject({ properties: z.record(z.string(), fieldShape), required: z.array(z.string()).default([]) })
const unionShape = z.looseObject({ anyOf: z.array(objectShape) })

/** Every platform's sandbox has it, and no real account. */
const SCALE: Asked = {
  label: { en: 'Faster than the real platform', 'zh-CN': '比真实平台快的倍数' },
  where: { en: 'for trials with a sandbox; empty for a real account', 'zh-CN': '仅用于沙盒试用；真实账户请留空' },
  example: '20',
  isSeldom: true,
}

/** What the console asks for an account of this platform: exactly the fields of its shapes, with what the connector tells of each. */
export function accountForm(connector: Connector): AccountForm {
  const { connecting } = connector
  const told: Readonly<Record<string, Asked>> = { scale: SCALE, ...connecting?.fields }
  const credentials = z.toJSONSchema(connector.credentials)
  const union = unionShape.safeParse(credentials)
  const ways = union.success ? union.data.anyOf : [objectShape.parse(credentials)]
  return {
    steps: connecting?.steps ?? [],
    scopes: connecting?.scopes ?? [],
    mends: connecting?.mends ?? {},
    settings: fieldsOf(objectShape.parse(z.toJSONSchema(connector.settings)), told),
    ways: ways.map((shape, at) => ({ label: connecting?.ways?.[at] ?? null, fields: fieldsOf(shape, told) })),
    ...(connecting === undefined ? { channel: NAMELESS } : connecting.channel === undefined ? {} : { channel: connecting.channel }),
  }
}

/** The channel of a platform that tells nothing of it. */
const NAMELESS = {
  label: { en: 'Id at the platform', 'zh-CN': '平台编号' },
  where: { en: '“shop” where an account is one shop', 'zh-CN': '一个账户即一家店铺时填 shop' },
  example: 'shop',
}

function fieldsOf({ properties, required }: z.infer<typeof objectShape>, told: Readonly<Record<string, Asked>>): FormField[] {
  return Object.entries(properties).map(([name, shape]) => {
    const bare: { readonly label: Told; readonly where: null } = { label: { en: name, 'zh-CN': name }, where: null }
    return { ...(told[name] ?? bare), name, kind: kindOf(shape), isRequired: required.includes(name) }
  })
}

function kindOf({ type, format }: z.infer<typeof fieldShape>): FormField['kind'] {
  if (type === 'boolean') return 'choice'
  if (type === 'number' || type === 'integer') return 'number'
  if (type === 'object') return 'table'
  if (type === 'array') return 'list'
  return format === 'uri' ? 'url' : format === 'email' ? 'email' : format === 'date-time' ? 'instant' : 'text'
}
