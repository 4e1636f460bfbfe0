/**
 * Which transactions a statement saw: all below `xmax` but those in `open`. PostgreSQL's `pg_current_snapshot()`, by which one node can tell
 * whether what it read holds another node's write.
 */
export type Snapshot = { readonly xmax: bigint; readonly open: readonly bigint[] }

/** Reads `pg_current_snapshot()::text`, as `780:785:780,783`. */
export function readSnapshot(text: string): Snapshot {
  const [, xmax, open] = /^\d+:(\d+):([\d,]*)$/.exec(text) ?? []
  if (xmax === undefined || open === undefined) throw new Error(`"${text}" is no snapshot`)
  return { xmax: BigInt(xmax), open: open === '' ? [] : open.split(',').map(BigInt) }
}

/** Whether what this transaction wrote, once it had ended, was seen under the snapshot. */
export function sees({ xmax, open }: Snapshot, transaction: bigint): boolean {
  return transaction < xmax && !open.includes(transaction)
}
