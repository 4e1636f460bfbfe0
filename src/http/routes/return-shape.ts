import { z } from '@hono/zod-openapi'
import { SomeUnits, Units } from '../shapes.ts'

/** Units of lines, by our id of the line. */
export const ReturnLines = z
  .array(z.strictObject({ lineId: z.int().min(1), quantity: SomeUnits }))
  .min(1)
  .max(500)

/** Units that came back, by what the look at them said. */
export const LookedLines = z
  .array(
    z.strictObject({
      lineId: z.int().min(1),
      toStock: Units.default(0).openapi({ description: 'As good as new: for sale at this location.' }),
      unavailable: Units.default(0).openapi({ description: 'Put aside at this location, not for sale.' }),
      scrapped: Units.default(0).openapi({ description: 'Thrown away: they never are in stock again.' }),
    }),
  )
  .min(1)
  .max(500)
