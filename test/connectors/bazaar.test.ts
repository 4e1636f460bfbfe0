import { stage } from './bazaar-stage.ts'
import { conformance } from './conformance.ts'

conformance('Bazaar', stage)
