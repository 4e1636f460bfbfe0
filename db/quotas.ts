import type { Sql } from './connect.ts'

/** A bucket of a platform as its holder knows it: calls that could start at once, what comes back each second up to the burst, and for how long nothing starts. */
export type Quota = {
  readonly operation: string
  readonly left: number
  readonly ratePerS: number
  readonly burst: number
  readonly closedMs: number
}

/** Notes what is left of an account's quota for pushes; only of the holder of its lease. */
export async function tellQuota(sql: Sql, accountId: number, leaseToken: number, quota: Quota): Promise<void> {
  const { operation, left, ratePerS, burst, closedMs } = quota
  await sql`
    insert into account_quotas (account_id, operation, calls_left, per_second, burst, open_at)
    select id, ${operation}, ${left}::float8, ${ratePerS}::float8, ${burst}::float8,
      case when ${closedMs}::float8 > 0 then clock_timestamp() + make_interval(secs => ${closedMs / 1000}::float8) end
    from accounts where id = ${accountId} and lease_token = ${leaseToken} and lease_until > clock_timestamp()
    on conflict (account_id) do update set told_at = clock_timestamp(), operation = excluded.operation, calls_left = excluded.calls_left,
      per_second = excluded.per_second, burst = excluded.burst, open_at = excluded.open_at`
}
