import { type Article, FIRST_PRICES, FIRST_STOCK, productsOf } from './goods.ts'
import { askVendure, type VendureCall } from './vendure-ask.ts'

/** What a shopper or the hub must know of the shop that was laid in. */
export type VendureSeed = {
  readonly stockLocationId: string
  readonly shippingMethodId: string
  readonly apiKey: string
  readonly channelToken: string
}

type Created = { readonly id: string }
/** Products whose variants go in with one request. */
const AT_ONCE = 20
const prices = Object.entries(FIRST_PRICES).map(([currencyCode, amount]) => ({ currencyCode, price: Math.round(Number(amount) * 100) }))

/** Opens an empty Vendure for business: a country without taxes, two currencies, a way to ship and to pay, the articles, a key for the hub. */
export async function seedVendure(admin: VendureCall, goods: readonly Article[], progress: (done: number) => void): Promise<VendureSeed> {
  const create = async (name: string, type: string, input: unknown, answer = 'id'): Promise<Created> => {
    const { data } = await askVendure<Record<string, Created>>(
      admin,
      `mutation($input: ${type}!) { ${name}(input: $input) { ${answer} } }`,
      { input },
    )
    return data[name] ?? { id: '' }
  }
  const zone = await create('createZone', 'CreateZoneInput', { name: 'Germany' })
  const country = await create('createCountry', 'CreateCountryInput', {
    ...{ code: 'DE', enabled: true, translations: [{ languageCode: 'en', name: 'Germany' }] },
  })
  await askVendure(admin, 'mutation($zone: ID!, $members: [ID!]!) { addMembersToZone(zoneId: $zone, memberIds: $members) { id } }', {
    ...{ zone: zone.id, members: [country.id] },
  })
  const tax = await create('createTaxCategory', 'CreateTaxCategoryInput', { name: 'Standard' })
  await create('createTaxRate', 'CreateTaxRateInput', { name: 'None', enabled: true, value: 0, categoryId: tax.id, zoneId: zone.id })
  const channel = await openChannel(admin, zone.id)
  await create('createPaymentMethod', 'CreatePaymentMethodInput', {
    ...{ code: 'dummy', enabled: true, translations: [{ languageCode: 'en', name: 'Dummy', description: '' }] },
    handler: { code: 'dummy-payment-handler', arguments: [{ name: 'automaticSettle', value: 'true' }] },
  })
  const shipping = await create('createShippingMethod', 'CreateShippingMethodInput', shippingMethod)
  const stockLocationId = await firstLocation(admin)
  await layIn(admin, goods, { create, taxCategoryId: tax.id, stockLocationId, progress })
  return { stockLocationId, shippingMethodId: shipping.id, apiKey: await makeKey(admin), channelToken: channel }
}

const shippingMethod = {
  ...{ code: 'parcel', fulfillmentHandler: 'manual-fulfillment', translations: [{ languageCode: 'en', name: 'Parcel', description: '' }] },
  checker: { code: 'default-shipping-eligibility-checker', arguments: [{ name: 'orderMinimum', value: '0' }] },
  calculator: {
    code: 'default-shipping-calculator',
    arguments: [
      { name: 'rate', value: '500' },
      { name: 'includesTax', value: 'auto' },
      { name: 'taxRate', value: '0' },
    ],
  },
}

/** Both currencies are for sale, EUR first; answers the token that names the channel. */
async function openChannel(admin: VendureCall, zoneId: string): Promise<string> {
  const { data } = await askVendure<{ activeChannel: { id: string; token: string } }>(admin, '{ activeChannel { id token } }')
  const input = {
    ...{ id: data.activeChannel.id, defaultTaxZoneId: zoneId, defaultShippingZoneId: zoneId, pricesIncludeTax: true },
    ...{ availableCurrencyCodes: Object.keys(FIRST_PRICES), defaultCurrencyCode: 'EUR' },
  }
  await askVendure(
    admin,
    'mutation($input: UpdateChannelInput!) { updateChannel(input: $input) { __typename ... on ErrorResult { message } } }',
    { input },
  )
  return data.activeChannel.token
}

async function firstLocation(admin: VendureCall): Promise<string> {
  const { data } = await askVendure<{ stockLocations: { items: Created[] } }>(admin, '{ stockLocations { items { id } } }')
  return data.stockLocations.items[0]?.id ?? ''
}

async function makeKey(admin: VendureCall): Promise<string> {
  const { data } = await askVendure<{ roles: { items: { id: string; code: string }[] } }>(admin, '{ roles { items { id code } } }')
  const role = data.roles.items.find(one => one.code === '__super_admin_role__')
  const made = await askVendure<{ createApiKey: { apiKey: string } }>(
    admin,
    'mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey } }',
    { input: { roleIds: [role?.id], translations: [{ languageCode: 'en', name: 'hub' }] } },
  )
  return made.data.createApiKey.apiKey
}

type LayingIn = {
  readonly create: (name: string, type: string, input: unknown, answer?: string) => Promise<Created>
  readonly taxCategoryId: string
  readonly stockLocationId: string
  readonly progress: (done: number) => void
}

async function layIn(
  admin: VendureCall,
  goods: readonly Article[],
  { create, taxCategoryId, stockLocationId, progress }: LayingIn,
): Promise<void> {
  let rows: unknown[] = []
  let done = 0
  const flush = async (): Promise<void> => {
    const made = await askVendure<{ createProductVariants: Created[] }>(
      admin,
      'mutation($rows: [CreateProductVariantInput!]!) { createProductVariants(input: $rows) { id } }',
      { rows },
    )
    // Prices in several currencies are heeded in an update only.
    const priced = made.data.createProductVariants.map(({ id }) => ({ id, prices }))
    await askVendure(admin, 'mutation($rows: [UpdateProductVariantInput!]!) { updateProductVariants(input: $rows) { id } }', {
      rows: priced,
    })
    done += rows.length
    rows = []
    progress(done)
  }
  for (const [n, variants] of productsOf(goods).entries()) {
    const name = `Article ${n + 1}`
    const product = await create('createProduct', 'CreateProductInput', {
      ...{ enabled: true, translations: [{ languageCode: 'en', name, slug: `article-${n + 1}`, description: '' }] },
    })
    const group = await askVendure<{ createProductOptionGroup: { id: string; options: { id: string; code: string }[] } }>(
      admin,
      'mutation($input: CreateProductOptionGroupInput!) { createProductOptionGroup(input: $input) { id options { id code } } }',
      {
        input: {
          ...{ code: `size-${n + 1}`, translations: [{ languageCode: 'en', name: 'Size' }] },
          options: variants.map(({ variant }) => ({ code: variant.toLowerCase(), translations: [{ languageCode: 'en', name: variant }] })),
        },
      },
    )
    const { id, options } = group.data.createProductOptionGroup
    await askVendure(admin, 'mutation($p: ID!, $g: ID!) { addOptionGroupToProduct(productId: $p, optionGroupId: $g) { id } }', {
      p: product.id,
      g: id,
    })
    for (const { sku, variant } of variants)
      rows.push({
        ...{ productId: product.id, sku, taxCategoryId, trackInventory: 'TRUE' },
        translations: [{ languageCode: 'en', name: `${name} ${variant}` }],
        optionIds: options.filter(option => option.code === variant.toLowerCase()).map(option => option.id),
        stockLevels: [{ stockLocationId, stockOnHand: FIRST_STOCK }],
      })
    if ((n + 1) % AT_ONCE === 0) await flush()
  }
  if (rows.length > 0) await flush()
}
