import type { Connector } from '../connectors/contract.ts'
import type { PlatformShape } from './usecases/channels.ts'
import { Fault } from './values/fault.ts'

/** What the use cases may know of a connector: its shapes, with refusals as faults that name the field and never the value. */
export function platformShape(connector: Connector): PlatformShape {
  const read = (what: string, shape: Connector['settings']) => (value: unknown) => {
    const parsed = shape.safeParse(value)
    if (parsed.success) return { ...parsed.data }
    const [issue] = parsed.error.issues
    const field = [what, ...(issue?.path ?? [])].join('.')
    throw new Fault('invalid', `${field} of ${connector.platform}: ${issue?.message ?? 'cannot be read'}`, {
      field,
      expected: `as connectors/${connector.platform}/README.md says`,
    })
  }
  return {
    platform: connector.platform,
    stockPerAccount: connector.declares.stockPerAccount,
    push: {
      max: connector.declares.pushMax,
      concurrency: connector.declares.pushConcurrency,
      bucket: connector.declares.pushBucket,
    },
    readSettings: read('settings', connector.settings),
    readCredentials: read('credentials', connector.credentials),
  }
}
