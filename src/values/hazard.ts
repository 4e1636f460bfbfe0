/** Classes and divisions of dangerous goods by the UN Model Regulations; lithium batteries are of class 9, aerosols of 2.1, paints and perfumes of 3. */
export const HAZARDS = [
  ...(['1.1', '1.2', '1.3', '1.4', '1.5', '1.6', '2.1', '2.2', '2.3', '3'] as const),
  ...(['4.1', '4.2', '4.3', '5.1', '5.2', '6.1', '6.2', '7', '8', '9'] as const),
] as const
export type Hazard = (typeof HAZARDS)[number]

export const isHazard = (text: string): text is Hazard => HAZARDS.some(one => one === text)
