/** Words for people, in each language of the console. */
export type Told = { readonly en: string; readonly 'zh-CN': string }

/** How a person connects an account of a platform: told beside the fields of the form that asks for its settings and credentials. */
export type Connecting = {
  /** What is done at the platform first, in order. */
  readonly steps: readonly Told[]
  /** Scopes, roles or permissions that the credentials need, in the platform's own words. */
  readonly scopes: readonly string[]
  /** Each setting and each credential by its name. */
  readonly fields: Readonly<Record<string, Asked>>
  /** The ways to prove who we are, where the shape of the credentials has several, in its order. */
  readonly ways?: readonly Told[]
  /** What a channel of the account is, and where its `ref` is found. Absent: the account is one shop, whose one channel has the ref `shop`. */
  readonly channel?: {
    readonly label: Told
    readonly where: Told
    readonly example: string
    /** Refs that are the same for everybody. */
    readonly known?: readonly { readonly ref: string; readonly name: string }[]
  }
  /** Which field mends a finding of the account check, by the first word of what was looked at; `ref` and `currency` are the channel's. */
  readonly mends: Readonly<Record<string, string>>
}

export type Asked = {
  readonly label: Told
  /** Where it is found at the platform, or what it does. */
  readonly where: Told
  readonly example?: string
  /** What stands in it at first. */
  readonly given?: string
  /** Others that are usual. */
  readonly usual?: readonly string[]
  /** Few need it: it is folded away. */
  readonly isSeldom?: true
  /** A credential that is no secret, such as a name: shown while it is typed. It is stored sealed all the same. */
  readonly isName?: true
}

/** What is asked for one field of the form. */
export type FormField = Omit<Asked, 'where'> & {
  readonly name: string
  readonly where: Told | null
  readonly kind: 'text' | 'url' | 'email' | 'instant' | 'number' | 'choice' | 'table' | 'list'
  readonly isRequired: boolean
}

/** The form for an account: exactly the settings and credentials that the connector's shapes have. */
export type AccountForm = Omit<Connecting, 'fields' | 'ways'> & {
  readonly settings: readonly FormField[]
  /** One, or several of which one is chosen. */
  readonly ways: readonly { readonly label: Told | null; readonly fields: readonly FormField[] }[]
}
