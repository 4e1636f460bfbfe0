import { ebay } from '../../connectors/ebay/index.ts'
import { conformance } from './conformance.ts'
import { openEbay, traits } from './ebay-stage.ts'

conformance('eBay', { connector: ebay, traits, open: () => openEbay() })
