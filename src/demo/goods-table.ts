/** What the sample company sells. All of it is made up. */
export type Family = {
  readonly handle: string
  readonly title: string
  readonly vendor: string
  readonly category: string
  /** First letters of its SKUs. */
  readonly code: string
  readonly weightGrams: number
  /** Price of the first size in EUR, and what each further size adds. */
  readonly euro: number
  readonly stepEuro: number
  readonly sizes: readonly string[]
  readonly colours: readonly string[]
  /** Sold in the own shop only. */
  readonly shopOnly?: true
}

const vendor = 'Nordmole'

export const FAMILIES: readonly Family[] = [
  {
    ...{ handle: 'harbour-mug', title: 'Harbour mug', vendor, category: 'Kitchen', code: 'MUG', weightGrams: 340, euro: 12.9, stepEuro: 3 },
    ...{ sizes: ['250 ml', '400 ml'], colours: ['Sand', 'Ink', 'Moss', 'Chalk', 'Rust'] },
  },
  {
    ...{ handle: 'linen-apron', title: 'Linen apron', vendor, category: 'Kitchen', code: 'APR', weightGrams: 280, euro: 39, stepEuro: 4 },
    ...{ sizes: ['Regular', 'Long'], colours: ['Ink', 'Oat', 'Brick'] },
  },
  {
    ...{
      handle: 'oak-board',
      title: 'Oak serving board',
      vendor,
      category: 'Kitchen',
      code: 'OAK',
      weightGrams: 900,
      euro: 29.5,
      stepEuro: 10,
    },
    ...{ sizes: ['Small', 'Medium', 'Large'], colours: ['Natural', 'Smoked'] },
  },
  {
    ...{ handle: 'tide-lamp', title: 'Tide table lamp', vendor, category: 'Light', code: 'LMP', weightGrams: 1900, euro: 89, stepEuro: 30 },
    ...{ sizes: ['Small', 'Large'], colours: ['Opal', 'Amber', 'Smoke'] },
  },
  {
    ...{ handle: 'pine-candle', title: 'Pine candle', vendor, category: 'Light', code: 'CND', weightGrams: 420, euro: 18, stepEuro: 9 },
    ...{ sizes: ['30 h', '60 h'], colours: ['Resin', 'Salt', 'Smoke', 'Citrus'] },
  },
  {
    ...{
      handle: 'wool-blanket',
      title: 'Wool blanket',
      vendor,
      category: 'Textile',
      code: 'WOL',
      weightGrams: 1200,
      euro: 119,
      stepEuro: 40,
    },
    ...{ sizes: ['130 × 180', '150 × 220'], colours: ['Fog', 'Heather', 'Pine'] },
  },
  {
    ...{
      handle: 'waffle-towel',
      title: 'Waffle towel',
      vendor,
      category: 'Textile',
      code: 'TWL',
      weightGrams: 310,
      euro: 16.5,
      stepEuro: 8.5,
    },
    ...{ sizes: ['Hand', 'Bath', 'Sauna'], colours: ['Chalk', 'Slate', 'Clay'] },
  },
  {
    ...{ handle: 'canvas-tote', title: 'Canvas tote', vendor, category: 'Bags', code: 'TOT', weightGrams: 390, euro: 24, stepEuro: 6 },
    ...{ sizes: ['Day', 'Market'], colours: ['Natural', 'Ink', 'Mustard'] },
  },
  {
    ...{ handle: 'rain-cap', title: 'Rain cap', vendor, category: 'Wear', code: 'CAP', weightGrams: 120, euro: 34, stepEuro: 0 },
    ...{ sizes: ['S/M', 'L/XL'], colours: ['Yellow', 'Navy'] },
  },
  {
    ...{
      handle: 'field-notebook',
      title: 'Field notebook',
      vendor,
      category: 'Desk',
      code: 'NTB',
      weightGrams: 180,
      euro: 9.8,
      stepEuro: 4.2,
    },
    ...{ sizes: ['A6', 'A5'], colours: ['Grid', 'Lined', 'Plain'] },
  },
  {
    ...{ handle: 'brass-pen', title: 'Brass pen', vendor, category: 'Desk', code: 'PEN', weightGrams: 45, euro: 48, stepEuro: 0 },
    ...{ sizes: ['One size'], colours: ['Raw', 'Black'] },
  },
  {
    ...{
      handle: 'studio-seconds',
      title: 'Studio seconds bowl',
      vendor,
      category: 'Kitchen',
      code: 'SEC',
      weightGrams: 700,
      euro: 15,
      stepEuro: 5,
    },
    ...{ sizes: ['Small', 'Large'], colours: ['Mixed'], shopOnly: true },
  },
]
