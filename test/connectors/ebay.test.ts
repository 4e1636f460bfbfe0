import { conformance } from './conformance.ts'
import { stage } from './ebay-stage.ts'

conformance('eBay', stage)
