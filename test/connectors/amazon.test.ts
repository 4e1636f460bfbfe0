import { amazon } from '../../connectors/amazon/index.ts'
import { openAmazon, traits } from './amazon-stage.ts'
import { conformance } from './conformance.ts'

conformance('Amazon', { connector: amazon, traits, open: () => openAmazon() })
