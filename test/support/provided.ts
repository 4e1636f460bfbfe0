/** What the run's set-up found or started, for every test file. Addresses are null where the machine does not offer the thing. */
export type Provided = {
  /** The server's own database; a test gets a clone of the template through `freshDatabase`. */
  readonly postgresUrl: string
  /** Why there is no template database (a migration that does not run), or null. */
  readonly databaseTrouble: string | null
  readonly redisUrl: string | null
  readonly chromium: string | null
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly provided: Provided
  }
}

/** The migrated database that all others are cloned from. Nobody connects to it, or it could not be cloned. */
export const TEMPLATE = 'concord_template'
