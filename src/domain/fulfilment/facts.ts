/** Units of one line of an order that wait to be routed. */
export type RouteLine = {
  readonly id: number
  readonly sku: string
  readonly units: number
  readonly method: 'ship' | 'collect'
  /** Where the buyer wants to collect it; null where the channel told nothing, and for what is sent. */
  readonly collectAt: number | null
  /** What all its units were sold for, in the order's currency; null where the channel did not tell. */
  readonly worth: number | null
  /** Classes of dangerous goods in it; absent: none. */
  readonly hazards?: readonly string[]
}

/** Opening hours by ISO weekday (1 is Monday), as local times `HH:MM`; a weekday that is missing is closed. Null: always open. */
export type Hours = Readonly<Partial<Record<string, readonly (readonly [from: string, to: string])[]>>> | null

/** When work is done at a location. */
export type Calendar = {
  /** IANA zone of its clocks. */
  readonly zone: string
  readonly hours: Hours
  /** Local time until which work of the same day is begun; null: until it closes. */
  readonly cutOff: string | null
  /** Minutes of opening time from taking an order on until it is ready. */
  readonly leadMinutes: number
  /** Local days (`YYYY-MM-DD`) on which it is closed: those stated by hand, and public holidays that it keeps. */
  readonly holidays: readonly string[]
  readonly ordersPerDay: number | null
  readonly unitsPerDay: number | null
  /** What it has taken on already, by local day. */
  readonly load: Readonly<Partial<Record<string, { readonly orders: number; readonly units: number }>>>
}

export type Point = { readonly latitude: number; readonly longitude: number }

/** By what a point is known: stated itself, by the postal code, or only as the middle of the country. */
export type Precision = 'address' | 'postal_code' | 'country'

/** Where something is, as far as it is known. `pointBy` absent: the point was stated. */
export type Whereabouts = { readonly country: string | null; readonly point: Point | null; readonly pointBy?: Precision }

/** A location that could hand something over. */
export type Place = Calendar &
  Whereabouts & {
    readonly id: number
    readonly code: string
    readonly kind: 'warehouse' | 'store' | 'distributor'
    readonly active: boolean
    /** In the pool of the order's channel, and at which position; null: not. */
    readonly position: number | null
    readonly ships: boolean
    readonly collects: boolean
    /** Countries that it sends to; null: all. */
    readonly shipsTo: readonly string[] | null
    /** Classes of dangerous goods that it may hand to a carrier, and to a buyer; null: all. */
    readonly shipsHazards: readonly string[] | null
    readonly handsOverHazards: readonly string[] | null
    /** What a parcel from there, and each unit handled there, costs; null: as the rule says. */
    readonly parcelCost: number | null
    readonly unitCost: number | null
    readonly priority: number
    readonly transitDays: number
    readonly transitDaysAbroad: number
    /** Why it gave this order up before; null: it did not. */
    readonly excluded: string | null
  }

/** Units of a line that a place could hand over: what is free there and what is promised to the line there already. */
export type Supply = {
  readonly lineId: number
  readonly placeId: number
  readonly units: number /** Days since the oldest of them came in. */
  readonly ageDays: number
}

export type Destination = Whereabouts

/** All that a decision is made from. */
export type RouteFacts = {
  readonly at: Date
  readonly lines: readonly RouteLine[]
  readonly places: readonly Place[]
  readonly supply: readonly Supply[]
  readonly destination: Destination
}
