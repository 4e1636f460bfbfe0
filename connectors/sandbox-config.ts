import { z } from 'zod'

/**
 * What the process of the sandboxes is told, in a file `config.json` (readable by its owner only) of the folder in which they keep their state.
 * The accounts in it exist nowhere else: the keys are made up on the first start. Beside these fields stands one for each platform that is played, under
 * its name, in the shape that its sandbox asks for (`played.options`); who is not named is not played.
 */
export const sandboxesShape = z.looseObject({
  /** Where all platforms and the control door answer, on the loopback. */
  port: z.int().min(1).max(65_535),
  /** Opens the control door. */
  token: z.string().min(32),
  /** Multiplies the platforms' published rates. */
  scale: z.number().positive(),
  /** Mean time to a webhook, a notification or an effect, ms. */
  lagMs: z.number().min(0),
})

export type SandboxesConfig = z.infer<typeof sandboxesShape>
