/** Everything a key or a role may be allowed to do. Read scopes are separate, so that a till need not see orders. */
export const SCOPES = [
  'catalog:read',
  'catalog:write',
  'stock:read',
  'stock:write',
  /** Puts the differences that others counted on the books. */
  'stock:approve',
  'prices:read',
  'prices:write',
  /** Puts price lists, and what waits on them, in force. */
  'prices:approve',
  'orders:read',
  'orders:write',
  /** Names, addresses and e-mails of buyers. */
  'orders:people',
  /** Picks and hands over in a store, and people take back and exchange there; of buyers, the names on what is to be handed over there. */
  'pickup:write',
  'channels:read',
  'channels:write',
  'metrics:read',
  /** Users, keys, audit; with it goes every other scope but `orders:people`. */
  'admin',
] as const

export type Scope = (typeof SCOPES)[number]

export const ROLES = ['admin', 'operations', 'pricing', 'marketing', 'clerk', 'partner'] as const

export type Role = (typeof ROLES)[number]

const READS: readonly Scope[] = ['catalog:read', 'stock:read', 'prices:read', 'orders:read', 'channels:read', 'metrics:read']

const ROLE_SCOPES: Readonly<Record<Role, readonly Scope[]>> = {
  admin: SCOPES,
  operations: [
    ...READS,
    'catalog:write',
    'stock:write',
    'stock:approve',
    'prices:write',
    'prices:approve',
    'orders:write',
    'orders:people',
    'pickup:write',
    'channels:write',
  ],
  pricing: [...READS, 'prices:write'],
  marketing: ['catalog:read', 'stock:read', 'prices:read', 'channels:read'],
  clerk: ['catalog:read', 'stock:read', 'stock:write', 'prices:read', 'orders:read', 'pickup:write'],
  // Partners come in through a portal of their own, which shows them their own rows; nothing of the company's API is theirs.
  partner: [],
}

/** What a person of this role may do. */
export const scopesOfRole = (role: Role): ReadonlySet<Scope> => new Set(ROLE_SCOPES[role])

/** What a key with these scopes may do. `admin` brings all but buyers' data, which must be named; a write or an approval brings its read. Unknown words bring nothing. */
export function scopesOfKey(named: readonly string[]): ReadonlySet<Scope> {
  const scopes = new Set(SCOPES.filter(scope => named.includes(scope) || (named.includes('admin') && scope !== 'orders:people')))
  for (const scope of [...scopes]) {
    const read = SCOPES.find(other => other === scope.replace(/:(write|people|approve)$/, ':read'))
    if (read !== undefined) scopes.add(read)
  }
  return scopes
}
