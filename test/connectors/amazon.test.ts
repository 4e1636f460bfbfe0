import { stage } from './amazon-stage.ts'
import { conformance } from './conformance.ts'

conformance('Amazon', stage)
